"""What is shown is the newest, or is said to be old: the stream, cut, stopped, slow and hidden."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page, expect

from tests.support.live_figures import law
from tests.support.live_script import Live, Script, until
from tools.live.stream import event

AT = "window.sluice.history.at"
HIDDEN = (
    "Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => '%s'}); "
    "document.dispatchEvent(new Event('visibilitychange'))"
)


def _at(page: Page) -> list[int]:
    at: list[int] = page.evaluate(AT)
    return at


def _queue(page: Page) -> Any:
    return page.locator('[data-id="queue/ingest"] .figure')


def test_values_that_no_longer_come_are_frozen_in_words_and_grey(page: Page, script: Script) -> None:
    script.going.clear()
    expect(page.locator("#frozen")).to_contain_text("values are frozen at")
    expect(page.locator("#connection")).to_contain_text("reconnecting")
    for part in ("main", "#law-chip"):
        expect(page.locator(part)).to_have_css("filter", "grayscale(1)")
    script.going.set()
    expect(page.locator("#frozen")).to_be_hidden()
    expect(page.locator("main")).to_have_css("filter", "none")


def test_old_values_are_frozen_though_the_stream_goes_on(page: Page, script: Script) -> None:
    script.old_seconds = 4.0
    expect(page.locator("#frozen")).to_be_visible()
    script.old_seconds = 0.0
    expect(page.locator("#frozen")).to_be_hidden()


def test_a_snapshot_that_cannot_be_taken_is_told_with_its_reason(page: Page, live: Live, script: Script) -> None:
    script.going.clear()
    live.send(event("trouble", {"message": "EndpointConnectionError: no <b>emulator</b>"}))
    expect(page.locator("#frozen")).to_contain_text("EndpointConnectionError: no <b>emulator</b>")
    script.going.set()
    expect(page.locator("#frozen")).to_be_hidden()


def test_a_stream_that_was_cut_comes_back_without_reload_or_doubled_point(page: Page, live: Live) -> None:
    page.evaluate("window.here = true")
    until(lambda: len(_at(page)) > 5)
    live.cut()
    expect(page.locator("#frozen")).to_be_visible()
    expect(page.locator("#frozen")).to_be_hidden()
    before = len(_at(page))
    until(lambda: len(_at(page)) > before)
    assert page.evaluate("window.here")
    columns = page.evaluate(f"[{AT}, ...Object.values(window.sluice.history.of('votes', 'depth'))]")
    assert columns[0] == sorted(set(columns[0]))
    assert {len(column) for column in columns} == {len(columns[0])}


def test_another_start_of_the_server_brings_another_history(page: Page, live: Live, script: Script) -> None:
    until(lambda: len(_at(page)) > 5)
    script.going.clear()  # nothing else is sent meanwhile
    began = page.evaluate("performance.getEntriesByName(location.origin + '/events').length")
    live.send(event("snap", page.evaluate("window.sluice.newest()") | {"instance": "another"}))
    until(lambda: page.evaluate("performance.getEntriesByName(location.origin + '/events').length") > began)
    script.going.set()
    expect(page.locator("#frozen")).to_be_hidden()


def test_a_hidden_tab_holds_no_connection(page: Page, live: Live) -> None:
    until(lambda: live.looking == 1)
    page.evaluate(HIDDEN % "hidden")
    until(lambda: live.looking == 0)
    page.evaluate(HIDDEN % "visible")
    until(lambda: live.looking == 1)
    expect(page.locator("#connection .word")).to_contain_text("live")


def test_the_seventh_tab_loads(page: Page, live: Live) -> None:
    for _ in range(6):
        page.evaluate(HIDDEN % "hidden")
        page = page.context.new_page()
        page.goto(live.url)
        expect(page.locator("#connection .word")).to_contain_text("live")
    until(lambda: live.looking == 1)


def test_a_slow_tab_gets_the_newest(page: Page, script: Script) -> None:
    nodes = script.votes["nodes"]
    before = page.evaluate("window.sluice.drawn()")
    page.evaluate("setTimeout(() => { const end = performance.now() + 1000; while (performance.now() < end); }, 0)")
    for waiting in range(1000, 1008):
        nodes["queue/ingest"] |= {"waiting": waiting}
        time.sleep(0.1)
    expect(_queue(page)).to_have_text("1,007")
    assert page.evaluate("window.sluice.drawn()") - before < 8, "it drew what was old already"


def test_paused_nothing_changes_and_then_all_is_there(page: Page, script: Script) -> None:
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#connection")).to_contain_text("paused at")
    drawn = page.evaluate("window.sluice.drawn()")
    script.votes["nodes"]["queue/ingest"] |= {"waiting": 777}
    points = len(_at(page))
    until(lambda: len(_at(page)) > points + 3)
    assert page.evaluate("window.sluice.drawn()") == drawn
    expect(page.locator(".dot")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    expect(_queue(page)).to_have_text("777")


def test_what_did_not_change_is_not_written_again(page: Page, script: Script) -> None:
    page.evaluate("""() => {
        window.written = [];
        const told = (one) => `${one.type} ${one.attributeName ?? ""} of ${one.target.outerHTML ?? one.target.data}`;
        const watch = new MutationObserver((all) => window.written.push(...all.map(told)));
        const how = { subtree: true, childList: true, characterData: true, attributes: true };
        for (const one of document.querySelectorAll("#law, #verdict, #flow .nodes, #break, #load, #cost, #failures")) {
            watch.observe(one, how);
        }
    }""")
    drawn = page.evaluate("window.sluice.drawn()")
    until(lambda: page.evaluate("window.sluice.drawn()") > drawn + 5)
    assert page.evaluate("window.written") == []
    script.votes["law"] = law("settling", 3)
    expect(page.locator("#law .missing")).to_contain_text("3")
    assert page.evaluate("window.written.length") > 0


def test_one_stream_serves_all_pipelines(page: Page, live: Live) -> None:
    page.get_by_role("link", name="Receipts").click()
    expect(page.locator('[data-id="queue/image"]')).to_be_visible()
    page.get_by_role("link", name="Votes").click()
    expect(_queue(page)).to_be_visible()
    assert live.looking == 1
