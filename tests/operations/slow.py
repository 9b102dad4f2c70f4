"""A deployment on simulated services whose every call takes time, and long queues there."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from shared import clock
from tests.operations.operated import Operated
from tools.simulation.aws.calls import Call
from tools.simulation.votes.ballots import START_US
from votes import messages
from votes.ballot import Ballot
from votes.messages import CountMessage


class Logs:
    """CloudWatch Logs with a page of one failure line, and a call of it takes as long as any."""

    name = "logs"

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        self.lines = lines
        self.operations: dict[str, Callable[[Call], dict[str, Any]]] = {"FilterLogEvents": self._filter}

    def _filter(self, call: Call) -> dict[str, Any]:
        events = [{"timestamp": START_US // 1000, "message": json.dumps(line)} for line in self.lines]
        return {"events": events}


class Slow(Operated):
    """Every call takes `seconds` of the simulated clock, which is everybody's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        super().__init__(monkeypatch)
        self.seconds, self.calls = seconds, list[str]()
        self.counted.cloud.meddler = self
        self.failures: list[dict[str, Any]] = []
        self.counted.cloud.services["logs"] = Logs(self.failures)
        self.deployment.outputs["functions"] = {name: {"log_group": name} for name in ("process", "write", "tally")}
        monkeypatch.setattr(time, "monotonic", lambda: self.counted.now / 1e6)
        monkeypatch.setattr(time, "time", lambda: self.counted.now / 1e6)
        monkeypatch.setattr(clock, "sleep", self.counted.later)
        self.console = Console(width=240, file=io.StringIO())

    def before(self, call: Call) -> None:
        self.calls.append(call.operation)
        self.counted.later(self.seconds)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Nothing: the time went before."""

    def dead(self, queue: str) -> Any:
        """The dead letters of a queue."""
        end = ".fifo" if self.deployment.outputs["queues"][queue]["url"].endswith(".fifo") else ""
        return self.counted.cloud.sqs.queues[f"{queue}-dead{end}"]

    def bury(self, queue: str, count: int, *voters: str, groups: int = 4) -> None:
        """Put messages among the dead letters of "ingest" or "count", a voter's in turn."""
        dead = self.dead(queue)
        for number in range(count):
            ballot = Ballot(voters[number % len(voters)], "t", {"story": 5}, f"b{number}", START_US + number)
            if queue == "ingest":
                dead.send(messages.encode_ingest(START_US, [ballot]))
            else:
                body = messages.encode_count(CountMessage(number % groups, groups, [ballot]))
                dead.send(body, str(number % groups), str(number))
