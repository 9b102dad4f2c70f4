"""The demo's database: what is done to it, and how what stands in it is judged."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from tests.traffic.receipts.receipts_judged import all_right
from tools.demo.receipts import delivered, outage
from tools.demo.receipts.delivered import REVISION, Found
from tools.demo.receipts.outage import Outage
from tools.traffic.queue_picture import Sample
from tools.traffic.receipts.deliveries import SESSIONS, WAITING, Delivered


class Premises:
    """A stand-in's doors: what was asked of them, and what they answer."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.sessions = 0
        self.rows: list[list[str]] = []
        self.twice = 0

    def stop_database(self) -> None:
        self.done.append("stop")

    def start_database(self) -> None:
        self.done.append("start")

    def change(self, *, slow_ms: float) -> None:
        self.done.append(f"slow {slow_ms:.0f}")

    def health(self) -> dict[str, Any]:
        return {"open": self.sessions, "peaks": {"sluice": 2}, "attempts": 9}

    def ask(self, sql: str) -> list[list[str]]:
        return [[str(self.twice)]] if "DISTINCT" in sql else self.rows


def test_the_database_stops_and_is_slow_once_it_delivers_again() -> None:
    now, premises = [0.0], Premises()
    done: Any = Outage(premises, lambda: now[0])  # type: ignore[arg-type]
    for at, share, sessions, told in (
        (1.0, outage.STOP_AT - 0.01, 0, "up"),
        (2.0, outage.STOP_AT, 0, outage.STOPPED),
        (3.0, 1.0, 0, outage.STOPPED),
        (2.0 + outage.STOPPED_SECONDS, 1.0, 0, outage.STARTED),
        (40.0, 1.0, 0, outage.STARTED),
        (60.0, 1.0, 1, outage.SLOW),
        (61.0, 1.0, 1, outage.SLOW),
        (60.0 + outage.SLOW_SECONDS, 1.0, 1, outage.QUICK),
    ):
        now[0], premises.sessions = at, sessions
        assert not done.is_over
        done.look(share)
        assert done.state == told
    assert done.is_over
    assert premises.done == ["stop", "start", f"slow {outage.SLOW_MS:.0f}", "slow 0"]


def _found(premises: Premises) -> Found:
    seen = Delivered(0.0, samples=[Sample(0.0, {WAITING: 3, SESSIONS: 1})], rows={0: 5}, health=premises.health())
    return Found("by lanes", 2, 250.0, seen, Outage(premises, lambda: 0.0))  # type: ignore[arg-type]


@pytest.fixture
def premises() -> Premises:
    """A database that holds what was read of the pile."""
    made = Premises()
    _, documents = all_right()
    for document in documents.values():
        for part in document.receipts:
            values = [field.value or "" for field in (part.kind, part.merchant, part.date, part.currency)]
            amount = f"{part.total.value}0" if "." in (part.total.value or "") else part.total.value or ""
            made.rows.append([document.file_id, str(part.index), REVISION, *values, amount])
    return made


def _problems(premises: Premises, dead: int = 0) -> list[str]:
    queues = {"lane": {"dead_letter_url": "dead"}}
    attributes = {"ApproximateNumberOfMessages": str(dead)}
    zero = dict.fromkeys(("ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"), "0")
    sqs = SimpleNamespace(get_queue_attributes=lambda **_: {"Attributes": {**attributes, **zero}})
    deployment: Any = SimpleNamespace(client=lambda _: sqs, outputs={"queues": queues})
    found = _found(premises)
    found.outage.marks[outage.QUICK] = 1.0
    delivered.judge(found, deployment, premises, all_right()[1])  # type: ignore[arg-type]
    return list(delivered.problems(found))


def test_a_database_that_holds_what_was_read_is_right(premises: Premises) -> None:
    assert len(premises.rows) > 10
    assert _problems(premises) == []


def test_what_is_missing_more_other_twice_or_dead_is_told(premises: Premises) -> None:
    first = premises.rows.pop(0)
    assert len(_problems(premises)) == 2, "it is missing, and there are too few"
    premises.rows.insert(0, [*first[:-1], "99999.99"])
    (problem,) = _problems(premises)
    assert "99999.99" in problem
    premises.rows[0] = first
    premises.twice = 1
    assert len(_problems(premises)) == 1
    premises.twice = 0
    assert _problems(premises, dead=3) == ["3 messages are dead letters"]


def test_a_connection_too_many_and_an_act_left_out_are_told(premises: Premises) -> None:
    found = _found(premises)
    found.cap = 1
    told = list(delivered.problems(found))
    assert told == ["2 connections were open at once, over 1", "not everything was done to the database: "]


def test_the_delivery_is_shown(premises: Premises) -> None:
    console = Console(width=160, file=io.StringIO(), record=True)
    found = _found(premises)
    found.rows, found.receipts = 5, 5
    delivered.show(console, found)
    said = console.export_text()
    assert "by lanes: 5 rows in the database of 5 receipts, 0 twice" in said
    assert "2 at once at most, of 2; 9 attempts in all" in said
    assert said.count("│") == 8
