"""One browser for the voting page's tests, and a page that talks to a scripted API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import real_browser
from tests.web.scripted_api import ScriptedApi, served

WAIT_MS = 10_000.0


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not the session's: its event loop would be in the way of tests that run one of their own."""
    with real_browser.started("voting", WAIT_MS) as browser:
        yield browser


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    """The API that the page talks to; a test says what it answers."""
    with served() as api:
        yield api


@pytest.fixture
def opened(browser: Browser, api: ScriptedApi) -> Iterator[Callable[..., Page]]:
    """Opens the page in a context of its own; what was not caught there fails the test at its end,
    and so does a request to anywhere but the page's origin and the API.
    """
    contexts, wrong = [], list[str]()

    def open_page(title: str = "mv0001", clock: bool = False, **how: Any) -> Page:
        context = browser.new_context(**({"viewport": {"width": 1180, "height": 900}} | how))
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(api.origins) else None)
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        if clock:
            page.clock.install()
        page.goto(api.page + (f"#title={title}" if title else ""))
        expect(page.locator("#titles-note")).not_to_be_empty()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
