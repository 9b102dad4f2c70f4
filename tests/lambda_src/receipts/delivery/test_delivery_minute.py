"""The tick that a lane gets each minute, whether there is anything to do or not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivery.lanes import Lanes
from tests.lambda_src.receipts.delivery.made import file_id


def receives_of(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long each receive of pointers waits, from here on."""
    waits: list[int] = []
    receive = lanes.sqs.receive_message

    def noted(**request: Any) -> Any:
        if request["QueueUrl"] == lanes.config.delivery_queue_url:
            waits.append(request["WaitTimeSeconds"])
        return receive(**request)

    monkeypatch.setattr(lanes.sqs, "receive_message", noted)
    return waits


def test_a_minutes_tick_looks_once_where_nothing_comes(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = receives_of(lanes, monkeypatch)
    lanes.run(lanes.tick(once="minute-1"))
    assert waits == [2]
    lanes.read(1)
    lanes.run(lanes.tick(once="minute-2"))
    assert lanes.delivered() == {file_id(1): 1}
    assert waits[1:] == [2, 1, 2, 2, 2, 2], "it lingers where something came"


def test_a_tick_that_came_during_an_idle_look_is_not_done_with(lanes: Lanes, time: Clock) -> None:
    """Pointers of its slot may still come: it lingers for them, which that look did not."""
    minutes = lanes.tick(once="minute-1")
    lanes.tick(once="slot-7")
    time.later(1)
    lanes.run(minutes)
    lanes.run(lanes.next_tick())
    assert lanes.database.calls.count("connect") == 2
