"""A voter's ballots in messages and in quarantine: what is left of either without them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from operations import quarantine, redrive
from operations.place import Place
from votes import strict_json
from votes.ballot import Ballot
from votes.entry import ERASED
from votes.repair import REASON

HOLD_SECONDS = 600  # how long a dead letter that was looked at is kept from others, unless the look ends before

GONE = object()


class Left(NamedTuple):
    """What is left of a text: None if nothing is, and how many ballots (or mentions) were taken out."""

    text: str | None
    taken: int


class Found(NamedTuple):
    """How many of the messages or objects looked at held something of the voter, and how many ballots (or mentions) that was."""

    looked_at: int = 0
    holding: int = 0
    ballots: int = 0


def without(text: str, voter_id: str) -> Left:
    """A message's body, or a line of quarantine, without the voter's ballots. The others in it stay as they are.

    What is not of a shape we know stays too, with the voter's id in it overwritten.
    """
    if voter_id not in text and "\\" not in text:  # nothing of it can be an escape either
        return Left(text, 0)
    try:
        left, taken = _without(strict_json.loads(text), voter_id)
    except ValueError:
        overwritten, taken = _mention(voter_id).subn(ERASED, text)
        return Left(overwritten, taken)
    if not taken:
        return Left(text, 0)
    return Left(None if left is GONE else strict_json.canonical(left), taken)


def _without(value: Any, voter_id: str) -> tuple[Any, int]:
    """The value without the voter's ballots (GONE: it was one, or only of them), and how many there were."""
    his = _voter_of(value)
    if isinstance(his, str):
        return (GONE, 1) if his == voter_id else (value, 0)
    if isinstance(value, dict) and isinstance(value.get("ballots"), list):
        found = [_without(ballot, voter_id) for ballot in value["ballots"]]
        kept = [ballot for ballot, _ in found if ballot is not GONE]
        return (value | {"ballots": kept} if kept else GONE), sum(taken for _, taken in found)
    if isinstance(value, dict) and "ballot" in value:
        ballot, taken = _without(value["ballot"], voter_id)
        return (GONE if ballot is GONE else value | {"ballot": ballot}), taken
    if isinstance(value, dict) and isinstance(value.get("body"), str):
        body, taken = without(value["body"], voter_id)
        return (GONE if body is None else value | {"body": body}), taken
    text = strict_json.canonical(value)
    overwritten, taken = _mention(voter_id).subn(ERASED, text)
    return (strict_json.loads(overwritten) if taken else value), taken


def _voter_of(value: Any) -> Any:
    """Whose ballot a value is; None when it is no ballot, as far as one can see."""
    if isinstance(value, dict):
        return value.get("voter_id")
    return value[0] if isinstance(value, list) and len(value) == len(Ballot._fields) else None


def _mention(voter_id: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_-]){re.escape(voter_id)}(?![A-Za-z0-9_-])")


def in_dead_letters(sqs: Any, url: str, voter_id: str, *, change: bool, told: Callable[..., None] = lambda **_: None) -> Found:
    """Look through a dead-letter queue, and with `change` take the voter's ballots out of its messages.

    A rewritten message is sent before the old one is deleted. Of a FIFO queue SQS shows no more than ten messages of a group
    before they are deleted: with `change` each of them is sent again, so all come by, in their order; without, it is only those.
    """
    looked_at = holding = ballots = 0
    fifo = url.endswith(".fifo")
    own: set[str] = set()
    seen: set[str] = set()
    held: list[str] = []  # receipts, of what is given back at the end
    again = False  # something comes a second time: the queue is so long that we have held it for HOLD_SECONDS
    try:
        while not again and (batch := redrive.receive(sqs, url, HOLD_SECONDS)):
            for message in batch:
                name, receipt = message["MessageId"], message["ReceiptHandle"]
                again = again or name in seen
                if name in own or name in seen:
                    held.append(receipt)
                    continue
                seen.add(name)
                left = without(message["Body"], voter_id)
                looked_at, holding, ballots = looked_at + 1, holding + bool(left.taken), ballots + left.taken
                if not change or not (left.taken or fifo):
                    held.append(receipt)
                    continue
                if left.text is not None:
                    own.add(sqs.send_message(QueueUrl=url, MessageBody=left.text, **_addressing(message, url))["MessageId"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
                if left.taken:
                    told(dead_letter=name, ballots=left.taken)
    finally:
        for receipt in held:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
    return Found(looked_at, holding, ballots)


def _addressing(message: dict[str, Any], url: str) -> dict[str, Any]:
    attributes = {"MessageAttributes": message["MessageAttributes"]} if message.get("MessageAttributes") else {}
    if not url.endswith(".fifo"):
        return attributes
    identity = hashlib.sha256(f"erase {message['MessageId']}".encode()).hexdigest()
    return attributes | {"MessageGroupId": redrive.group_of(message), "MessageDeduplicationId": identity}


class Shelved(NamedTuple):
    """What there is of the voter in quarantine, and how many entries of the journal that nobody could read lie there."""

    found: Found
    unreadable: int


def in_quarantine(place: Place, s3: Any, voter_id: str, *, change: bool, told: Callable[..., None] = lambda **_: None) -> Shelved:
    """Look through quarantine, and with `change` rewrite the objects that hold something of the voter: the new one first."""
    bucket = place.outputs["quarantine_bucket"]
    looked_at = holding = ballots = unreadable = 0
    for key in quarantine.keys(place, s3):
        looked_at += 1
        if quarantine.reason_of(key) == REASON:
            unreadable += 1
            continue
        lines = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().splitlines()
        left = [without(line, voter_id) for line in lines]
        taken = sum(line.taken for line in left)
        holding, ballots = holding + bool(taken), ballots + taken
        if not change or not taken:
            continue
        body = "".join(line.text + "\n" for line in left if line.text is not None).encode("ascii")
        if body:
            folder = key.rsplit("/", 1)[0]
            name = hashlib.sha256(body).hexdigest()[:32]
            s3.put_object(Bucket=bucket, Key=f"{folder}/{name}.jsonl", Body=body, ContentType="application/x-ndjson")
        s3.delete_object(Bucket=bucket, Key=key)
        told(quarantined=key, ballots=taken)
    return Shelved(Found(looked_at, holding, ballots), unreadable)
