"""From read on: whatever is read waits on the delivery queue, or is the sweep's."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from receipts.delivery import messages
from receipts.delivery.messages import Delivery, Tick
from receipts.delivery.pointers import Pointers
from receipts.reasons import Refusal
from receipts.rows import Waiting
from receipts.settings import Pointing
from tests.lambda_src.fakes import Sqs, unreachable
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.reading import World, delivering, drawn
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER, Tables
from tests.lambda_src.stack import Context
from tests.support.captured import Log
from tools.simulation.aws.cloud import Cloud

CONFIG = Pointing(delivery_queue_url="q/delivery", lane_queue_url="q/lane.fifo", lanes=3, slot_seconds=5)


@pytest.fixture
def world(simulated: Cloud, tables: Tables) -> World:
    """Empty services, and a worker of read that points at what it has read."""
    return World(simulated, tables, **delivering(simulated))


def pointers_of(lane: int, count: int, lanes: int = 3) -> list[Delivery]:
    """Pointers that wake this lane."""
    named = (Delivery(batch_id=BATCH_ID, customer_id=CUSTOMER, file_id=f"{n:032x}") for n in itertools.count())
    return list(itertools.islice((one for one in named if _lane_of(one, lanes) == lane), count))


def _lane_of(pointer: Delivery, lanes: int) -> int:
    sqs = Sqs()
    Pointers(sqs, CONFIG.model_copy(update={"lanes": lanes})).send([pointer])
    return messages.decode_tick(sqs.taken[1]["MessageBody"]).lane


def test_a_file_that_was_read_is_pointed_at_and_a_lane_woken(world: World) -> None:
    row = world.receive(*drawn())
    assert world.read(world.message(row)) == []
    pointer = Delivery(batch_id=BATCH_ID, customer_id=CUSTOMER, file_id=row.file_id)
    assert world.sent("delivery") == [pointer.model_dump()]
    (tick,) = world.sent("lane.fifo")
    assert tick["lane"] in (0, 1)


def test_a_message_that_comes_again_points_again(world: World) -> None:
    """Its worker may have died after the ledger and before the queue."""
    row = world.receive(*drawn())
    message = world.message(row)
    assert world.read(message) == []
    assert world.read(message) == []
    assert [one["file_id"] for one in world.sent("delivery")] == [row.file_id] * 2


def test_what_is_refused_is_not_pointed_at(world: World) -> None:
    row = world.receive(b"no picture")
    assert world.read(world.message(row), world.message(row)) == []
    assert world.sent("delivery") == world.sent("lane.fifo") == []


@pytest.mark.parametrize("other", ["refuses", "reads"])
def test_what_another_refused_meanwhile_is_not_pointed_at(world: World, other: str) -> None:
    """The account says that it cannot be read: then no row of it may stand."""
    row = world.receive(*drawn())

    def meanwhile() -> None:
        world.textract.before = lambda: None
        if other == "refuses":
            assert world.tables.ledger.quarantine(row.batch_id, row.file_id, Refusal("bytes-gone", "d"), 1)
        else:
            assert world.made().handle({"Records": [world.message(row)]}, Context())["batchItemFailures"] == []

    world.textract.before = meanwhile
    assert world.read(world.message(row)) == []
    assert [one["file_id"] for one in world.sent("delivery")] == ([row.file_id] * 2 if other == "reads" else [])


@pytest.mark.parametrize("queue", ["delivery", "lane.fifo"])
def test_what_cannot_be_sent_is_the_sweeps(world: World, monkeypatch: pytest.MonkeyPatch, log: Log, queue: str) -> None:
    send: Callable[..., Any] = world.sqs.send_message_batch

    def failing(*, QueueUrl: str, **request: Any) -> Any:
        if QueueUrl.endswith(queue):
            raise unreachable()
        return send(QueueUrl=QueueUrl, **request)

    row = world.receive(*drawn())
    message = world.message(row)
    monkeypatch.setattr(world.sqs, "send_message_batch", failing)
    assert world.read(message) == [], "it was read, and its message is done"
    (line,) = [line for line in log.lines if line["message"] == "failed"]
    assert (line["place"], line["kind"], line["queue"]) == ("send", "ConnectTimeoutError", queue)
    state = world.state(row)
    shards = range(8)
    due = [
        at for shard in shards for at in world.tables.ledger.due(Waiting.DELIVERY, shard, (state.due_at or 0) + 1, 9)
    ]
    assert due == [(BATCH_ID, f"file#{row.file_id}")]


def test_a_lane_is_woken_once_a_slot(time: Clock) -> None:
    sqs = Sqs()
    sender = Pointers(sqs, CONFIG)
    for _ in range(3):
        assert sender.send(pointers_of(1, 2)) == set()
    ticks = [entry for entry in sqs.taken if "MessageGroupId" in entry]
    assert [(entry["MessageGroupId"], entry["MessageBody"]) for entry in ticks] == [
        ("lane-1", messages.encode(Tick(lane=1)))
    ]
    assert ticks[0]["MessageDeduplicationId"] == f"1-{time.now // 5_000_000}", "another worker's is the same"
    time.later(5)
    sender.send(pointers_of(1, 1))
    assert len([entry for entry in sqs.taken if "MessageGroupId" in entry]) == 2


def test_a_burst_wakes_every_lane() -> None:
    sqs = Sqs()
    Pointers(sqs, CONFIG).send([pointer for lane in range(3) for pointer in pointers_of(lane, 1)])
    assert [entry["MessageGroupId"] for entry in sqs.taken[3:]] == ["lane-0", "lane-1", "lane-2"]


def test_a_tick_that_was_not_sent_is_sent_with_the_next_pointer() -> None:
    def refuse(number: int, entry: dict[str, Any]) -> str | None:
        return "InternalError" if "MessageGroupId" in entry and number < 5 else None

    sqs = Sqs(refuse)
    sender = Pointers(sqs, CONFIG)
    assert sender.send(pointers_of(1, 1)) == set(), "the pointer was"
    assert len(sqs.taken) == 1
    sender.send(pointers_of(1, 1))
    assert [entry.get("MessageGroupId") for entry in sqs.taken[1:]] == [None, "lane-1"]


@pytest.mark.parametrize(
    ("changes", "sent"),
    [({"delivery_queue_url": None}, 0), ({"lanes": 0}, 1), ({"lanes": 0, "lane_queue_url": None}, 1)],
)
def test_without_lanes_the_agent_delivers_and_without_a_queue_nobody(changes: dict[str, Any], sent: int) -> None:
    sqs = Sqs()
    assert Pointers(sqs, CONFIG.model_copy(update=changes)).send(pointers_of(1, 1)) == set()
    assert len(sqs.taken) == sent
