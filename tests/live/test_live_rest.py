"""While nothing is on its way the page's server asks little: counted in what it asks."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.live.places import message, place, queues
from tools.live.kept import Kept
from tools.live.local.one import REST_SECONDS, One
from tools.live.local.rounds import Rounds
from tools.live.local.tails import Tail
from tools.operations.deployment import Deployment

EVERY = 0.05


def test_a_look_at_rest_comes_half_as_often_and_at_once_when_that_is_over() -> None:
    looked = threading.Semaphore(0)
    rounds = Rounds(looked.release, 60.0, 1.0)
    try:
        assert looked.acquire(timeout=5)
        rounds.rest(True)
        rounds.rest(True)
        assert not looked.acquire(timeout=EVERY)
        rounds.rest(False)
        assert looked.acquire(timeout=5), "nobody waits for a minute"
    finally:
        rounds.close()


def test_clients_are_made_once_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def client(_: Deployment, service: str) -> object:
        made.append(service)
        return object()

    monkeypatch.setattr(Deployment, "client", client)
    kept = Kept.of(Deployment("local", {"region": "us-east-1"}, "http://127.0.0.1:1", {}, "token", "votes"))
    assert kept.client("sqs") is kept.client("sqs") is not kept.client("logs")
    assert made == ["sqs", "logs"]
    assert (kept.name, kept.endpoint, kept.token, kept.pipeline) == ("local", "http://127.0.0.1:1", "token", "votes")


class Logs:
    """A log in which somebody writes now and then."""

    def __init__(self) -> None:
        self.asked, self.events = 0, list[dict[str, Any]]()

    def get_paginator(self, _: str) -> Logs:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        self.asked += 1
        events, self.events = self.events, []
        return [{"events": events}]


def test_a_log_that_says_nothing_is_read_less_often_until_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    logs, tail = Logs(), Tail("write", "group", 0, 0)
    for second in range(60):
        now = float(second)
        if tail.due(now):
            tail.read(logs, [])
    assert logs.asked == 11, "after 3 s, then every 6"
    logs.events = [{"logStreamName": "a", "timestamp": 60_000, "message": "{}"}]
    for second in range(60, 73):
        now = float(second)
        if tail.due(now):
            tail.read(logs, [])
    assert logs.asked == 14, "a second after it said something, and three after that"


@pytest.fixture
def law(monkeypatch: pytest.MonkeyPatch) -> One:
    """A pipeline's part that judges, and does nothing else."""
    made = One.__new__(One)
    made.place = place("votes", {"queues": {"ingest": {"name": "in", "dead_letter_name": "in-dead"}}}, {})
    made._at_rest, made._judged_at = False, float("-inf")
    return made


def test_a_law_at_rest_is_judged_now_and_then_and_always_while_something_moves(law: One) -> None:
    assert law.is_due(0.0)
    law._at_rest, law._judged_at = True, 100.0
    assert not law.is_due(100.0 + REST_SECONDS - 0.1)
    assert law.is_due(100.0 + REST_SECONDS)
    assert not law._is_moving(queues(ingest=[], ingest_dead=[message("dead", "")]))
    assert law._is_moving(queues(ingest=[message("1", "")], ingest_dead=[]))
    law._at_rest = False
    assert law.is_due(100.0)
