"""A deployment on simulated services, for what a person does with journal and votes.

Moto cannot run PartiQL.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from shared import clock
from tests.support.counted import ASPECTS, SHARDS, Counted
from tools.operations.deployment import Deployment

QUEUES = {"ingest": "", "count": ".fifo", "tick": ".fifo"}


class SimulatedDeployment(Deployment):
    """A deployment whose clients are simulated."""

    def client(self, service: str) -> Any:
        return self.outputs["cloud"].client(service)


class Operated:
    """Tables with ballots in them, empty queues and a bucket.

    The tally runs whenever an operator waits.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counted = counted = Counted()
        sqs = counted.cloud.sqs
        counted.cloud.s3.create_bucket("quarantine")
        queues = {}
        for name, end in QUEUES.items():
            for queue in (f"{name}{end}", f"{name}-dead{end}"):
                sqs.create_queue(queue, {"FifoQueue": "true"} if end else {})
            queues[name] = {"url": sqs.url(f"{name}{end}"), "dead_letter_url": sqs.url(f"{name}-dead{end}")}
        outputs = {
            "cloud": counted.cloud,
            "tables": {"journal": "journal", "votes": "votes", "tallies": "tallies"},
            "settings": {"shards": SHARDS, "aspects": list(ASPECTS), "slot_seconds": 4},
            "queues": queues,
            "quarantine_bucket": "quarantine",
        }
        self.deployment = SimulatedDeployment("simulated", outputs, "http://simulated", {})
        self.console = Console(width=200, file=io.StringIO())
        monkeypatch.setattr(clock, "now_us", counted.now_us)
        monkeypatch.setattr(clock, "sleep", self._waits)

    def _waits(self, seconds: float) -> None:
        self.counted.later(seconds)
        self.counted.fold()

    def printed(self) -> str:
        """What was printed since the last time."""
        text = self.console.file.getvalue()  # type: ignore[attr-defined]
        self.console = Console(width=200, file=io.StringIO())
        return str(text)

    @property
    def ticks(self) -> int:
        """How many ticks wait."""
        return len(self.counted.cloud.sqs.queues["tick.fifo"].messages)

    def objects(self, prefix: str) -> dict[str, bytes]:
        """What is in the bucket."""
        return {
            key: stored.body
            for key, stored in self.counted.cloud.s3.buckets["quarantine"].items()
            if key.startswith(prefix)
        }
