"""A vote cast in a browser is counted by the deployed stack, and the page says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.scripted_api import served
from tools.live import chromium
from tools.live.votes import page
from tools.operations.deployment import Deployment

COUNTED_MS = 90_000.0
NONE = f"NO CHROMIUM HERE: the voting page was NOT tried (apt-get install chromium, or {chromium.NAMED_BY} names one)"


@pytest.mark.slow
def test_a_vote_of_the_page_is_counted(deployment: Deployment) -> None:
    path = chromium.find()
    if path is None:
        (pytest.fail if chromium.required() else pytest.skip)(NONE)
    told = page.config({"votes_api_url": deployment.outputs["api_url"], "votes": deployment.outputs})
    with served() as files, chromium.started(path) as browser:
        files.config = told
        shown = browser.new_page()
        shown.goto(f"{files.page}#title=voted-in-a-browser")
        shown.get_by_role("group", name="Story").get_by_role("radio", name="4").check()
        shown.get_by_role("button", name="Send my vote").click()
        expect(shown.locator("#step-counted")).to_contain_text("s after you voted", timeout=COUNTED_MS)
        expect(shown.locator("#step-results")).to_contain_text("✓ in the results", timeout=COUNTED_MS)
        expect(shown.get_by_role("table", name="Story")).to_contain_text("4.00 of 1 vote")
        expect(shown.get_by_role("group", name="Story")).to_contain_text("yours stands: 4")
