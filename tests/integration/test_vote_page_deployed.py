"""A vote cast in a browser is counted by the deployed stack, and the page says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support import real_browser
from tests.web.scripted_api import served
from tools.live.votes import page
from tools.operations.deployment import Deployment

WAIT_MS, COUNTED_MS = 5_000.0, 90_000.0


@pytest.mark.slow
def test_a_vote_of_the_page_is_counted(deployment: Deployment) -> None:
    told = page.config({"votes_api_url": deployment.outputs["api_url"], "votes": deployment.outputs})
    with real_browser.started("voting", WAIT_MS) as browser, served() as files:
        files.config = told
        shown = browser.new_page()
        shown.goto(f"{files.page}#title=voted-in-a-browser")
        shown.get_by_role("group", name="Story").get_by_role("radio", name="4").check()
        shown.get_by_role("button", name="Send my vote").click()
        expect(shown.locator("#step-counted")).to_contain_text("s after you voted", timeout=COUNTED_MS)
        expect(shown.locator("#step-results")).to_contain_text("✓ in the results", timeout=COUNTED_MS)
        expect(shown.get_by_role("table", name="Story")).to_contain_text("4.00 of 1 vote")
        expect(shown.get_by_role("group", name="Story")).to_contain_text("yours stands: 4")
