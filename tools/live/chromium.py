"""A Chromium of this machine, driven by Playwright: no browser is downloaded.

Tests and `make screenshots` start it; nothing that serves the page needs it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMED_BY = "SLUICE_CHROMIUM"  # a path; or REQUIRED: one must be there, wherever
REQUIRED = "required"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync", "--no-default-browser-check"),
    *("--disable-background-networking", "--disable-component-update", "--no-proxy-server"),
)
START_MS = 60_000.0


def find() -> str | None:
    """The browser's path: what SLUICE_CHROMIUM names, or one on the PATH; None where none is."""
    named = os.environ.get(NAMED_BY, "")
    if named not in ("", REQUIRED):
        return named
    return next(filter(None, map(shutil.which, NAMES)), None)


def required() -> bool:
    """Whether it is an error that there is none."""
    return os.environ.get(NAMED_BY) == REQUIRED


@contextmanager
def started(path: str) -> Iterator[Browser]:
    """A browser with an empty profile, closed at the end. As root it has no sandbox of its own."""
    alone = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, *alone], timeout=START_MS)
        try:
            yield browser
        finally:
            browser.close()
