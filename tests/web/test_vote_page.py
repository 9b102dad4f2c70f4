"""The voting page in a real browser, against an API that says what a test wants."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.scripted_api import ASPECTS, SECOND, ScriptedApi, histogram, place, refused

Open = Callable[..., Page]
HOSTILE = "<img src=x onerror=document.title='taken'>"


def choose(page: Page, aspect: str, score: str) -> None:
    """Choose a score."""
    page.get_by_role("group", name=aspect).get_by_role("radio", name=score, exact=True).check()


def send(page: Page) -> None:
    """Send the vote."""
    page.get_by_role("button", name="Send my vote").click()


def test_a_vote_is_on_its_way_then_counted_then_in_the_results(api: ScriptedApi, opened: Open) -> None:
    page = opened()
    expect(page.get_by_role("table", name="Story")).to_contain_text("2")
    choose(page, "Story", "4")
    choose(page, "Music", "2")
    send(page)
    expect(page.locator("#said")).to_contain_text("on its way")
    expect(page.locator("#step-accepted")).to_contain_text("✓ accepted")
    expect(page.locator("#step-counted")).to_have_attribute("data-state", "now")
    expect(page.get_by_role("table", name="Story")).to_contain_text("4.33 of 3 votes")  # nothing is made up
    (ballot,) = api.ballots
    assert ballot["votes"] == {"story": 4, "music": 2}
    assert ballot["title_id"] == "mv0001"
    api.count()
    expect(page.locator("#step-counted")).to_contain_text("s after you voted")
    expect(page.get_by_role("group", name="Story")).to_contain_text("yours stands: 4")
    api.in_results = True
    api.results |= {"voters": 4, "as_of": SECOND}
    api.results["aspects"]["story"] = histogram(five=2, four=1, three=1)
    expect(page.locator("#step-results")).to_contain_text("✓ in the results")
    expect(page.get_by_role("table", name="Story")).to_contain_text("4.25 of 4 votes")


def test_sent_again_it_is_the_same_ballot_by_the_same_voter(api: ScriptedApi, opened: Open) -> None:
    page = opened()
    choose(page, "Story", "5")
    send(page)
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("#said")).to_contain_text("counted once")
    first, second = api.ballots
    assert first == second
    assert page.locator("#voter-id").inner_text() == first["voter_id"]
    read = next(headers for headers in api.headers if "voter-id" in headers)
    assert read["voter-id"] == first["voter_id"]
    page.get_by_role("button", name="Vote as someone else").click()
    assert page.locator("#voter-id").inner_text() != first["voter_id"]


def test_what_stands_is_shown_and_only_a_change_is_sent_null_to_withdraw(api: ScriptedApi, opened: Open) -> None:
    said = {"ballot_id": "b", "cast_at": "2026-11-20T08:00:00.000000Z"}
    api.votes = {"story": {"score": 5, **said}, "music": {"score": None, **said}}
    page = opened()
    group = page.get_by_role("group", name="Story")
    expect(group).to_contain_text("yours stands: 5")
    expect(group.get_by_role("radio", name="5")).to_be_checked()
    expect(page.get_by_role("group", name="Music")).to_contain_text("you withdrew it")
    send(page)
    expect(page.locator("#said")).to_contain_text("Choose a score first")
    choose(page, "Story", "Withdraw")
    send(page)
    expect(page.locator("#step-accepted")).to_contain_text("✓")
    assert [ballot["votes"] for ballot in api.ballots] == [{"story": None}]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_told_in_words_and_the_same_ballot_sent_when_it_says(
    api: ScriptedApi, opened: Open, status: int
) -> None:
    api.next = [(status, {"message": "no"}, {"retry-after": "2"})]
    page = opened()
    choose(page, "Story", "5")
    send(page)
    words = {429: "Many people are voting", 503: "takes nothing at this moment"}[status]
    expect(page.locator("#said")).to_contain_text(words)
    expect(page.locator("#said")).to_contain_text("sent again in 2 seconds")
    expect(page.locator("#step-accepted")).to_contain_text("✓ accepted")
    first, second = api.ballots
    assert first == second


def test_it_gives_up_after_four_tries_and_leaves_the_next_to_a_person(api: ScriptedApi, opened: Open) -> None:
    api.next = [(429, {"message": "no"}, {"retry-after": "1"})] * 4
    page = opened(clock=True)
    choose(page, "Story", "5")
    send(page)
    for tries in range(1, 4):
        expect(page.locator("#said")).to_contain_text("sent again in 1 second")
        page.wait_for_function("document.querySelector('#said').textContent.includes('again in')")
        while len(api.ballots) == tries:
            page.clock.run_for(1_000)
    expect(page.locator("#step-accepted")).to_contain_text("✗ not accepted")
    assert len(api.ballots) == 4
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("#step-accepted")).to_contain_text("✓ accepted")
    assert all(ballot == api.ballots[0] for ballot in api.ballots)


def test_a_rejected_ballot_is_told_in_words_and_not_sent_again(api: ScriptedApi, opened: Open) -> None:
    api.next = [refused(400, "too-late", "cast_at is ahead")]
    page = opened()
    choose(page, "Story", "5")
    send(page)
    expect(page.locator("#said")).to_contain_text("This device's clock is more than a minute ahead")
    expect(page.get_by_role("button", name="Send it again")).to_be_hidden()
    api.next = [(202, {"accepted": [], "rejected": [{"index": 0, "code": "new", "message": HOSTILE}]}, {})]
    choose(page, "Story", "4")
    send(page)
    expect(page.locator("#said")).to_contain_text(HOSTILE)
    assert len(api.ballots) == 2


def test_what_strangers_wrote_stays_text(api: ScriptedApi, opened: Open) -> None:
    api.config["names"] = {"mv0001": HOSTILE}
    api.titles.append(place(4, HOSTILE, 1))
    page = opened()
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    page.get_by_role("button", name="4. " + HOSTILE).click()
    expect(page.locator("#results-note")).to_contain_text("voters")
    assert page.title() == "Vote · Sluice"
    assert page.locator("main img, nav img").count() == 0
    assert ("GET", "/v1/titles/%3Cimg%20src%3Dx%20onerror%3Ddocument.title%3D'taken'%3E/results") in api.asked


def test_the_order_of_the_list_is_chosen_and_a_title_opened_by_its_id(api: ScriptedApi, opened: Open) -> None:
    page = opened(title="")
    expect(page.locator("#titles li").first).to_contain_text("The Shawshank Redemption")
    page.get_by_role("radio", name="Best").check()
    expect(page.locator("#titles li").first).to_contain_text("Pulp Fiction")
    page.get_by_label("Another title, by its id").fill("brand-new")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="brand-new")).to_be_focused()
    assert page.url.endswith("#title=brand-new")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(api: ScriptedApi, opened: Open, scheme: str) -> None:
    page = opened(color_scheme=scheme, viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    choose(page, "Story", "5")
    send(page)
    expect(page.locator("#step-accepted")).to_contain_text("✓")
    expect(page.get_by_role("table", name="Overall")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_it_can_be_used_by_the_keyboard_alone(api: ScriptedApi, opened: Open) -> None:
    page = opened(title="")
    page.locator("#titles button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_be_focused()
    page.keyboard.press("Tab")  # the first aspect
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    for _ in ASPECTS:
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send my vote")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#step-accepted")).to_contain_text("✓")
    assert [ballot["votes"] for ballot in api.ballots] == [{"story": 2}]


def test_it_looks_ever_more_seldom_and_never_while_hidden(api: ScriptedApi, opened: Open) -> None:
    page = opened(clock=True)
    expect(page.locator("#results-note")).to_contain_text("3 voters")

    def looks() -> int:
        return sum(path.endswith("/results") for _, path in api.asked)

    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    before = looks()
    page.clock.run_for(60_000)
    assert looks() == before
    page.evaluate("Object.defineProperty(document, 'hidden', { value: false })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("() => true")
    for _ in range(60):
        page.clock.run_for(1_000)
        page.evaluate("fetch('config.json')")  # an answer has had the time to come
    assert 5 <= looks() - before <= 12


def test_with_an_authoriser_the_token_is_sent_and_no_voter(api: ScriptedApi, opened: Open) -> None:
    api.config["voter"] = "token"
    page = opened(title="mv0001&token=abc.def")
    assert "token" not in page.url
    expect(page.locator("#voter-anonymous")).to_be_hidden()
    choose(page, "Story", "5")
    send(page)
    expect(page.locator("#step-accepted")).to_contain_text("✓")
    assert "voter_id" not in api.ballots[0]
    sent = [
        headers
        for headers, (_, path) in zip(api.headers, api.asked, strict=True)
        if path.endswith(("/vote", "/ballots"))
    ]
    assert {(headers["authorization"], "voter-id" in headers) for headers in sent} == {("Bearer abc.def", False)}
    assert page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)") == "{}{}"


def test_the_page_is_small_and_names_no_address() -> None:
    from tests.web.scripted_api import FOLDER

    files = list(FOLDER.iterdir())
    assert sum(file.stat().st_size for file in files) < 40_000
    for file in files:
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text
        assert "innerHTML" not in text
