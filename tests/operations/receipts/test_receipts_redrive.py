"""`make redrive PIPELINE=receipts`: dead letters of both queues by cause, and back."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from receipts.delivery.messages import Delivery, decode_delivery
from receipts.rows import State
from tests.operations.receipts.receipts_operated import Operated, operated
from tests.operations.receipts.test_receipts_messages_seen import IMAGE, PART
from tools.operations import audit, redrive_command
from tools.operations.deployment import Deployment
from tools.operations.receipts.pipeline import PIPELINE
from tools.operations.redrive_command import Options

__all__ = ["operated"]


@pytest.fixture
def receipts(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Deployment:
    """Both queues and their consumers, in moto."""
    monkeypatch.setattr(audit, "BUILD", tmp_path)
    standard = {**deployment.outputs["queues"]["ingest"]}
    functions = {"split": {"log_group": "process"}, "read": {"log_group": "process"}}
    outputs = {"region": "us-east-1", "queues": {"intake": standard, "image": standard}, "functions": functions}
    return Deployment("test", outputs, None, {}, pipeline="receipts")


def redrive(deployment: Deployment, queue: str, **more: Any) -> str:
    console = Console(width=240, file=io.StringIO(), record=True)
    assert redrive_command.run(deployment, console, Options(queue, **more), PIPELINE) == 0
    return console.export_text()


@pytest.mark.parametrize(
    ("queue", "function", "body", "kind"),
    [("image", "read", IMAGE, "file to be read"), ("intake", "split", PART, "entries of an archive")],
)
def test_a_dead_letter_is_shown_with_its_cause_and_moved(
    receipts: Deployment, queue: str, function: str, body: str, kind: str
) -> None:
    sqs, logs = receipts.client("sqs"), receipts.client("logs")
    sent = sqs.send_message(QueueUrl=receipts.outputs["queues"][queue]["dead_letter_url"], MessageBody=body)
    line = {"message": "failed", "kind": "AccessDenied", "place": function, "message_ids": [sent["MessageId"]]}
    logs.create_log_stream(logGroupName="process", logStreamName="s")
    event = {"timestamp": int(time.time() * 1000), "message": json.dumps(line)}
    logs.put_log_events(logGroupName="process", logStreamName="s", logEvents=[event])
    shown = redrive(receipts, queue, dry_run=True)
    assert f"{sent['MessageId']}: {kind} → {queue} (AccessDenied at {function} in {function})" in shown
    assert f"1 moved back to {queue}, 0 left" in redrive(receipts, queue, confirm=True)
    (back,) = sqs.receive_message(QueueUrl=receipts.outputs["queues"][queue]["url"])["Messages"]
    assert back["Body"] == body


def test_what_the_database_refused_is_tried_again(
    operated: Operated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(audit, "BUILD", tmp_path)
    batch_id = operated.batch()
    operated.read(batch_id, "a.jpg")
    operated.refuse_row(batch_id, "a.jpg")
    assert operated.file(batch_id, "a.jpg").revisions == "r"
    said = redrive(operated.deployment, "quarantine", reason="refused-by-database", confirm=True)
    assert "1 of 1 objects went back as 1 messages" in said
    (sent,) = operated.receiving.sqs.receive_message(QueueUrl=operated.cloud.sqs.url("delivery"))["Messages"]
    found = decode_delivery(sent["Body"])
    assert isinstance(found, Delivery)
    assert (found.file_id, found.revision) == (operated.id_of(batch_id, "a.jpg"), 0)
    row = operated.file(batch_id, "a.jpg")
    assert (row.revisions, row.due_at is not None) == ("w", True), "should its pointer be lost, the sweep sends it"
    operated.deliver(batch_id, "a.jpg")
    assert operated.file(batch_id, "a.jpg").state is State.DELIVERED
