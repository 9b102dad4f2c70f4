"""The law of the live page: it holds, settles, or is broken, by the ids of items."""

from __future__ import annotations

from tools.live.law import BROKEN, HOLDS, SETTLING, STRANGE_SECONDS, Balance, Law, Term

GRACE = 5.0


class Clock:
    """Seconds, set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def balance(**more: object) -> Balance:
    return Balance("ballots", Term("accepted", 18_204), [Term("counted", 18_200), Term("queued", 4)], **more)  # type: ignore[arg-type]


def test_what_is_found_holds() -> None:
    said = Law(GRACE).judge(balance())
    assert (said["state"], said["text"]) == (HOLDS, "accepted 18,204 = counted 18,200 + queued 4")
    assert said["terms"][0] == {"name": "accepted", "value": 18_204, "side": "left"}
    assert [term["side"] for term in said["terms"][1:]] == ["right", "right"]


def test_what_is_missing_settles_or_is_lost() -> None:
    clock = Clock()
    law = Law(GRACE, clock)
    assert law.judge(balance(missing={"b", "a"}))["state"] == SETTLING
    clock.now = 4.9
    assert law.judge(balance(missing={"b"}))["state"] == SETTLING
    clock.now = 5.0
    said = law.judge(balance(missing={"b", "c"}))
    assert (said["state"], said["missing"], said["sample"], law.lost) == (BROKEN, 2, ["b"], 1)
    assert said["text"].endswith("≠ counted 18,200 + queued 4, 2 missing")


def test_what_is_found_again_is_not_lost_and_begins_anew() -> None:
    clock = Clock()
    law = Law(GRACE, clock)
    law.judge(balance(missing={"a"}))
    clock.now = 4.0
    assert law.judge(balance())["state"] == HOLDS
    clock.now = 6.0
    assert law.judge(balance(missing={"a"}))["state"] == SETTLING


def test_what_was_never_accepted_is_told_once_it_stays() -> None:
    clock = Clock()
    law = Law(GRACE, clock)
    assert law.judge(balance(unexpected={"x"}))["unexpected"] == 0, "accepted may be said a moment later"
    clock.now = STRANGE_SECONDS
    said = law.judge(balance(unexpected={"x", "y"}))
    assert (said["state"], said["unexpected"]) == (HOLDS, 1)
    assert said["text"].endswith("; 1 more have no line of being accepted")


def test_a_look_that_says_nothing_settles() -> None:
    said = Law(GRACE).judge(balance(not_judged="too many messages"))
    assert (said["state"], said["text"]) == (SETTLING, "too many messages")
