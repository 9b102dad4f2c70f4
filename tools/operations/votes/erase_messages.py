"""A voter's ballots in messages and in quarantine: what is left of either without them."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from shared import strict_json
from tools.operations import quarantine, redrive
from tools.operations.deployment import Deployment
from tools.operations.held import Held, Message
from votes.ballot import Ballot, is_identifier
from votes.entry import ERASED
from votes.repair import REASON

# how long a dead letter that was looked at is kept from others, unless the look ends before
HOLD_SECONDS = 600

GONE = object()


class Remainder(NamedTuple):
    """What remains of a text (None: nothing), and how many ballots or mentions were taken out."""

    text: str | None
    taken: int


class Occurrences(NamedTuple):
    """How many of the messages or objects looked at held something of the voter.

    `ballots`: how many ballots (or mentions) that was.
    """

    looked_at: int = 0
    holding: int = 0
    ballots: int = 0


def without(text: str, voter_id: str) -> Remainder:
    """A message's body, or a line of quarantine, without the voter's ballots.

    The others in it stay as they are. What is not of a shape we know stays too, with the voter's id
    in it overwritten.
    """
    if voter_id not in text and "\\" not in text:  # nothing of it can be an escape either
        return Remainder(text, 0)
    try:
        rest, taken = _without(strict_json.loads(text, sys.maxsize), voter_id)
    except (ValueError, RecursionError):  # it may be read, and be too deep to look into
        overwritten, taken = _mention(voter_id).subn(ERASED, _without_escapes(text))
        return Remainder(overwritten if taken else text, taken)
    if not taken:
        return Remainder(text, 0)
    return Remainder(None if rest is GONE else strict_json.canonical(rest), taken)


def _without(value: Any, voter_id: str) -> tuple[Any, int]:
    """The value without the voter's ballots, and how many there were.

    GONE: it was one, or only of them.
    """
    voter = _voter_of(value)
    if isinstance(voter, str):
        return (GONE, 1) if voter == voter_id else (value, 0)
    if isinstance(value, dict) and isinstance(value.get("ballots"), list):
        rest = [_without(ballot, voter_id) for ballot in value["ballots"]]
        kept = [ballot for ballot, _ in rest if ballot is not GONE]
        return (value | {"ballots": kept} if kept else GONE), sum(taken for _, taken in rest)
    if isinstance(value, dict) and "ballot" in value:
        ballot, taken = _without(value["ballot"], voter_id)
        return (GONE if ballot is GONE else value | {"ballot": ballot}), taken
    if isinstance(value, dict) and isinstance(value.get("body"), str):
        body, taken = without(value["body"], voter_id)
        return (GONE if body is None else value | {"body": body}), taken
    text = strict_json.canonical(value)
    overwritten, taken = _mention(voter_id).subn(ERASED, text)
    return (strict_json.loads(overwritten, sys.maxsize) if taken else value), taken


def _voter_of(value: Any) -> Any:
    """Whose ballot a value is; None when it is no ballot, as far as one can see."""
    if isinstance(value, dict):
        return value.get("voter_id")
    return value[0] if isinstance(value, list) and len(value) == len(Ballot._fields) else None


def _without_escapes(text: str) -> str:
    """The text with the letters, digits, _ and - of an id as themselves, where they are escaped."""
    return re.sub(r"(?<!\\)((?:\\\\)*)\\u00([2-7][0-9A-Fa-f])", _unescaped, text)


def _unescaped(found: re.Match[str]) -> str:
    character = chr(int(found[2], 16))
    return found[1] + character if is_identifier(character) else found[0]


def _mention(voter_id: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_-]){re.escape(voter_id)}(?![A-Za-z0-9_-])")


def in_dead_letters(
    sqs: Any, url: str, voter_id: str, *, change: bool, on_changed: Callable[..., None] = lambda **_: None
) -> Occurrences:
    """Look through a dead-letter queue; with `change`, take the voter's ballots out of it.

    A rewritten message is sent before the old one is deleted. Of a FIFO queue SQS shows no more
    than ten messages of a group before they are deleted: with `change` each of them is sent again,
    so all come by, in their order; without, it is only those. What others hold meanwhile is not
    looked at, nor all of a queue so long that HOLD_SECONDS are too short for it.
    """
    looked_at = holding = ballots = 0
    fifo = url.endswith(".fifo")
    own: set[str] = set()
    with Held(sqs, url, HOLD_SECONDS) as held:
        while batch := held.fresh():
            for message in batch:
                name = message["MessageId"]
                if name in own:
                    continue
                rest = without(message["Body"], voter_id)
                looked_at, holding, ballots = looked_at + 1, holding + bool(rest.taken), ballots + rest.taken
                if not change or not (rest.taken or fifo):
                    continue
                sent = _send_again(sqs, url, message, rest.text) if rest.text is not None else ""
                own.add(sent)
                held.delete(message)
                if rest.taken:
                    on_changed(dead_letter=name, ballots=rest.taken, **({"message": sent} if sent else {}))
    return Occurrences(looked_at, holding, ballots)


def _send_again(sqs: Any, url: str, message: Message, text: str) -> str:
    """Send a dead letter's remainder, by which failures still find it; its new id."""
    more = redrive.addressing(message, url, "erase", was=redrive.named_by(message))
    return str(sqs.send_message(QueueUrl=url, MessageBody=text, **more)["MessageId"])


class InQuarantine(NamedTuple):
    """What there is of the voter in quarantine.

    `unreadable`: how many entries of the journal that nobody could read lie there.
    """

    occurrences: Occurrences
    unreadable: int


def in_quarantine(
    deployment: Deployment, s3: Any, voter_id: str, *, change: bool, on_changed: Callable[..., None] = lambda **_: None
) -> InQuarantine:
    """Look through quarantine; with `change`, rewrite the objects that hold something of the voter.

    The new one is put first.
    """
    bucket = deployment.outputs["quarantine_bucket"]
    looked_at = holding = ballots = unreadable = 0
    for key in quarantine.keys(deployment, s3):
        looked_at += 1
        if quarantine.reason_of(key) == REASON:
            unreadable += 1
            continue
        lines = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8", "surrogateescape").splitlines()
        rest = [without(line, voter_id) for line in lines]
        taken = sum(line.taken for line in rest)
        holding, ballots = holding + bool(taken), ballots + taken
        if not change or not taken:
            continue
        left = "".join(line.text + "\n" for line in rest if line.text is not None)
        body = left.encode("utf-8", "surrogateescape")
        put = {}
        if body:
            name = f"{key.rsplit('/', 1)[0]}/{hashlib.sha256(body).hexdigest()[:32]}.jsonl"
            s3.put_object(Bucket=bucket, Key=name, Body=body, ContentType="application/x-ndjson")
            put = {"put": name}
        s3.delete_object(Bucket=bucket, Key=key)
        on_changed(quarantined=key, ballots=taken, **put)
    return InQuarantine(Occurrences(looked_at, holding, ballots), unreadable)
