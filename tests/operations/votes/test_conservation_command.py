"""`make conservation` says of what it does not look at that it does not."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
from rich.console import Console

from tools.operations.deployment import Deployment
from tools.operations.votes import witnesses

HOUR = 3600


@pytest.fixture
def looked_at(deployment: Deployment) -> Deployment:
    """Witnesses are looked at for an hour; a minute is what a ballot may take."""
    outputs = deployment.outputs
    outputs["settings"] = {"latency_seconds": 60, "look_back_seconds": HOUR - 60, "witness_share": 1}
    outputs["functions"]["receive"] = {"log_group": "receive"}
    deployment.client("logs").create_log_group(logGroupName="receive")
    return deployment


def witnessed(deployment: Deployment, function: str, stage: str, one: str, seconds_ago: float) -> None:
    client = deployment.client("logs")
    client.create_log_stream(logGroupName=function, logStreamName=one)
    line = {"message": "witness", "witness": stage, "outcome": "counted", "hashes": [one], "key": "k"}
    at = int((time.time() - seconds_ago) * 1000)
    client.put_log_events(
        logGroupName=function, logStreamName=one, logEvents=[{"timestamp": at, "message": json.dumps(line)}]
    )


def run(deployment: Deployment, **more: Any) -> tuple[int, str]:
    console = Console(width=400, file=io.StringIO(), record=True)
    code = witnesses.run(deployment, console, minutes=more.get("minutes"))
    return code, console.export_text()


def bury(deployment: Deployment, queue: str) -> None:
    url = deployment.outputs["queues"][queue]["dead_letter_url"]
    more = {"MessageGroupId": "1", "MessageDeduplicationId": "1"} if url.endswith(".fifo") else {}
    deployment.client("sqs").send_message(QueueUrl=url, MessageBody="{}", **more)


def test_all_settled(looked_at: Deployment) -> None:
    witnessed(looked_at, "receive", "accepted", "a", 600)
    witnessed(looked_at, "write", "settled", "a", 500)
    code, printed = run(looked_at)
    assert code == 0
    assert "of the last 60 minutes: 1 accepted" in printed
    assert "0 missing" in printed
    assert "dead letters" not in printed


def test_a_missing_one_is_named(looked_at: Deployment) -> None:
    witnessed(looked_at, "receive", "accepted", "lost", 600)
    code, printed = run(looked_at)
    assert code == 1
    assert "1 missing" in printed
    assert "lost: accepted" in printed


@pytest.mark.parametrize("queue", ["ingest", "count"])
def test_what_has_been_dead_for_longer_than_it_looks_back_is_said(queue: str, looked_at: Deployment) -> None:
    witnessed(looked_at, "receive", "accepted", "old", 2 * HOUR)
    bury(looked_at, queue)
    code, printed = run(looked_at)
    assert code == 1
    assert "0 missing" in printed
    assert f"{queue}: 1 dead letters, whose ballots are not settled. Of what was accepted before " in printed
    assert f"`make redrive ENV=test QUEUE={queue}`" in printed
    assert "1 missing" in run(looked_at, minutes=180)[1]


def test_a_tick_holds_no_ballots(looked_at: Deployment) -> None:
    bury(looked_at, "tick")
    assert run(looked_at)[0] == 0
