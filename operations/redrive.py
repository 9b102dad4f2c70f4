"""Moving dead letters back to the queue they came from.

A message goes back with its old group and a deduplication id of its own, which follows from the dead letter: repeating a
redrive that broke off sends nothing twice within SQS's five minutes, and after that the counting itself takes repeats.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from votes import messages

MOVE_SECONDS = 60

Clock = Callable[[], float]
Sleep = Callable[[float], None]


@dataclass
class Moved:
    """What a redrive did: how many went back, and an audit line for each."""

    count: int = 0
    audit: list[dict[str, str]] = field(default_factory=list)


class Pace:
    """At most `rate` a second: call `wait` before each."""

    def __init__(self, rate: float, clock: Clock = time.monotonic, sleep: Sleep = time.sleep) -> None:
        self._rate, self._clock, self._sleep = rate, clock, sleep
        self._began, self._count = clock(), 0

    def wait(self) -> None:
        ahead = self._count / self._rate - (self._clock() - self._began)
        if ahead > 0:
            self._sleep(ahead)
        self._count += 1


def kind(body: str) -> str:
    """What a message is, in words."""
    try:
        message = json.loads(body)
    except ValueError:
        return "not JSON"
    if not isinstance(message, dict):
        return "JSON, but no message"
    version = message.get("v")
    if isinstance(version, int) and version > messages.VERSION:
        return f"message of version {version}, newer than this code knows (deploy first, then redrive)"
    if "slot" in message:
        return "tick"
    if isinstance(message.get("ballots"), list):
        return "ballots to count" if "shard" in message else "ballots as received"
    return "ballot put on the queue by hand" if "voter_id" in message else "JSON of no known shape"


def move(
    sqs: Any,
    source: str,
    target: str,
    *,
    most: int = 1_000,
    rate: float = 50.0,
    clock: Clock = time.monotonic,
    sleep: Sleep = time.sleep,
    told: Callable[[dict[str, str]], None] = lambda _: None,
) -> Moved:
    """Move at most `most` dead letters from `source` to `target`, at most `rate` (1 or more) a second.

    Each is sent first, `told` next, and deleted last: a failure in between leaves it in both, never in neither.
    """
    moved = Moved()
    pace = Pace(rate, clock, sleep)
    while moved.count < most:
        batch = receive(sqs, source, MOVE_SECONDS, min(10, most - moved.count))
        if not batch:
            break
        for message in batch:
            pace.wait()
            sent = sqs.send_message(QueueUrl=target, MessageBody=message["Body"], **_addressing(message, target))
            line = {"dead_letter": message["MessageId"], "message": sent["MessageId"], "kind": kind(message["Body"])}
            moved.audit.append(line | {"group": group_of(message)})
            told(moved.audit[-1])
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
            moved.count += 1
    return moved


def group_of(message: dict[str, Any]) -> str:
    """A message's group; empty on a standard queue."""
    return str(message["Attributes"].get("MessageGroupId", ""))


def receive(sqs: Any, url: str, visibility: int, most: int = 10) -> list[dict[str, Any]]:
    """At most `most` (10 at most) messages with all of their attributes, kept from others for `visibility` seconds."""
    found: list[dict[str, Any]] = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=most,
        VisibilityTimeout=visibility,
        WaitTimeSeconds=1,
        AttributeNames=["All"],
        MessageAttributeNames=["All"],
    ).get("Messages", [])
    return found


def _addressing(message: dict[str, Any], target: str) -> dict[str, Any]:
    attributes = {"MessageAttributes": message["MessageAttributes"]} if message.get("MessageAttributes") else {}
    if not target.endswith(".fifo"):
        return attributes
    identity = hashlib.sha256(f"redrive {message['MessageId']}".encode()).hexdigest()
    return attributes | {"MessageGroupId": message["Attributes"]["MessageGroupId"], "MessageDeduplicationId": identity}
