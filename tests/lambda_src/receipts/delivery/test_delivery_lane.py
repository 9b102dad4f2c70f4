"""A lane: what is read stands in the database once, whatever is lost, slow or away meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from receipts.delivery import messages
from receipts.delivery.port import Away
from tests.lambda_src.fakes import unreachable
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivery.lanes import (
    Context,
    Delivered,
    Heartbeat,
    Lanes,
    document,
    file_id,
    question,
)
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER
from tests.support.captured import Log


def failing(monkeypatch: pytest.MonkeyPatch, client: Any, operation: str, *, after: bool = False) -> list[int]:
    """Let a client's operation fail, with or without its effect, until something is in the list."""
    call: Callable[..., Any] = getattr(client, operation)
    healed: list[int] = []

    def failing(**request: Any) -> Any:
        answer = call(**request) if after or healed else None
        if healed:
            return answer
        raise unreachable()

    monkeypatch.setattr(client, operation, failing)
    return healed


def beat(lanes: Lanes) -> Heartbeat:
    """The one heartbeat that was told."""
    (one,) = [one for one in lanes.told() if isinstance(one, Heartbeat)]
    return one


def test_what_was_read_is_delivered_and_told(lanes: Lanes, time: Clock) -> None:
    lanes.read(1, receipts=3)
    lanes.put(document(2, receipts=0), 2)
    lanes.point(2)
    assert lanes.run() == []
    assert lanes.delivered() == {file_id(1): 3}
    assert lanes.waiting() == (0, 0)
    of_batch = {"batch_id": BATCH_ID, "customer_id": CUSTOMER, "lane": "lambda-0"}
    told = lanes.told()
    (heartbeat,) = [one for one in told if isinstance(one, Heartbeat)]
    assert (heartbeat.lane, heartbeat.reached, heartbeat.reason, heartbeat.rows) == ("lambda-0", True, None, 3)
    assert {(one.file_id, one.rows, one.new) for one in told if isinstance(one, Delivered)} == {
        (file_id(1), 3, 3),
        (file_id(2), 0, 0),
    }
    assert all(one.model_dump().items() >= of_batch.items() for one in told if isinstance(one, Delivered))
    assert (lanes.database.calls[:3], lanes.database.open) == (["connect", "ping", "deliver"], 0)


def test_a_correction_is_another_row(lanes: Lanes) -> None:
    lanes.read(1)
    lanes.put(document(1, total="99.00"), 1, revision=1)
    lanes.point(1, revision=1)
    lanes.run()
    assert sorted((key.revision, str(row.total)) for key, row in lanes.database.rows.items()) == [
        (0, "12.50"),
        (1, "99.00"),
    ]
    assert sorted(one.revision for one in lanes.outcomes() if isinstance(one, Delivered)) == [0, 1]


def test_what_comes_again_changes_nothing(lanes: Lanes) -> None:
    lanes.read(1)
    lanes.point(1)
    lanes.run()
    assert sorted(one.new for one in lanes.outcomes() if isinstance(one, Delivered)) == [0, 1], "new once"
    lanes.put(document(1, total="1.00"), 1)
    lanes.point(1)
    lanes.run(lanes.tick(once="2"))
    assert [str(row.total) for row in lanes.database.rows.values()] == ["12.50"]


@pytest.mark.parametrize("call", ["connect", "ping"])
def test_a_database_that_is_away_costs_a_connection_and_not_one_receive(lanes: Lanes, log: Log, call: str) -> None:
    def away(name: str) -> None:
        if name == call:
            raise Away("unreachable")

    lanes.read(1)
    lanes.database.before = away
    tick = lanes.tick()
    assert tick
    assert lanes.run(tick) == [tick["messageId"]]
    assert [one.receives for one in lanes.cloud.sqs.queues["delivery"].messages.values()] == [0]
    assert lanes.database.calls.count("connect") == 1
    heartbeat = beat(lanes)
    assert (heartbeat.reached, heartbeat.reason, heartbeat.rows) == (False, "unreachable", 0)
    assert [line["reason"] for line in log.lines if line["message"] == "database away"] == ["unreachable"]


def test_a_lane_whose_database_is_away_connects_once_a_minute(lanes: Lanes, time: Clock) -> None:
    """Its tick is kept, and holds up its group; the ticks that read sends wait behind it."""
    began, connects = time.now, list[int]()

    def away(name: str) -> None:
        connects.append((time.now - began) // 1_000_000)
        raise Away("unreachable")

    lanes.read(1)
    lanes.database.before = away
    while time.now - began < 900 * 1_000_000:
        tick = lanes.tick(once=f"{time.now // 5_000_000}")
        while tick:
            lanes.function = lanes.worker()  # whichever worker is given it
            lanes.run(tick)
            tick = lanes.next_tick()
        time.later(5)
    assert connects == list(range(0, 900, 60))
    assert lanes.waiting() == (1, 0)
    lanes.database.before = lambda name: None
    time.later(60)
    while tick := lanes.next_tick():
        lanes.run(tick)
    assert lanes.delivered() == {file_id(1): 1}


@pytest.mark.parametrize("stands", [False, True])
def test_a_connection_that_is_lost_in_a_transaction(lanes: Lanes, stands: bool) -> None:
    def lost(name: str) -> None:
        if name == "deliver":
            raise Away("lost")

    lanes.read(1, 2)
    setattr(lanes.database, "after" if stands else "before", lost)
    tick = lanes.tick()
    assert tick
    assert lanes.run(tick) == [tick["messageId"]]
    told = lanes.told()
    assert [type(one) for one in told] == [Heartbeat], "nobody knows what became of them"
    assert lanes.waiting() == (2, 0), "given back at once"
    lanes.database.before = lanes.database.after = lambda name: None
    assert lanes.function.handle({"Records": [tick]}, Context()) == {"batchItemFailures": []}
    assert lanes.delivered() == {file_id(1): 1, file_id(2): 1}
    assert [one.new for one in lanes.outcomes() if isinstance(one, Delivered)] == [1 - stands] * 2


def test_what_had_landed_before_the_connection_was_lost_is_told(lanes: Lanes) -> None:
    def lost(name: str) -> None:
        if len(lanes.database.transactions) == 1:
            raise Away("lost")

    lanes.read(*range(3), receipts=10)
    lanes.database.before = lost
    lanes.run()
    assert len([one for one in lanes.outcomes() if isinstance(one, Delivered)]) == 1
    assert lanes.waiting() == (2, 0)


@pytest.mark.parametrize("after", [False, True])
def test_a_commit_whose_messages_stay(lanes: Lanes, monkeypatch: pytest.MonkeyPatch, time: Clock, after: bool) -> None:
    lanes.read(1, 2)
    healed = failing(monkeypatch, lanes.sqs, "delete_message_batch", after=after)
    assert lanes.run() == [], "the rows stand: nothing failed"
    healed.append(1)
    time.later(121)
    lanes.run(lanes.tick(once="2"))
    assert lanes.delivered() == {file_id(1): 1, file_id(2): 1}
    assert lanes.waiting() == (0, 0)


def test_what_became_of_it_is_told_before_it_is_forgotten(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    lanes.read(1)
    healed = failing(monkeypatch, lanes.sqs, "send_message_batch")
    tick = lanes.tick()
    assert tick
    assert lanes.run(tick) == [tick["messageId"]]
    assert lanes.waiting() == (1, 0)
    healed.append(1)
    lanes.function.handle({"Records": [tick]}, Context())
    assert [(one.rows, one.new) for one in lanes.outcomes() if isinstance(one, Delivered)] == [(1, 0)]


def test_a_lane_stays_a_while_for_what_its_slot_still_brings(lanes: Lanes, time: Clock) -> None:
    """The tick of a slot is one: what is pointed at after it was taken has none of its own."""
    receives: list[int] = []
    receive = lanes.sqs.receive_message

    def late(**request: Any) -> Any:
        receives.append(request.get("WaitTimeSeconds", 0))
        if len(receives) == 3:
            lanes.read(7)
        return receive(**request)

    lanes.sqs.receive_message, tick = late, lanes.tick()
    receives.clear()
    lanes.run(tick)
    assert lanes.delivered() == {file_id(7): 1}
    assert receives == [2, 2, 2, 1, 2, 2, 2, 2], "six seconds, from the last message on"


def test_a_question_is_answered_by_what_stands(lanes: Lanes) -> None:
    lanes.read(1, receipts=2)
    lanes.send(messages.encode(question(1, 2)))
    lanes.run()
    (answer,) = [one for one in lanes.outcomes() if one.kind == "standing"]
    assert answer.model_dump(include={"batch_id", "customer_id", "keys", "lane"}) == {
        "batch_id": BATCH_ID,
        "customer_id": CUSTOMER,
        "keys": {file_id(1): 2, file_id(2): 0},
        "lane": "lambda-0",
    }
    assert lanes.waiting() == (0, 0)


def test_a_lane_is_one_connection_whatever_comes(lanes: Lanes) -> None:
    lanes.read(*range(150))
    lanes.run()
    assert (lanes.database.peak, lanes.database.calls.count("connect")) == (1, 1)
    assert len(lanes.delivered()) == 150


def test_a_heartbeat_comes_in_a_long_run_too(lanes: Lanes, time: Clock) -> None:
    lanes.read(*range(40))
    lanes.database.before = lambda name: time.later(20) if name == "deliver" else None
    lanes.run()
    beats = [one for one in lanes.told() if isinstance(one, Heartbeat)]
    assert len(beats) >= 2
    assert sum(one.rows for one in beats) == 40


def test_pointers_of_nothing_to_a_lane_are_kept(lanes: Lanes) -> None:
    """They are at most a transaction's at a time: what a lane holds, no other can take."""
    lanes.read(*range(30))
    held: list[int] = []
    lanes.database.before = lambda name: held.append(lanes.waiting()[1]) if name == "deliver" else None
    lanes.run()
    assert held[0] == 10
