"""Sending quarantined ballots back to be judged again, by when they were received.

What is still refused is quarantined again, under the very name it had (an object is named by its content), and that may
happen before a redrive comes to delete it. So a redrive takes an object first: it copies it to `quarantine/redriving/<run>/`
and deletes it under the old name; then sends all of it; then deletes its own copy, which nobody else writes. Whatever is put
in between stays. A redrive that broke off leaves its copy, which the next one takes like any other: a repeat is harmless.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from rich.table import Table

from operations import quarantine
from operations.place import Place
from operations.redrive import Pace
from operations.redrive_look import moment
from shared.queues import REQUEST_BYTES
from votes import fanout, messages, stamps, strict_json
from votes.ballot import Ballot

MOST_READ = 1_000  # objects that a look reads; all are counted
QUEUES = ("ingest", "count")  # where lines came from, and can go back to
OWN_NAME = re.compile(r"^quarantine/(?:redriving/[^/]+/)?")


class Unsendable(Exception):
    """An object that cannot go back to a queue; the message says why."""


class Back(NamedTuple):
    """A message to send back: the queue, the body, the object's lines that are in it (from 1), and how many ballots that is."""

    queue: str
    body: str
    first: int
    last: int
    ballots: int


def given(line: dict[str, Any]) -> Any:
    """The ballot of a line as it goes back: one that came without a stamp with the one it would have had.

    So it is the same ballot however often it goes back, and in whatever company.
    """
    raw = line["ballot"]
    if line["source"] == "count" and isinstance(raw, list) and len(raw) == len(Ballot._fields):
        raw = dict(zip(Ballot._fields, raw, strict=True))
    if isinstance(raw, dict) and not raw.keys() & {"ballot_id", "cast_at"}:
        raw = raw | {"ballot_id": stamps.content_id(raw), "cast_at": line["received_at"] + line.get("place", 0)}
    return raw


def backs(text: str) -> list[Back]:
    """The messages that an object goes back as: ballots received together packed up to a message's size, a whole body as it was.

    Raises Unsendable when it is not of ballots or messages, or holds one that is larger than a message may be.
    """
    made: list[Back] = []
    pack: list[Any] = []
    size = received_at = first = 0

    def close(last: int) -> None:
        if pack:
            made.append(Back("ingest", messages.encode_given(received_at, pack), first, last, len(pack)))
            pack.clear()

    for number, line in enumerate(map(json.loads, text.splitlines()), 1):
        if line.get("source") not in QUEUES or not line.keys() & {"ballot", "body"}:
            raise Unsendable(f"line {number} is no ballot or message of the queues {' and '.join(QUEUES)}")
        if "body" in line:
            close(number - 1)
            made.append(Back(line["source"], line["body"], number, number, 0))
            continue
        ballot = given(line)
        length = len(strict_json.canonical(ballot)) + 1
        if line["received_at"] != received_at or size + length > messages.MESSAGE_BYTES:
            close(number - 1)
        if not pack:
            received_at, first, size = line["received_at"], number, 0
        pack.append(ballot)
        size += length
    close(len(text.splitlines()))
    for back in made:
        if len(back.body.encode()) > REQUEST_BYTES:
            raise Unsendable(f"line {back.first} is larger than a message may be")
    return made


class Held(NamedTuple):
    """An object of quarantine: its key and its text."""

    key: str
    text: str


def read(place: Place, s3: Any, keys: Sequence[str]) -> list[Held]:
    """The objects that are still there."""

    def get(key: str) -> Held | None:
        try:
            return Held(key, s3.get_object(Bucket=place.outputs["quarantine_bucket"], Key=key)["Body"].read().decode())
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    return [held for held in fanout.each(get, keys) if held is not None]


def by_reason(objects: Sequence[Held]) -> Table:
    """A row for each reason, source and day, the latest days first within a reason."""
    rows: dict[tuple[str, str, str], list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for held in objects:
        for line in map(json.loads, held.text.splitlines()):
            day = datetime.fromtimestamp(line.get("received_at", 0) / 1e6, UTC).date().isoformat()
            rows[quarantine.reason_of(held.key), line.get("source", "?"), day].append((held.key, line))
    table = Table("reason", "from", "day", "objects", "lines", "distinct ballots", "received first – last")
    for (reason, source, day), found in sorted(rows.items(), key=lambda row: (row[0][0], row[0][1], _backwards(row[0][2]))):
        distinct = len({_identity(line) for _, line in found})
        times = [line.get("received_at", 0) / 1000 for _, line in found]
        objects_of = len({key for key, _ in found})
        between = f"{moment(min(times))} – {moment(max(times))}"
        table.add_row(reason, source, day, str(objects_of), str(len(found)), str(distinct), between)
    return table


def _backwards(day: str) -> int:
    return -int(day.replace("-", ""))


def _identity(line: dict[str, Any]) -> str:
    """The ballot's id, or else the content."""
    if "ballot" not in line:
        return strict_json.canonical(line.get("body", line))
    ballot = given(line)
    return strict_json.canonical(ballot.get("ballot_id", ballot) if isinstance(ballot, dict) else ballot)


class Redrive:
    """One run of sending back: `run` names it, `audit` takes a line a message."""

    def __init__(self, place: Place, s3: Any, sqs: Any, *, run: str, pace: Pace, audit: Callable[..., None]) -> None:
        self._s3, self._sqs, self._bucket, self._queues = s3, sqs, place.outputs["quarantine_bucket"], place.outputs["queues"]
        self._run, self._pace, self._audit = run, pace, audit
        self.messages = self.objects = 0

    def send(self, held: Held) -> None:
        """Take an object, send all of it back, and forget it. Raises Unsendable, and then it stays where it is."""
        made = backs(held.text)
        name = OWN_NAME.sub("", held.key)
        taken = f"{quarantine.PREFIX}redriving/{self._run}/{name}"
        self._s3.copy_object(Bucket=self._bucket, Key=taken, CopySource={"Bucket": self._bucket, "Key": held.key})
        self._s3.delete_object(Bucket=self._bucket, Key=held.key)
        for back in made:
            self._pace.wait()
            queue = self._queues[back.queue]["url"]
            sent = self._sqs.send_message(QueueUrl=queue, MessageBody=back.body, **self._addressing(queue, held.key, back))
            self.messages += 1
            self._audit(
                queue="quarantine", object=name, lines=f"{back.first}-{back.last}", message=sent["MessageId"], to=back.queue,
                cause=quarantine.reason_of(held.key), ballots=back.ballots,
            )  # fmt: skip
        self._s3.delete_object(Bucket=self._bucket, Key=taken)
        self.objects += 1

    def _addressing(self, queue: str, key: str, back: Back) -> dict[str, str]:
        """A group of its own, and an id that no other run has: SQS would drop a repeat, and then it would be nowhere."""
        if not queue.endswith(".fifo"):
            return {}
        identity = hashlib.sha256(f"{self._run} {key} {back.first}".encode()).hexdigest()
        return {"MessageGroupId": "quarantine", "MessageDeduplicationId": identity}


def keys_of(place: Place, s3: Any, reason: str) -> Iterator[str]:
    """The names of the objects of a reason; of all, when it is empty."""
    return (key for key in quarantine.keys(place, s3) if not reason or quarantine.reason_of(key) == reason)
