"""Each region shows what the server says, and its buttons ask for what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.live_figures import NOON, fault, group, law, load
from tests.support.live_script import Script, until

HOSTILE = '<img src=x onerror="window.harmed = true"><script>window.harmed = true</script>'

# How many pixels of the first chart have the colour of a fault's band's edge.
RED = """() => {
    const canvas = document.querySelector("canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let red = 0;
    for (let n = 0; n < data.length; n += 4) red += data[n] > 150 && data[n + 1] < 80 && data[n + 3] > 200;
    return red;
}"""


def _done(script: Script) -> list[Any]:
    return [one for one in script.done if one[0] != "peek"]


def test_the_law_holds_settles_and_breaks_with_what_is_missing(page: Page, script: Script) -> None:
    chip, region = page.locator("#law-chip"), page.locator("#law")
    expect(chip).to_have_text("✓ law holds")
    expect(region.locator(".equation")).to_have_text(
        "accepted 18,204=counted 17,950+superseded 12+quarantined 31+queued 211"
    )
    expect(region.locator(".missing")).to_be_hidden()
    script.votes["law"] = law("settling", 40)
    expect(chip).to_have_text("◌ law settling")
    expect(region.locator(".missing")).to_have_text("40 on the way.")
    script.votes["law"] = law("broken", 1, ("b-17",))
    expect(chip).to_have_text("✗ law broken")
    expect(region.locator(".missing")).to_have_text("1 missing: b-17.")
    expect(region.locator("[data-part=missing]")).to_be_visible()
    expect(region.get_by_role("img")).to_have_attribute("aria-label", law("broken", 1)["text"])


def test_a_sentence_says_what_is_wrong_and_a_button_cures_it(page: Page, script: Script) -> None:
    expect(page.locator("h1")).to_have_text("All is well: nothing is late, nothing failed.")
    text = "process has taken nothing for 3 minutes: its mapping is off"
    finding = {
        "text": text,
        "command": "make mapping FUNCTION=process ON=yes",
        "since": NOON,
        "about": "function/process",
    }
    script.votes["verdict"] = {
        "well": False,
        "text": text,
        "findings": [finding | {"cure": "c 1", "cure_label": "Switch on"}],
    }
    expect(page.locator("h1")).to_have_text(text)
    expect(page.locator("#verdict")).to_have_attribute("data-well", "false")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("button", name="Switch on")).not_to_have_attribute("aria-busy", "true")
    assert _done(script) == [("cure", ("c 1",), {})]
    script.votes["verdict"]["findings"] = [finding | {"cure": None, "cure_label": ""}]
    expect(page.get_by_role("button", name="Switch on")).to_have_count(0)
    expect(page.locator("#verdict code")).to_have_text("make mapping FUNCTION=process ON=yes")


def test_until_somebody_has_looked_the_sentence_is_neither_green_nor_red(page: Page, script: Script) -> None:
    colours = """() => { const head = document.querySelector("#verdict h1"), mark = getComputedStyle(head, "::before");
        const muted = getComputedStyle(document.querySelector(".none")).color;
        return [mark.content[1], mark.color === muted, getComputedStyle(head).color === muted]; }"""
    tab = page.locator("#pipelines a[href='#votes']")
    page.evaluate("""() => { window.said = []; const one = document.getElementById("announcer");
        new MutationObserver(() => window.said.push(one.textContent)).observe(one, { childList: true }); }""")
    nobody_looked: list[dict[str, Any] | None] = [
        {"well": None, "text": "not looked yet", "findings": []},
        None,
    ]
    for unknown in nobody_looked:
        script.votes["verdict"] = {"well": True, "text": "well: 0 missing", "findings": []}
        expect(page.locator("#verdict")).to_have_attribute("data-well", "true")
        expect(tab).to_have_text("Votes")
        script.votes["verdict"] = unknown
        expect(page.locator("#verdict")).to_have_attribute("data-well", "unknown")
        expect(page.locator("h1")).to_have_text("not looked yet")
        assert page.evaluate(colours) == ["◌", True, True]
        expect(tab).to_have_text("◌ Votes")
    script.votes["verdict"] = {"well": False, "text": "3 dead letters", "findings": []}
    expect(page.get_by_role("status")).to_contain_text("votes is not well: 3 dead letters")
    assert "well again" not in " ".join(page.evaluate("window.said")), "what nobody looked at was no change"


def test_the_picture_shows_backlog_dead_letters_and_what_fails(page: Page, script: Script) -> None:
    count = page.locator('[data-id="queue/count"]')
    low = _level(page)
    script.votes["nodes"]["queue/count"] |= {"waiting": 9_000, "dead": 4, "in_flight": 10}
    expect(count.locator(".figure")).to_have_text("9,000")
    expect(count.locator(".detail")).to_contain_text("✗ 4 dead")
    assert _level(page) < low / 4, "the queue did not fill"
    write = page.locator('[data-id="function/write"]')
    was = write.bounding_box()
    script.votes["nodes"]["function/write"] |= {"failing": "worker killed", "rate": 0, "errors": 4}
    expect(write.locator(".failing")).to_have_text("✗ worker killed")
    expect(write).to_have_attribute("data-state", "failing")
    assert write.bounding_box() == was, "the layout moved"
    script.votes["edges"] = {}
    expect(page.locator(".edges path[data-flows]")).to_have_count(0)
    expect(page.locator(".dot")).to_have_count(0)


def _level(page: Page) -> float:
    fill = page.locator('[data-id="queue/count"] .fill')
    text: str = fill.evaluate("(one) => one.style.transform")
    return float(text.removeprefix("translateY(").removesuffix("%)"))


def test_a_fault_goes_by_what_the_server_says(page: Page, script: Script) -> None:
    card = page.locator("#break .card").first
    expect(card.locator(".expect")).to_contain_text("Expect: The count queue grows")
    page.get_by_label("for").select_option("10")
    page.get_by_role("button", name="Break it: Kill a worker").click()
    expect(card.get_by_role("button")).not_to_have_attribute("aria-busy", "true")
    assert _done(script) == [("break", ("kill",), {"seconds": 10})]
    expect(card.get_by_role("button")).to_have_text("Break it")  # nobody said that it is on
    script.now["faults"][0] = fault("kill", 9.5)
    expect(card.locator(".left")).to_have_text("9.5 s left")
    bands = "window.sluice.history.bands.map((band) => [band.fault, band.to === null])"
    until(lambda: page.evaluate(bands) == [["kill", True]])
    until(lambda: page.evaluate(RED) > 50)
    page.get_by_role("button", name="Heal it: Kill a worker").click()
    expect(card.get_by_role("button")).not_to_have_attribute("aria-busy", "true")
    script.now["faults"][0] = fault("kill", observed="It grew to 641, recovered in 34 s; the law held.")
    expect(card.locator(".observed")).to_have_text("Observed: It grew to 641, recovered in 34 s; the law held.")
    expect(card.get_by_role("button")).to_have_text("Break it")
    until(lambda: page.evaluate(bands) == [["kill", False]])
    page.get_by_role("button", name="Heal all").click()
    expect(page.get_by_role("button", name="Heal all")).not_to_have_attribute("aria-busy", "true")
    assert _done(script)[1:] == [("break", ("kill", "heal"), {}), ("break", ("heal",), {})]


def test_faults_are_offered_where_they_apply(page: Page, script: Script) -> None:
    page.get_by_role("link", name="Harvest").click()
    expect(page.locator("#break")).to_be_hidden()
    script.now["faults"][2]["pipelines"] = ["votes", "harvest"]
    expect(page.locator("#break .card")).to_have_count(1)


def test_load_is_pressed_where_the_server_says_so(page: Page, script: Script) -> None:
    region = page.locator("#load")
    expect(region.get_by_role("button", pressed=True)).to_have_text("100/s")
    expect(region.locator(".aside")).to_have_text("18,204 sent")
    region.get_by_role("button", name="Burst, 5,000").click()
    expect(region.locator("[aria-busy]")).to_have_count(0)
    assert _done(script) == [("load", ("votes",), {"shape": "burst", "rate": 5000})]
    expect(region.get_by_role("button", pressed=True)).to_have_text("100/s")
    script.votes["load"] = load("replay", 0) | {"refused": 7}
    expect(region.get_by_role("button", pressed=True)).to_have_text("Replay the film data")
    expect(region.locator(".aside")).to_have_text("18,204 sent, 7 refused")


def test_dead_letters_go_back_by_group_or_one_and_are_parked(page: Page, script: Script) -> None:
    one = {"id": "m-1", "body": "{}", "at": None, "receives": 5}
    _fail(
        script,
        group("AccessDenied", 31, samples=[one], again=2),
        group("title-not-open", 3, kind="quarantine", samples=[one]),
    )
    card = page.locator("#letters .card").first
    expect(card.locator(".tag")).to_have_text("dead · failed again ×2")
    expect(page.locator("#failures li").first).to_contain_text("31 ×")
    card.get_by_role("button", name="Redrive all 31").click()
    card.get_by_text("Look at some").click()
    card.get_by_role("button", name="Redrive this one").click()
    card.get_by_role("button", name="Park").click()
    page.locator("#failures").get_by_role("button", name="Redrive 31").click()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    to = ("votes", "redrive")
    wanted = [("redrive", to, {"group": "accessdenied"}), ("redrive", to, {"message": "m-1"})]
    wanted += [("redrive", ("votes", "park"), {"group": "accessdenied"}), ("redrive", to, {"group": "accessdenied"})]
    assert sorted(_done(script), key=str) == sorted(wanted, key=str)
    refused = page.locator("#letters .card").nth(1)
    refused.get_by_text("Look at some").click()
    expect(refused.get_by_role("button")).to_have_text(["Redrive all 3", "Park"])  # by its group alone
    script.votes["jobs"] = [{"id": "j", "text": "Redrive AccessDenied", "moved": 12, "of": 31, "state": "running"}]
    expect(page.locator(".jobs li")).to_contain_text("12 of 31 · running")
    _fail(script)
    expect(page.locator("#letters .none")).to_be_visible()


def _fail(script: Script, *groups: dict[str, Any]) -> None:
    script.groups = list(groups)
    script.votes["failures"] = [{name: one[name] for name in one if name != "samples"} for one in groups]


def test_what_strangers_wrote_stays_text(page: Page, script: Script) -> None:
    sample = {"id": HOSTILE, "body": HOSTILE + "x" * 5000, "at": None, "receives": 1}
    _fail(script, group(HOSTILE, 1, where=HOSTILE, samples=[sample]))
    script.votes["verdict"] = {"well": False, "text": HOSTILE, "findings": []}
    script.votes["changes"] = [{"at": 1, "text": HOSTILE}]
    script.messages = [{"id": "m", "body": HOSTILE, "age_seconds": 1, "receives": 1, "in_flight": True}]
    expect(page.locator("h1")).to_have_text(HOSTILE)
    page.locator("#letters summary").click()
    expect(page.locator("#letters pre")).to_contain_text("… (")
    page.locator('[data-id="queue/ingest"] button').click()
    expect(page.locator("dialog pre")).to_have_text(HOSTILE)
    assert page.locator("img, main script").count() == 0
    assert page.evaluate("window.harmed") is None


def test_a_queue_is_looked_into_and_left_as_it_was(page: Page, script: Script) -> None:
    body = json.dumps({"voter_id": "v-1"})
    script.messages = [
        {"id": f"m-{n}", "body": body, "age_seconds": 1.5, "receives": 1, "in_flight": n == 1} for n in range(3)
    ]
    queue = page.locator('[data-id="queue/ingest"] button')
    queue.press("Enter")
    dialog = page.get_by_role("dialog", name="ingest")
    expect(dialog).to_contain_text("3 of 12,431 messages, untouched.")
    expect(dialog.locator(".messages li").nth(1)).to_contain_text("m-1 1.5 s old · 1 receive · in flight")
    assert script.done == [("peek", ("votes", "queue/ingest"), {})]
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(queue).to_be_focused()


def test_one_is_followed_until_it_has_arrived(page: Page, script: Script) -> None:
    done = {"name": "accepted", "state": "done", "at": NOON, "evidence": "answered 202"}
    waits = {"name": "counted", "state": "not-yet", "at": None, "evidence": "the tick comes in 2 s"}
    script.followed["b-1"] = [done, waits]
    page.get_by_label("Its id").fill("b-1")
    page.keyboard.press("Enter")
    region = page.locator("#follow")
    expect(region.locator(".said")).to_have_text("b-1 is on its way.")
    expect(region.locator("li").nth(1)).to_contain_text("not yet")
    script.followed["b-1"] = [done, waits | {"state": "done", "at": NOON + 1400, "evidence": "epoch 4 folded it"}]
    expect(region.locator(".said")).to_have_text("b-1 arrived.")
    expect(region.locator("li").nth(1)).to_contain_text("1.4 s after")
    page.get_by_label("Its id").fill("nobody")
    page.keyboard.press("Enter")
    expect(region.locator(".said")).to_have_text("no ballot 'nobody' is known here")


def test_an_address_follows_at_once(opened: Callable[..., Page], script: Script) -> None:
    script.followed["a/b 1"] = [{"name": "accepted", "state": "failed", "at": None, "evidence": "refused"}]
    page = opened("#votes/follow/a%2Fb%201")
    expect(page.locator("#follow .said")).to_have_text("a/b 1 did not arrive.")


def test_a_refusal_is_told_in_the_servers_words(page: Page, script: Script) -> None:
    script.refuses = "the proxy is not up: make down, then make live"
    page.get_by_role("button", name="Break it: Throttle the table").click()
    expect(page.locator("#notice")).to_contain_text(script.refuses)
    expect(page.get_by_role("status")).to_contain_text(script.refuses)
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#notice")).to_be_hidden()


def test_changes_of_state_alone_are_announced(page: Page, script: Script) -> None:
    page.evaluate("""() => { window.said = []; const one = document.getElementById("announcer");
        new MutationObserver(() => window.said.push(one.textContent)).observe(one, { childList: true }); }""")
    assert page.locator("[aria-live], [role=status], [role=alert], [role=log]").count() == 1
    for waiting in (5, 6, 7, 8):
        script.votes["nodes"]["queue/ingest"] |= {"waiting": waiting}
        expect(page.locator('[data-id="queue/ingest"] .figure')).to_have_text(str(waiting))
    assert page.evaluate("window.said") == []
    script.votes["law"] = law("broken", 1)
    script.now["faults"][0] = fault("kill", 9.0)
    expect(page.get_by_role("status")).to_contain_text("The law of votes: broken.")
    said = page.evaluate("window.said")
    assert len(said) <= 2, said  # not one by one, but together
    assert "Kill a worker: on." in " ".join(said)


def test_behind_each_chart_is_a_table_of_the_same(page: Page, script: Script) -> None:
    script.votes["nodes"]["queue/ingest"] |= {"waiting": 4_242, "in_flight": 1, "delayed": 0}
    figure = page.locator("#charts figure").first
    expect(figure.locator(".legend li").first).to_have_text("ingest 4,243")
    figure.locator("summary").click()
    expect(figure.locator("tbody tr").first.locator("td").first).to_have_text("4,243")
    expect(figure.locator("thead th")).to_have_text(["at", "ingest", "count", "tick"])
    label = figure.get_by_role("img").get_attribute("aria-label") or ""
    assert label.startswith("In the queues, now: ingest")


@pytest.mark.parametrize("plain", [4.39, None])
def test_what_it_costs_says_what_it_rests_on(page: Page, script: Script, plain: float | None) -> None:
    script.votes["cost"] |= {"dollars": 0.0451, "plain_a_million": plain}
    region = page.locator("#cost")
    expect(region.locator(".dollars")).to_have_text("$0.0451 so far")
    expect(region.locator("li")).to_have_count(1 if plain is None else 2)
    expect(region.locator(".small")).to_contain_text("emulator's counts at list prices")
