"""`make redrive QUEUE=…`: look at dead letters, then move them back to the queue they came from.

A message goes back with its old group and a deduplication id of its own, which follows from the dead letter: repeating a
redrive that broke off sends nothing twice within SQS's five minutes, and after that the counting itself takes repeats.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LOOK_SECONDS = 30  # how long a look keeps a dead letter from others; it is given back at the end
MOVE_SECONDS = 60
KNOWN_VERSION = 1


@dataclass
class Moved:
    """What a redrive did: how many went back, and an audit line for each."""

    count: int = 0
    audit: list[dict[str, str]] = field(default_factory=list)


def kind(body: str) -> str:
    """What a dead letter is, in words: SQS keeps no cause, so this and the functions' logs are what there is."""
    try:
        message = json.loads(body)
    except ValueError:
        return "not JSON"
    if not isinstance(message, dict):
        return "JSON, but no message"
    version = message.get("v")
    if isinstance(version, int) and version > KNOWN_VERSION:
        return f"message of version {version}, newer than this code knows (deploy first, then redrive)"
    if "slot" in message:
        return "tick: an attempt to fold failed"
    if isinstance(message.get("ballots"), list):
        return f"ballots of shard {message['shard']}" if "shard" in message else "ballots as received"
    return "JSON of no known shape"


def inspect(sqs: Any, url: str, most: int = 100) -> Counter[tuple[str, str]]:
    """Dead letters by kind and number of ballots, at most `most` of them; each is given back at once."""
    seen: dict[str, tuple[str, str]] = {}
    handles: list[str] = []
    try:
        while len(seen) < most:
            found = _receive(sqs, url, LOOK_SECONDS)
            fresh = [message for message in found if message["MessageId"] not in seen]
            handles += [message["ReceiptHandle"] for message in found]
            if not fresh:
                break
            seen |= {message["MessageId"]: (kind(message["Body"]), message["Attributes"].get("MessageGroupId", "")) for message in fresh}
    finally:
        for handle in handles:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    return Counter(seen.values())


def move(
    sqs: Any,
    source: str,
    target: str,
    *,
    most: int = 1_000,
    rate: float = 50.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    told: Callable[[dict[str, str]], None] = lambda _: None,
) -> Moved:
    """Move at most `most` dead letters from `source` to `target`, at most `rate` a second.

    Each is sent first and deleted after: a failure in between leaves it in both, never in neither.
    """
    moved = Moved()
    began = clock()
    while moved.count < most:
        batch = _receive(sqs, source, MOVE_SECONDS, min(10, most - moved.count))
        if not batch:
            break
        for message in batch:
            ahead = moved.count / rate - (clock() - began)
            if ahead > 0:
                sleep(ahead)
            sent = sqs.send_message(QueueUrl=target, MessageBody=message["Body"], **_addressing(message, target))
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
            moved.count += 1
            moved.audit.append({"dead_letter": message["MessageId"], "message": sent["MessageId"], "kind": kind(message["Body"])})
            told(moved.audit[-1])
    return moved


def _addressing(message: dict[str, Any], target: str) -> dict[str, Any]:
    attributes = {"MessageAttributes": message["MessageAttributes"]} if message.get("MessageAttributes") else {}
    if not target.endswith(".fifo"):
        return attributes
    identity = hashlib.sha256(f"redrive {message['MessageId']}".encode()).hexdigest()
    return attributes | {"MessageGroupId": message["Attributes"]["MessageGroupId"], "MessageDeduplicationId": identity}


def _receive(sqs: Any, url: str, visibility: int, most: int = 10) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=most,
        VisibilityTimeout=visibility,
        WaitTimeSeconds=1,
        AttributeNames=["All"],
        MessageAttributeNames=["All"],
    ).get("Messages", [])
    return found
