"""What the seeded histories found in a lane."""

from __future__ import annotations

import pytest

from receipts.delivery import messages
from receipts.delivery.port import Away
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivery.lanes import Lanes, question
from tests.lambda_src.receipts.delivery.test_delivery_lane import failing


@pytest.mark.parametrize("fails", ["send_message_batch", "change_message_visibility"])
def test_a_tick_that_fails_for_whatever_cause_comes_in_a_minute_at_the_soonest(
    lanes: Lanes, monkeypatch: pytest.MonkeyPatch, time: Clock, fails: str
) -> None:
    def away(name: str) -> None:
        if name == "deliver":
            raise Away("lost")

    lanes.read(1)
    lanes.database.before = away
    healed = failing(monkeypatch, lanes.sqs, fails)
    tick = lanes.tick()
    assert tick
    assert lanes.run(tick) == [tick["messageId"]]
    healed.append(1)
    time.later(59)
    assert lanes.next_tick() is None


def test_an_answer_is_as_old_as_its_count(lanes: Lanes, time: Clock) -> None:
    """What another lane delivers while it counts is later, and is not missing."""
    asked_at = []

    def counted(name: str) -> None:
        if name == "count":
            asked_at.append(time.now)
            time.later(3)

    lanes.send(messages.encode(question(1)))
    lanes.database.before = counted
    lanes.run()
    (answer,) = [one for one in lanes.outcomes() if one.kind == "standing"]
    assert [answer.at] == asked_at
