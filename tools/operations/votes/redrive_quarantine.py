"""The messages that quarantined ballots go back as, to be judged by when they were received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared import strict_json
from shared.queues import REQUEST_BYTES
from tools.operations import quarantine
from tools.operations.pipeline import MessageToSend, Unsendable
from tools.operations.votes.message_summary import WITH_BALLOTS
from votes import messages, stamps
from votes.ballot import Ballot

ENVELOPE = 10  # JSON values of a message around its ballots, and some


def messages_of(text: str) -> list[MessageToSend]:
    """The messages that an object goes back as.

    Ballots received together are packed up to a message's size, a whole body goes as it was.

    Raises Unsendable when it is not of ballots or messages, or holds one that is larger than a
    message may be.
    """
    made: list[MessageToSend] = []
    pack: list[Any] = []
    size = values = received_at = first = 0

    def close(last: int) -> None:
        if pack:
            body = messages.encode_raw(received_at, pack)
            made.append(MessageToSend("ingest", body, first, last, len(pack)))
            pack.clear()

    for number, line in enumerate(quarantine.parsed(text), 1):
        if line.get("source") not in WITH_BALLOTS or not (_holds_a_ballot(line) or isinstance(line.get("body"), str)):
            raise Unsendable(f"line {number} is no ballot or message of the queues {' and '.join(WITH_BALLOTS)}")
        if "body" in line:
            close(number - 1)
            made.append(MessageToSend(line["source"], line["body"], number, number, 0))
            continue
        ballot = restamped(line)
        written = strict_json.canonical(ballot)
        length, holds = len(written) + 1, strict_json.values_in(written)
        full = len(pack) == messages.MOST_BALLOTS or values + holds > messages.MOST_VALUES - ENVELOPE
        if full or line.get("received_at", 0) != received_at or size + length > messages.MESSAGE_BYTES:
            close(number - 1)
        if not pack:
            received_at, first, size, values = line.get("received_at", 0), number, 0, 0
        pack.append(ballot)
        size, values = size + length, values + holds
    close(len(text.splitlines()))
    for message in made:
        if len(message.body.encode()) > REQUEST_BYTES:
            raise Unsendable(f"line {message.first} is larger than a message may be")
    return made


def _holds_a_ballot(line: Mapping[str, Any]) -> bool:
    return "ballot" in line and all(type(line.get(name, 0)) is int for name in ("received_at", "place"))


def restamped(line: Mapping[str, Any]) -> Any:
    """The ballot of a line; one that came without a stamp has the one that it would have had.

    So it is the same ballot however often it goes back, and in whatever company.
    """
    raw = line["ballot"]
    if line["source"] == "count" and isinstance(raw, list) and len(raw) == len(Ballot._fields):
        raw = dict(zip(Ballot._fields, raw, strict=True))
    if isinstance(raw, dict) and not raw.keys() & {"ballot_id", "cast_at"}:
        raw = raw | {"ballot_id": stamps.content_id(raw), "cast_at": line.get("received_at", 0) + line.get("place", 0)}
    return raw


def identity_of(line: Mapping[str, Any]) -> str:
    """The ballot's id, or else the content."""
    if not _holds_a_ballot(line):
        return strict_json.canonical(line.get("body", line))
    ballot = restamped(line)
    return strict_json.canonical(ballot.get("ballot_id", ballot) if isinstance(ballot, dict) else ballot)
