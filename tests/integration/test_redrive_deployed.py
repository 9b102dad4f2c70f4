"""Redrive on the local cloud: a dead letter is shown with its cause, and quarantined ballots come
to be counted.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from shared.quarantine import Quarantine, line_of
from tools.operations import quarantine, redrive_command
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.operations.redrive_command import Options
from tools.operations.votes.pipeline import PIPELINE as VOTES
from tools.traffic.client import Client
from tools.traffic.votes import api
from tools.traffic.votes.bad_input import GOOD


def _redrive(deployment: Deployment, queue: str, **more: Any) -> str:
    console = Console(width=240, file=io.StringIO(), record=True)
    assert redrive_command.run(deployment, console, Options(queue, **more), VOTES) == 0
    return console.export_text()


@contextmanager
def _given_up_at_once(deployment: Deployment, name: str) -> Iterator[None]:
    """Let a queue give a message up after one receive instead of five: back-off makes those a
    minute.
    """
    sqs, url = deployment.client("sqs"), deployment.outputs["queues"][name]["url"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(json.loads(policy) | {"maxReceiveCount": 1})}
    )
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})


def _until(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline, f"not within 30 s: {what}"
        time.sleep(0.1)


def test_a_dead_letter_is_shown_with_its_cause_and_moved(deployment: Deployment, drained: Callable[[], None]) -> None:
    sqs, queue = deployment.client("sqs"), deployment.outputs["queues"]["ingest"]
    newer = json.dumps({"v": 2, "ballots": [{}]})
    with _given_up_at_once(deployment, "ingest"):
        message = sqs.send_message(QueueUrl=queue["url"], MessageBody=newer)["MessageId"]
        _until(lambda: depth(sqs, queue["dead_letter_url"]).total == 1, "the message is given up")
        said = _redrive(deployment, "ingest", reason="newer-version", dry_run=True)
        assert "NewerVersion at read in process" in said
        assert f"{message}: message of version 2" in said
        assert "1 moved back to ingest, 0 left" in _redrive(deployment, "ingest", reason="newer-version", confirm=True)
        _until(lambda: depth(sqs, queue["dead_letter_url"]).total == 1, "the message is given up again")
    (letter,) = sqs.receive_message(QueueUrl=queue["dead_letter_url"])["Messages"]
    sqs.delete_message(QueueUrl=queue["dead_letter_url"], ReceiptHandle=letter["ReceiptHandle"])
    drained()


def test_quarantined_ballots_are_sent_back_and_counted_once(
    deployment: Deployment, drained: Callable[[], None]
) -> None:
    s3, title, now = deployment.client("s3"), "redriven-from-quarantine", int(time.time() * 1e6)
    ballots = [GOOD | {"title_id": title, "voter_id": f"held-{number}"} for number in range(3)]
    lines = [line_of("ingest", "title-not-open", "d", now, ballot=ballot) for ballot in ballots]
    for _ in range(2):  # the second time everything is a repeat
        Quarantine(s3, deployment.outputs["quarantine_bucket"]).put("redrive-test", now, lines)
        assert "1 of 1 objects went back as 1 messages" in _redrive(
            deployment, "quarantine", reason="redrive-test", confirm=True
        )
        drained()
        assert "redrive-test" not in quarantine.by_reason(deployment, s3)[0]
        client = Client(deployment.outputs["api_url"])
        found = api.results(client, title)
        client.close()
        assert found is not None
        assert found["voters"] == 3
