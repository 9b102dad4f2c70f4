"""The page as a whole: of this machine, small, for every eye and hand, read only where it is."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.live_figures import FLOWS, fault, group, law
from tests.support.live_script import PROD, Live, Script, until

MOST_SENT = 120 * 1024  # bytes, all files of the page as they are sent
LEAST_TARGET = 36  # pixels
PHONE = {"width": 390, "height": 844}
AXE = Axe().axe_script

Open = Callable[..., Page]


def _everything(script: Script) -> None:
    """All that there may be to see, at once."""
    groups = [
        group("AccessDenied", 31),
        group("Timeout", 2, parked=True),
        group("title-not-open", 12, kind="quarantine"),
    ]
    body = {"id": "m-1", "body": '{"voter_id": "v-1"}', "at": None, "receives": 5}
    script.groups = [one | {"samples": [body]} for one in groups]
    job = {"id": "j", "text": "Redrive", "moved": 12, "of": 31, "state": "running"}
    cure = {"cure": "m1", "cure_label": "Switch it on", "command": "make mapping", "since": None, "about": ""}
    text = "write has taken nothing for 3 minutes: its mapping is off"
    verdict = {"well": False, "text": text, "findings": [{"text": text} | cure]}
    script.votes.update(failures=groups, jobs=[job], verdict=verdict, law=law("broken", 3, ("b-1", "b-2")))
    script.votes["nodes"]["function/write"] |= {"failing": "worker killed", "errors": 3}
    script.votes["nodes"]["queue/count"] |= {"dead": 31}
    script.votes["nodes"]["function/tally"] |= {"mapping": "off"}
    script.now["faults"] = [
        fault("kill", 12.0),
        fault("throttle", observed="It was slower; the law held."),
        fault("cut"),
    ]
    step = {"name": "accepted", "state": "done", "at": 1, "evidence": "answered 202"}
    script.followed["b-1"] = [step, step | {"name": "counted", "state": "failed"}]


def _open_everything(page: Page) -> None:
    expect(page.locator("#letters .card")).to_have_count(3)
    page.locator("#letters summary").first.click()
    page.locator("#charts summary").first.click()
    page.get_by_label("Its id").fill("b-1")
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.locator(".steps li")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened: Open, script: Script, scheme: str) -> None:
    _everything(script)
    page = opened(color_scheme=scheme, reduced_motion="reduce")
    _open_everything(page)
    page.evaluate(AXE)  # the page's policy refuses a script tag
    found = page.evaluate("axe.run()")
    told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    assert told == []
    assert len(found["passes"]) > 20
    page.locator('[data-id="queue/ingest"] button').click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("axe.run(document.querySelector('dialog'))")["violations"] == []


def test_it_comes_from_this_machine_alone_and_is_small(page: Page, live: Live) -> None:
    entries = "performance.getEntries().filter((one) => 'encodedBodySize' in one)"
    files = page.evaluate(f"{entries}.map((one) => [one.name, one.encodedBodySize])")
    assert {urlsplit(url).hostname for url, _ in files} == {"127.0.0.1"}
    assert len(files) > 20
    assert 20_000 < sum(size for url, size in files if "/events" not in url) <= MOST_SENT
    again = page.goto(live.url)
    assert again
    assert "default-src 'self'" in again.headers["content-security-policy"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways_and_every_target_is_large(opened: Open, script: Script, scheme: str) -> None:
    _everything(script)
    page = opened(viewport=PHONE, color_scheme=scheme, has_touch=True)
    _open_everything(page)
    for name in ("Votes", "Receipts", "Harvest"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert page.locator(".map.narrow").count() == 1
        assert _small(page) == []


def test_every_target_is_large_on_a_desk(opened: Open, script: Script) -> None:
    _everything(script)
    page = opened()
    _open_everything(page)
    assert _small(page) == []


def _small(page: Page) -> list[Any]:
    boxes = page.evaluate("""() => [...document.querySelectorAll("a, button, input, select, summary")]
        .filter((one) => one.checkVisibility() && !one.matches(".skip"))
        .map((one) => [one.outerHTML, one.getBoundingClientRect().height, one.getBoundingClientRect().width])""")
    assert len(boxes) > 5
    return [box for box in boxes if min(box[1:]) < LEAST_TARGET]


def test_dots_move_but_for_those_who_asked_for_less_motion(opened: Open) -> None:
    page = opened()
    expect(page.locator(".dot").first).to_be_attached()
    still = opened(reduced_motion="reduce")
    drawn = still.evaluate("window.sluice.drawn()")
    until(lambda: still.evaluate("window.sluice.drawn()") > drawn + 8)
    assert still.locator(".dot").count() == 0


def test_charts_take_the_colours_of_the_theme(opened: Open) -> None:
    page = opened(color_scheme="light")
    ink = """() => { const canvas = document.querySelector("canvas"); const { data } = canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height); const seen = {};
        for (let n = 0; n < data.length; n += 4) if (data[n + 3] > 200) {
          const key = `${data[n]},${data[n + 1]},${data[n + 2]}`; seen[key] = (seen[key] ?? 0) + 1; }
        return seen; }"""
    until(lambda: page.evaluate(ink).get("11,111,134", 0) > 5)
    page.emulate_media(color_scheme="dark")
    until(lambda: page.evaluate(ink).get("92,200,224", 0) > 5)
    assert page.evaluate(ink).get("11,111,134", 0) == 0


def test_what_is_read_only_says_so_and_has_no_button(opened: Open, script: Script, live: Live) -> None:
    _everything(script)
    script.about = PROD
    page = opened()
    expect(page.locator("#band")).to_contain_text("prod · account 123456789012 · read only · as of")
    for name in ("Break", "Redrive", "Park", "Heal", "Burst", "Switch it on"):
        assert page.get_by_role("button", name=name).count() == 0
    expect(page.locator("#verdict code")).to_have_text("make mapping")
    expect(page.locator("#letters .card")).to_have_count(3)
    status = page.evaluate("""async () => {
        const how = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
        const letters = ["/letters/votes/redrive", "/letters/votes/park"];
        const all = ["/heal", "/faults/kill", "/load/votes", "/cures/m1", ...letters];
        return Promise.all(all.map(async (path) => (await fetch(path, how)).status));
    }""")
    assert status == [405] * 6
    assert script.done == []
    script.votes.update(failures=None, changes=None)
    expect(page.locator("#failures")).to_be_hidden()
    expect(page.locator("#changes")).to_be_hidden()


def test_all_of_it_can_be_done_by_keyboard(page: Page, script: Script) -> None:
    script.votes["failures"] = [group("AccessDenied", 31)]
    script.groups = [group("AccessDenied", 31, samples=[])]
    expect(page.locator("#letters .card")).to_have_count(1)
    wanted = ["Break it: Kill a worker", "Redrive all 31: AccessDenied"]
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to what is happening")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(60):
        page.keyboard.press("Tab")
        if not wanted:
            break
        name = page.evaluate("document.activeElement.ariaLabel ?? ''")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "focus is not seen"
        if name in wanted:
            wanted.remove(name)
            page.keyboard.press("Enter")
    assert wanted == []
    expect(page.locator("#break .card").first).to_be_visible()
    until(lambda: [what for what, *_ in script.done] == ["break", "redrive"])


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.pipeline)
def test_each_pipelines_picture_is_whole_and_nothing_covers_another(opened: Open, flow: Any) -> None:
    page = opened(f"#{flow.pipeline}", viewport={"width": 1280, "height": 900})
    expect(page.locator(".node")).to_have_count(len(flow.nodes))
    expect(page.locator(".edges path")).to_have_count(len(flow.edges))
    assert page.locator(".map.narrow").count() == 0
    boxes = page.evaluate("[...document.querySelectorAll('.node')].map((one) => one.getBoundingClientRect().toJSON())")
    edge = page.locator(".map").bounding_box()
    assert edge
    for box in boxes:
        assert edge["x"] <= box["left"] < box["right"] <= edge["x"] + edge["width"]
        assert box["bottom"] <= edge["y"] + edge["height"]
    for one, other in pairwise(sorted(boxes, key=lambda box: (box["top"], box["left"]))):
        assert one["top"] != other["top"] or one["right"] < other["left"]
    cut = page.evaluate("""[...document.querySelectorAll('.node .box > span:not(.fill)')].filter((one) => {
        const [inner, outer] = [one.getBoundingClientRect(), one.parentNode.getBoundingClientRect()];
        if (!one.textContent) return false;
        return inner.left < outer.left || inner.right > outer.right || inner.bottom > outer.bottom;
    }).map((one) => one.textContent)""")
    assert cut == []


def test_the_picture_has_its_text(page: Page) -> None:
    expect(page.locator("#flow svg")).to_have_attribute("aria-hidden", "true")
    node = page.locator('[data-id="function/process"]')
    expect(node).to_have_text("process 93/s 3 busy , goes to count and quarantine", use_inner_text=False)


def test_a_source_without_a_law_or_a_cost_shows_none(opened: Open, script: Script) -> None:
    script.votes.update(law=None, cost=None, load=None, extra=[])
    page = opened()
    for region in ("#law", "#law-chip", "#cost", "#load"):
        expect(page.locator(region)).to_be_hidden()
