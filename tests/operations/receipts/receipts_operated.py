"""A deployment of receipts on simulated services, with batches in it, for what a person does."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from rich.console import Console

from receipts.deliveries import Deliveries
from receipts.heartbeats import Heartbeats
from receipts.ledger import ReadResult
from receipts.reasons import Refusal
from receipts.rows import FileRow
from shared import clock, logs
from shared.quarantine import Quarantine, line_of
from tests.lambda_src.receipts.delivering import Delivering
from tests.lambda_src.receipts.receiving import Receiving, jpeg, zipped
from tests.lambda_src.receipts.tables import NOW_US, Tables
from tests.operations.operated import SimulatedDeployment
from tools.simulation.aws.cloud import Cloud

QUEUES = ("intake", "image", "delivery")
SETTINGS = {"sweep_minutes": 1, "oldest_seconds": {"intake": 600, "image": 43_200}}
ENTRIES = {"a.jpg": jpeg("a"), "deep/b.jpg": jpeg("b"), "again.jpg": jpeg("a"), "notes.jpg": b"no picture"}


class Operated:
    """Queues, buckets and tables; time stands still unless it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "receipts")
        monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
        logs.metrics.cache_clear()
        self.now = NOW_US
        monkeypatch.setattr(clock, "now_us", lambda: self.now)
        self.cloud = Cloud(lambda: self.now, random.Random(3))
        self.tables = Tables(self.cloud)
        self.receiving = Receiving(self.cloud, self.tables)
        self.cloud.sqs.create_queue("delivery")
        for name in QUEUES:
            self.cloud.sqs.create_queue(f"{name}-dead")
        url = self.cloud.sqs.url
        outputs: dict[str, Any] = {
            "cloud": self.cloud,
            "region": "us-east-1",
            "api_url": "http://simulated",
            "tables": {"ledger": "ledger", "usage": "usage"},
            "buckets": {"uploads": "uploads", "documents": "documents"},
            "quarantine_bucket": "quarantine",
            "settings": dict(SETTINGS),
            "queues": {
                name: {"url": url(name), "name": name, "dead_letter_url": url(f"{name}-dead")} for name in QUEUES
            },
        }
        self.deployment = SimulatedDeployment("simulated", outputs, "http://simulated", {}, pipeline="receipts")
        self.console = Console(width=240, file=io.StringIO(), record=True)

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * 1_000_000)

    def batch(self, token: str = "token-1") -> str:
        """An archive of four entries that was taken apart: its batch's id."""
        batch_id = self.receiving.archived(zipped(ENTRIES), token)
        self.receiving.run(self.later)
        self.later(5)  # what is not read strongly is a moment behind
        return batch_id

    def file(self, batch_id: str, name: str) -> FileRow:
        """The row of the file of that name."""
        row = self.tables.ledger.file(batch_id, self.id_of(batch_id, name))
        assert row is not None
        return row

    def id_of(self, batch_id: str, name: str) -> str:
        """The id of the file of that name."""
        (found,) = {one.file_id for one in self.receiving.outcomes(batch_id) if one.name == name}
        return str(found)

    def read(self, batch_id: str, name: str, *, document: bytes | None = b"{}", review: bool = False) -> None:
        """Let a file be read, with this document (None: it is lost)."""
        key = f"results/x/{self.id_of(batch_id, name)}.json"
        if document is not None:
            self.receiving.s3.put_object(Bucket="documents", Key=key, Body=document)
        result = ReadResult(result_key=key, receipts=1, is_for_review=review, read_at=self.now)
        assert self.tables.ledger.read(batch_id, self.id_of(batch_id, name), result)
        self.later(5)

    def deliver(self, batch_id: str, name: str, revision: int = 0) -> None:
        """Let a fact stand in the database."""
        assert self.deliveries.delivered(self.file(batch_id, name), revision, self.now)
        self.later(5)

    def refuse_row(self, batch_id: str, name: str) -> None:
        """Let the database refuse a row of what was read, as settle writes it down."""
        row = self.file(batch_id, name)
        why = Refusal("refused-by-database", "receipt 0: 23514 total_check")
        named: Any = {"batch_id": batch_id, "customer_id": row.customer_id, "file_id": row.file_id}
        line = line_of("delivery", *why, row.received_at, **named, revision=0, receipt=0, name=name)
        Quarantine(self.receiving.s3, "quarantine").put(why.reason, row.received_at, [line])
        assert self.deliveries.refused(row, 0, why)
        self.later(5)

    def beat(self, **changes: Any) -> None:
        """Let a lane say how it is."""
        Heartbeats(self.tables.client, "ledger").note(Delivering.beat(**{"at": self.now} | changes))

    @property
    def deliveries(self) -> Deliveries:
        """The ledger's part about delivery."""
        return Deliveries(self.tables.client, "ledger")

    def refuse(self, batch_id: str, name: str) -> None:
        """Let a file be refused by read."""
        refusal = Refusal("truncated", "its end is missing")
        assert self.tables.ledger.quarantine(batch_id, self.id_of(batch_id, name), refusal, self.now)
        self.later(5)

    def printed(self) -> str:
        """What was printed since the last time."""
        return self.console.export_text()


@pytest.fixture
def operated(monkeypatch: pytest.MonkeyPatch) -> Operated:
    """Empty services."""
    return Operated(monkeypatch)
