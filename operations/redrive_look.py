"""Looking at dead letters: what they are and what they failed of, in a table."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rich.table import Column, Table
from rich.text import Text

from operations import redrive
from operations.redrive_causes import Cause

LOOK_SECONDS = 60  # how long a look keeps a dead letter from others; it is given back at the end
MOST_SHOWN = 100  # characters of a cause's detail
NO_LINE = "no line of ours"


class DeadLetter(NamedTuple):
    """A dead letter as it was looked at; `sent_at` in milliseconds since 1970."""

    message_id: str
    kind: str
    group: str
    ballots: int
    sent_at: int


def look(sqs: Any, url: str, most: int = 1_000) -> list[DeadLetter]:
    """At most `most` dead letters, and of a FIFO queue at most 10 of a group; each is given back at the end.

    More of a group are not to be had: SQS holds a group's further messages back while earlier ones are looked at.
    """
    seen: dict[str, DeadLetter] = {}
    handles: list[str] = []
    try:
        while len(seen) < most:
            found = redrive.receive(sqs, url, LOOK_SECONDS, min(10, most - len(seen)))
            fresh = [message for message in found if message["MessageId"] not in seen]
            handles += [message["ReceiptHandle"] for message in found]
            if not fresh:
                break
            seen |= {message["MessageId"]: _dead_letter(message) for message in fresh}
    finally:
        for handle in handles:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    return list(seen.values())


def _dead_letter(message: dict[str, Any]) -> DeadLetter:
    body = message["Body"]
    sent_at = int(message["Attributes"].get("SentTimestamp", 0))
    return DeadLetter(message["MessageId"], redrive.kind(body), redrive.group_of(message), _ballots(body), sent_at)


def _ballots(body: str) -> int:
    try:
        message = json.loads(body)
    except ValueError:
        return 0
    if not isinstance(message, dict):
        return 0
    ballots = message.get("ballots")
    return len(ballots) if isinstance(ballots, list) else int("voter_id" in message)


def by_cause(letters: Iterable[DeadLetter], causes: Mapping[str, Cause]) -> Table:
    """A row for each cause and kind of message, most messages first."""
    rows: dict[tuple[str, str], list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        rows[str(causes.get(letter.message_id, NO_LINE)), letter.kind].append(letter)
    table = Table("cause", "what", "messages", "ballots", "groups", "oldest", "failed first – last", Column("such as", overflow="fold"))
    for (cause, what), some in sorted(rows.items(), key=lambda row: -len(row[1])):
        known = [causes[letter.message_id] for letter in some if letter.message_id in causes]
        latest = max(known, key=lambda one: one.last, default=None)
        detail = f"\n{latest.detail[:MOST_SHOWN]}" if latest and latest.detail else ""
        failed = f"{moment(min(one.first for one in known))} – {moment(latest.last)}" if latest else "–"
        table.add_row(
            Text(cause).append(detail, "dim"),
            what,
            str(len(some)),
            str(sum(letter.ballots for letter in some)),
            " ".join(sorted({letter.group for letter in some}, key=lambda group: (len(group), group))) or "–",
            moment(min(letter.sent_at for letter in some)),
            failed,
            some[0].message_id,
        )
    return table


def moment(ms: float) -> str:
    """A time in milliseconds since 1970, to the second, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
