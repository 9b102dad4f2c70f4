"""A real browser for the tests of a page; skipped, aloud, where this machine has none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from tools.live import chromium


@contextmanager
def started(page: str, wait_ms: float) -> Iterator[Browser]:
    """A browser in which that page is tried; `wait_ms`: how long `expect` waits at most."""
    path = chromium.find()
    if path is None:
        none = f"NO CHROMIUM HERE: the {page} page was NOT tried"
        (pytest.fail if chromium.required() else pytest.skip)(
            f"{none} (apt-get install chromium, or {chromium.NAMED_BY} names one)"
        )
    expect.set_options(timeout=wait_ms)
    with chromium.started(path) as browser:
        yield browser
