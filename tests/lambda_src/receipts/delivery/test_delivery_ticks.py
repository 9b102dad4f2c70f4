"""Which ticks a lane runs for: what was sent while it ran, or waited long, has been seen to."""

from __future__ import annotations

from typing import Any

import pytest

from shared import clock
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivery.lanes import Lanes, file_id


def test_ticks_that_waited_behind_a_run_connect_no_more(lanes: Lanes, time: Clock) -> None:
    looks: list[int] = []
    receive = lanes.sqs.receive_message

    def passing(**request: Any) -> Any:
        looks.append(1)
        if len(looks) == 1:
            time.later(3)
            lanes.sqs.receive_message = receive
            for once in ("2", "3"):
                lanes.tick(0, once)
            time.later(10)
        return receive(**request)

    tick = lanes.tick(0, "1")
    lanes.sqs.receive_message = passing
    lanes.run(tick)
    connects = lanes.database.calls.count("connect")
    for _ in range(2):
        lanes.run(lanes.next_tick())
    assert lanes.database.calls.count("connect") == connects == 1
    lanes.run(lanes.tick(0, "4"))
    assert lanes.database.calls.count("connect") == 2, "sent after it had found nothing"


@pytest.mark.parametrize("off_seconds", [-300, 300])
def test_a_worker_whose_clock_is_wrong_takes_no_tick_for_an_old_one(
    lanes: Lanes, monkeypatch: pytest.MonkeyPatch, off_seconds: int
) -> None:
    right = clock.now_us
    monkeypatch.setattr(clock, "now_us", lambda: right() + off_seconds * 1_000_000)
    for number in (1, 2):
        lanes.read(number)
        lanes.run(lanes.tick(0, str(number)))
    assert lanes.delivered() == {file_id(1): 1, file_id(2): 1}


@pytest.mark.parametrize(("waits_seconds", "connects"), [(60, 1), (120, 0)])
def test_a_tick_that_waited_long_has_a_younger_one_behind_it(
    lanes: Lanes, time: Clock, waits_seconds: int, connects: int
) -> None:
    first = lanes.tick(0, "1")
    lanes.tick(0, "2")  # waits for its group
    assert first
    time.later(waits_seconds)
    lanes.sqs.delete_message(QueueUrl=lanes.config.lane_queue_url, ReceiptHandle=first["receiptHandle"])
    lanes.run(lanes.next_tick())
    assert lanes.database.calls.count("connect") == connects


def test_a_tick_that_was_put_off_is_older_each_time(lanes: Lanes, time: Clock) -> None:
    lanes.database.password = "another"
    tries = []
    record = lanes.tick(0, "1")
    while record and lanes.run(record):
        tries.append(lanes.database.calls.count("connect"))
        time.later(60)
        record = lanes.next_tick()
    assert tries == [1, 2], "a minute apart, then another's turn"


def test_a_tick_of_the_runs_last_moment_is_run(lanes: Lanes, time: Clock) -> None:
    """Pointers of its slot may still come, and have no tick of their own."""
    looks: list[int] = []
    receive = lanes.sqs.receive_message

    def passing(**request: Any) -> Any:
        time.later(request.get("WaitTimeSeconds", 0))
        looks.append(1)
        if len(looks) == 3:
            lanes.tick(0, "2")
        return receive(**request)

    tick = lanes.tick(0, "1")
    lanes.sqs.receive_message = passing
    lanes.run(tick)
    lanes.sqs.receive_message = receive
    lanes.read(1)
    lanes.run(lanes.next_tick())
    assert lanes.delivered() == {file_id(1): 1}
