"""conservation reads what is new since its last look; what it keeps is never taken for a loss."""

from __future__ import annotations

import pytest

from shared import clock, conservation, conserved
from shared.conservation import SETTLED_EARLIER_MS
from shared.conserved import NotAllRead
from tests.lambda_src.fakes import refusal
from tests.lambda_src.stack import NOW_US, Context, Stack, metrics
from tests.lambda_src.votes.conserving import ACCEPTED_MS, LATENCY_MS, LOOK_BACK_MS, NOW_MS, WRITE, Logs, Rig


@pytest.fixture
def rig(stack: Stack) -> Rig:
    return Rig(stack)


def test_each_look_reads_only_what_is_new(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour's lines each minute would take most of what an account may ask of CloudWatch Logs."""
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US)
    rig.accept("early", "lost", at_ms=NOW_MS - 500_000)
    rig.settle("early", at_ms=NOW_MS - 499_000)
    assert rig.look()[0]["hashes"] == ["lost"]
    rig.logs.asked.clear()
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US + 60_000_000)
    rig.accept("later", at_ms=NOW_MS + 1_000)
    rig.settle("later", at_ms=NOW_MS + 2_000)
    answer, said, _ = rig.look()
    assert {start for _, start, _ in rig.logs.asked} == {NOW_MS - conserved.ARRIVES_WITHIN_MS}
    assert (said["WitnessesAccepted"], answer["hashes"]) == (3, ["lost"])
    rig.settle("lost", at_ms=NOW_MS + 50_000)
    assert rig.look()[0]["missing"] == 0, "a redriven one settles in its own time"


def test_what_is_kept_is_forgotten_in_time(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US)
    rig.accept("a", "lost")
    rig.settle("a")
    assert rig.look()[0]["missing"] == 1
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US + (LOOK_BACK_MS + LATENCY_MS) * 1000)
    assert rig.look()[1]["WitnessesAccepted"] == 0
    seen = conservation.worker()._seen
    assert seen.settled == {"counted": {"a": ACCEPTED_MS + 1000}}, "a repeat of it may still be accepted"
    later_us = NOW_US + (LOOK_BACK_MS + LATENCY_MS + SETTLED_EARLIER_MS) * 1000
    monkeypatch.setattr(clock, "now_us", lambda: later_us)
    rig.look()
    assert seen.kept == 0


def test_a_line_found_very_late_is_no_loss(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """CloudWatch Logs does not say within what time a line can be found."""
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US)
    rig.accept("a", at_ms=NOW_MS - LATENCY_MS)
    assert rig.look()[0]["missing"] == 0
    rig.settle("a", at_ms=NOW_MS - conserved.ARRIVES_WITHIN_MS - 1)
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US + 60_000_000)
    assert rig.look()[0]["missing"] == 0


def test_what_there_was_no_time_for_is_read_the_next_time(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the page where it ended, with that page's own start; so a backlog is caught up with."""
    rig.use(Logs(page=1))
    for number in range(60):
        rig.accept(f"h{number}")
        rig.settle(f"h{number}")
    monkeypatch.setattr(clock, "monotonic", lambda: sum(rig.stack.sleeps))
    looks = 0
    while True:
        looks += 1
        assert looks < 10
        try:
            answer = conservation.handle({}, Context(40_000))
            break
        except NotAllRead:
            assert "WitnessesMissing" not in metrics(rig.stack.logged())
    assert looks > 2
    assert (answer["accepted"], answer["missing"]) == (60, 0)
    started = [group for group, _, token in rig.logs.asked if not token]
    assert started.count(WRITE) == 1, "none began anew"


def test_a_token_that_expired_is_not_tried_for_ever(rig: Rig) -> None:
    rig.use(Logs(page=1))
    rig.accept("a")
    rig.accept("b")
    with pytest.raises(NotAllRead):
        conservation.handle({}, Context(20_100))
    rig.logs.error = refusal("FilterLogEvents", "InvalidParameterException")
    with pytest.raises(Exception, match="InvalidParameter"):
        conservation.handle({}, Context())
    rig.logs.error = None
    assert rig.look()[0]["accepted"] == 2
