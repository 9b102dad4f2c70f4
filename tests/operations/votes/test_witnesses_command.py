"""`make conservation` says what it did not look at."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
from rich.console import Console

from shared import conserved
from tools.operations.deployment import Deployment
from tools.operations.votes import witnesses

FUNCTIONS = ("receive", "process", "write")
Json = dict[str, Any]


class Logs:
    """CloudWatch Logs with these lines, by group."""

    def __init__(self) -> None:
        self.events: dict[str, list[Json]] = {function: [] for function in FUNCTIONS}

    def say(self, group: str, stage: str, *hashes: str, key: str = "k", seconds_ago: float = 1000) -> None:
        said = {"witness": stage, "outcome": "counted", "hashes": hashes, "key": key}
        at = int((time.time() - seconds_ago) * 1000)
        self.events[group].append({"timestamp": at, "message": json.dumps(said)})

    def filter_log_events(self, *, logGroupName: str, filterPattern: str, startTime: int) -> Json:
        """All of them at once."""
        return {"events": self.events[logGroupName]}


class Empty:
    """Queues without a dead letter."""

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Json:
        """None in any state."""
        return {"Attributes": dict.fromkeys(AttributeNames, "0")}


class Stored(Deployment):
    """A deployment with these logs, and nothing in its queues."""

    def client(self, service: str) -> Any:
        return self.outputs[service]


@pytest.fixture
def logs() -> Logs:
    return Logs()


def shown(logs: Logs) -> tuple[int, str]:
    """The command's status, and what it prints."""
    settings = {"latency_seconds": 10, "look_back_seconds": 3600, "witness_share": 1024}
    functions = {name: {"log_group": name} for name in FUNCTIONS}
    queues = {name: {"dead_letter_url": name} for name in ("ingest", "count")}
    clients = {"logs": logs, "sqs": Empty()}
    deployment = Stored("test", {**clients, "settings": settings, "functions": functions, "queues": queues}, None, {})
    console = Console(width=200, file=io.StringIO())
    status = witnesses.run(deployment, console, minutes=None)
    return status, console.file.getvalue()  # type: ignore[attr-defined]


def test_all_is_looked_at_and_nothing_is_missing(logs: Logs) -> None:
    logs.say("receive", "accepted", "a", "b")
    logs.say("write", "settled", "a", "b")
    status, text = shown(logs)
    assert status == 0
    assert "2 accepted" in text
    assert "0 missing" in text
    assert "looked at" not in text
    assert "judged" not in text


def test_a_part_is_said_to_be_one(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conserved, "MOST_KEPT", 100)
    for number in range(200):
        logs.say("receive", "accepted", f"{number:x}")
    status, text = shown(logs)
    assert status == 1
    assert "only one witness in 2 was looked at" in text or "only one witness in 4 was looked at" in text


def test_what_is_not_judged_is_said_and_is_not_missing(logs: Logs) -> None:
    logs.say("receive", "accepted", "a", "b")
    logs.say("write", "settled", "old", key="", seconds_ago=500)
    status, text = shown(logs)
    assert status == 0
    assert "0 missing" in text
    assert "2 accepted until" in text
    assert "are not judged" in text
