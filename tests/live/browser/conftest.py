"""One browser for all of these tests; a page that is served, and a context, for each.

They wait on what the page shows (`expect`), never for a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import real_browser
from tests.support.live_script import Live, Script, served

WAIT_MS = 20_000.0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A file's, no longer: its event loop is in the way of tests that run one of their own."""
    with real_browser.started("live", WAIT_MS) as browser:
        yield browser


@pytest.fixture
def script() -> Script:
    """What the page is told; a test may change it at any time."""
    return Script()


@pytest.fixture
def live(script: Script) -> Iterator[Live]:
    """The served page."""
    with served(script) as live:
        yield live


@pytest.fixture
def opened(browser: Browser, live: Live) -> Iterator[Callable[..., Page]]:
    """Opens the page in a context of its own, made with what is given; what the console says of
    errors, and what is not caught, fails the test at its end.
    """
    contexts, wrong = [], list[str]()

    def open_page(path: str = "", **how: Any) -> Page:
        context = browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | how))
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(live.url + path)
        expect(page.locator(".node").first).to_be_visible()
        expect(page.locator("#connection .word")).to_contain_text("live")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in wrong if not _expected(text)] == []


def _expected(text: str) -> bool:
    """A browser says in its console which request was refused, or was cut."""
    return text.startswith("Failed to load resource:") or "ERR_INCOMPLETE_CHUNKED_ENCODING" in text


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    """The page, open and live."""
    return opened()
