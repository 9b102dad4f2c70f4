"""`make screenshots`: the pictures of the docs, out of a real run of `make live` in a real browser.

It starts one, presses the page's own buttons, and prints what the page costs the browser meanwhile.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

from tools.common.commands import CommandParser
from tools.common.errors import CommandError
from tools.common.paths import ROOT

PICTURES = ROOT / "docs" / "pictures"
LOAD = "#load .shape:nth-child(2) .keys button:nth-child(2)"  # the second shape is the steady one
FAULT = "#break .card:nth-child(2) button"
WIDTH, HEIGHT, LOWER = 1440, 900, 760
MOST_BYTES = 150_000
WAIT_MS = 120_000.0  # until a run under load shows what is wanted
SETTLE_MS = 700.0
QUIET_SECONDS, FAULT_SECONDS, MEASURED_SECONDS = 45, 14, 15

say = partial(print, flush=True)


def main() -> int:
    """Make them."""
    parser = CommandParser(prog="live", description=__doc__)
    command = parser.add_command("screenshots", _screenshots)
    command.add_variable("URL", about="the page of a make live that runs, instead of starting one")
    return parser.run()


def _screenshots(options: argparse.Namespace) -> int:
    from tools.live import chromium
    from tools.live.pictures.running import running

    path = chromium.find()
    if path is None:
        raise CommandError(f"no Chromium here: apt-get install chromium, or {chromium.NAMED_BY} names one")
    with nullcontext(options.url) if options.url else running(say) as url, chromium.started(path) as browser:
        light = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        light.goto(url)
        _press(light, LOAD)
        light.wait_for_timeout(QUIET_SECONDS * 1000)
        _measure(light)
        _until_well(light)
        _take(light, "live-light")
        light.close()
        dark = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark")
        dark.goto(url)
        _press(dark, FAULT)
        dark.locator("#break .card[data-on]").wait_for(timeout=WAIT_MS)
        dark.wait_for_timeout(FAULT_SECONDS * 1000)
        _take(dark, "live-fault-dark")
        dark.set_viewport_size({"width": WIDTH, "height": LOWER})
        _take(dark, "live-break-dark", "document.getElementById('charts').scrollIntoView()")
        if dark.request.head(f"{url}vote/", headers={"user-agent": "screenshots"}).ok:
            dark.emulate_media(color_scheme="light")
            dark.goto(f"{url}vote/")
            _press(dark, "#titles button")
            dark.wait_for_timeout(SETTLE_MS)
            _take(dark, "live-vote")
    return 0


def _until_well(page: Any) -> None:
    """Raises CommandError where this machine is too busy for a run that is well."""
    from playwright.sync_api import TimeoutError as TooLate

    try:
        page.locator("#verdict[data-well=true]").wait_for(timeout=WAIT_MS)
    except TooLate as error:
        told = page.locator("#verdict h1").inner_text()
        raise CommandError(f"the run is not well, so it is no picture to show: {told}") from error


def _press(page: Any, selector: str) -> None:
    """The first button that is such; the page shows it once the source can do that."""
    page.locator(selector).first.click(timeout=WAIT_MS)


def _take(page: Any, name: str, scroll: str = "scrollTo(0, 0)") -> None:
    """Write a picture of what is seen after a scroll."""
    path = PICTURES / f"{name}.png"
    page.evaluate(scroll)
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLE_MS)
    page.locator("body:not([data-stream=lost])").wait_for(timeout=WAIT_MS)
    page.screenshot(path=path)
    size = path.stat().st_size
    say(f"{path.name}: {size / 1024:.0f} KB")
    if size > MOST_BYTES:
        raise CommandError(f"{path.name} has {size:,} bytes, more than {MOST_BYTES:,}")


def _measure(page: Any) -> None:
    """How busy the page keeps the browser's main thread, when it first painted, what was sent."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})  # of the CPU, whoever else runs

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")

    before = busy()
    page.wait_for_timeout(MEASURED_SECONDS * 1000)
    share = (busy() - before) / MEASURED_SECONDS
    asked: Callable[[str], Any] = page.evaluate
    paint = asked("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    sent = asked("performance.getEntries().reduce((sum, one) => sum + (one.encodedBodySize ?? 0), 0)")
    say(f"main thread {share:.1%} busy, first paint after {paint:.0f} ms, {sent / 1024:.0f} KB sent")


if __name__ == "__main__":
    sys.exit(main())
