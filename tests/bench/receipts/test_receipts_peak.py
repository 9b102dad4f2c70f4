"""The peak's rehearsal: its January, its load, the plain design beside it, and what it reports."""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from unittest import mock

import pytest

from receipts.delivery.inbox import Asked
from receipts.delivery.messages import Delivery
from receipts.delivery.port import Away, Key, Row
from receipts.delivery.work import Documents
from tools.bench.receipts.peak import direct, load, report
from tools.bench.receipts.peak.curve import DAYS, PEAK_DAY, Curve, weights
from tools.bench.receipts.peak.direct import FUNCTIONS, MOST_RECEIVES, Functions, Queue
from tools.bench.receipts.peak.load import BATCH, CUSTOMER, Bucket, file_id
from tools.bench.receipts.peak.rehearse import BUDGET, Result
from tools.traffic.queue_picture import Sample
from tools.traffic.receipts.deliveries import LATENCY, ROWS, SESSIONS, WAITING, Delivered

GOOD = {
    "rows": 100,
    "twice": 0,
    "peak_connections": 2,
    "refused_53300": 0,
    "transactions": 100,
    "over_budget": 10,
    "application_refused": 0,
}


def test_a_january_ends_with_its_peak_and_loses_no_row() -> None:
    curve = Curve(10_000, 62.0)
    day = 62.0 / DAYS
    come = [curve.due(day * number) for number in range(DAYS + 1)]
    every = [later - before for before, later in itertools.pairwise(come)]
    assert come[0] == 0
    assert sum(every) == 10_000 == curve.due(1e9)
    assert max(every) == every[PEAK_DAY - 1]
    assert max(every) == pytest.approx(13 * every[0], rel=0.05)
    assert curve.peak == pytest.approx(max(every) / day, rel=0.01)
    assert weights()[0] == pytest.approx(1)


def test_each_pointer_of_the_load_is_a_document_with_one_row() -> None:
    asked = Delivery(batch_id=BATCH, customer_id=CUSTOMER, file_id=file_id(77))
    found = Documents(Bucket(), "any").work(Asked(asked, {}))
    assert [row.key for row in found.rows] == [Key(CUSTOMER, file_id(77), 0, 0)]


class Small:
    """A database of so many connections, and what it was given."""

    def __init__(self, connections: int) -> None:
        self.left, self.keys = connections, list[Key]()

    def connect(self) -> Small:
        if not self.left:
            raise Away("full")
        self.left -= 1
        return self

    def ping(self) -> None:
        return

    def deliver(self, rows: Sequence[Row]) -> Collection[Key]:
        self.keys += [row.key for row in rows]
        return [row.key for row in rows]

    def count(self, *_: object) -> Mapping[str, int]:
        return {}

    def close(self) -> None:
        self.left += 1


def test_what_the_queue_has_no_room_for_waits_with_its_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MOST_IN_QUEUE", 30)
    monkeypatch.setattr(load, "LOOK_SECONDS", 0.001)
    queued: list[str] = []
    sqs = mock.Mock()

    def send_message_batch(**asked: Any) -> dict[str, Any]:
        queued.extend(one["Id"] for one in asked["Entries"])
        return {}

    sqs.send_message_batch = send_message_batch
    sender = load.Sender(sqs, "delivery", Curve(100, 0.0), lambda: len(queued))
    sender.start()
    for taken in (0, 30, 60):
        deadline = time.monotonic() + 5
        while sender.sent < min(100, taken + 30) and time.monotonic() < deadline:
            time.sleep(0.001)
        assert (sender.sent, sender.waiting()) == (taken + 30, 100 - taken)
        queued.clear()
    sender.end()


def test_functions_with_a_connection_each_end_in_dead_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "BACK_SECONDS", 0.01)
    monkeypatch.setattr(direct, "IDLE_SECONDS", 0.001)
    full, queue = Small(0), Queue(Curve(95, 0.05))
    with Functions(queue, full.connect) as functions:
        _until(lambda: queue.is_over)
    assert (queue.done, queue.dead, queue.waiting) == (0, 95, 0)
    assert functions.failures["full"] >= MOST_RECEIVES * 95 // 10
    enough, queue = Small(FUNCTIONS), Queue(Curve(95, 0.05))
    with Functions(queue, enough.connect):
        _until(lambda: queue.is_over)
    assert sorted(key.file_id for key in enough.keys) == [file_id(number) for number in range(95)]
    assert (queue.dead, enough.left) == (0, FUNCTIONS)


def _until(is_over: Any) -> None:
    deadline = time.monotonic() + 10
    while not is_over():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_what_the_lanes_do_not_keep_is_told() -> None:
    assert list(report.problems(GOOD, 2, 100)) == []
    for name, value, told in (
        ("rows", 99, "99 of 100 rows"),
        ("twice", 1, "twice"),
        ("peak_connections", 3, "3 connections at once, over 2 lanes"),
        ("over_budget", 11, f"11 of 100 transactions took over {BUDGET.latency_ms} ms"),
        ("application_refused", 1, "turned away"),
    ):
        (problem,) = report.problems(GOOD | {name: value}, 2, 100)
        assert told in problem


def test_a_run_in_figures() -> None:
    seen = Delivered(
        1000.0,
        samples=[Sample(0.2, {WAITING: 5, SESSIONS: 1}), Sample(1.4, {WAITING: 3, SESSIONS: 2})],
        statements=[(0.5, 10.0), (1.5, 30.0), (1.6, 20.0)],
        rows={0: 4, 1: 6},
        health={"peaks": {"sluice": 2, "bookkeeping": 1}, "attempts": 9, "errors": {"53300": 4}},
    )
    found = report.plain(Result(seen, 2.0, dead=1, asked=3, refused=1, took=[7.0, 9.0]), "sluice")
    assert (found["rows"], found["rows_a_second"], found["most_rows_in_a_second"]) == (10, 5.0, 6)
    assert (found["peak_connections"], found["connection_attempts"], found["refused_53300"]) == (2, 9, 4)
    assert found["latency_ms"] == {"p50": 20, "p95": 30, "max": 30}
    assert (found["transactions"], found["over_budget"]) == (3, 0)
    assert [sample.depths for sample in seen.seconds_of()] == [
        {WAITING: 5, SESSIONS: 1, LATENCY: 10, ROWS: 4},
        {WAITING: 3, SESSIONS: 2, LATENCY: 30, ROWS: 6},
    ]
