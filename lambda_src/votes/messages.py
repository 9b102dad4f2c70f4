"""Messages between the functions, every one with its version: ingest (receive to process) and count (process to write)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pydantic_core import to_json

from votes import strict_json
from votes.ballot import Ballot, Code, Refusal, Rules

VERSION = 1
MESSAGE_BYTES = 200_000

MOST_SKEW_US = 3600 * 1_000_000  # how far a sender's clock may be ahead of the queue's

# What a ballot's JSON holds beside its identifiers and aspects, at most: keys, punctuation, time; and beside each aspect.
INGEST_FRAME = len('{"voter_id":"","title_id":"","votes":{},"ballot_id":"","cast_at":1234567890123456},')
COUNT_FRAME = len('["","",{},"",1234567890123456],')
_SCORE_FRAME = len('"":-1000,')
_INGEST_KEYS = {"v", "received_at", "ballots"}


class Unreadable(Exception):
    """A message that can never be read, with the quarantine's `reason` and a `detail` for people."""

    def __init__(self, reason: Code, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class NewerVersion(Exception):
    """A message of a version this code does not know: fail it, so that a newer function (or a redrive to one) takes it."""


class IngestMessage(NamedTuple):
    """Ballots as they reached the ingest queue: `received_at` in microseconds, ballots not yet judged."""

    received_at: int
    ballots: list[Any]


class CountMessage(NamedTuple):
    """Ballots of one shard of `shards`; `refused` are rows that are no ballots, for the quarantine."""

    shard: int
    shards: int
    ballots: list[Ballot]
    refused: Sequence[tuple[object, Refusal]] = ()


def encode_count(message: CountMessage) -> str:
    """The body of a count message."""
    return to_json({"v": VERSION, "shard": message.shard, "shards": message.shards, "ballots": message.ballots}).decode("ascii")


def decode_count(body: str, rules: Rules) -> CountMessage:
    """Read a count message; raises Unreadable or NewerVersion. Rows that break a rule are in `refused`."""
    envelope = _envelope(body)
    shard, shards, rows = envelope.get("shard"), envelope.get("shards"), envelope.get("ballots")
    if type(shard) is not int or type(shards) is not int or not isinstance(rows, list) or not 0 <= shard < shards:
        raise Unreadable(Code.NOT_A_MESSAGE, "a count message has shard, shards and a list of ballots")
    ballots, refused = rules.read_rows(rows)
    return CountMessage(shard, shards, ballots, refused)


def encode_ingest(received_at: int, ballots: Sequence[Ballot]) -> str:
    """The body of an ingest message of `ballots` received at `received_at` (microseconds)."""
    rows = [{"voter_id": b[0], "title_id": b[1], "votes": b[2], "ballot_id": b[3], "cast_at": b[4]} for b in ballots]
    return to_json({"v": VERSION, "received_at": received_at, "ballots": rows}).decode("ascii")


def decode_ingest(body: str, *, sent_at: int) -> IngestMessage:
    """Read an ingest message, or a bare ballot or list of ballots put on the queue by hand; raises Unreadable or NewerVersion.

    `sent_at` (microseconds, the queue's) stands in for a missing `received_at`.
    """
    envelope = _envelope(body)
    if "ballots" not in envelope:
        return IngestMessage(sent_at, [envelope])
    ballots, received_at = envelope["ballots"], envelope.get("received_at", sent_at)
    if not isinstance(ballots, list) or not ballots or not envelope.keys() <= _INGEST_KEYS:
        raise Unreadable(Code.NOT_A_MESSAGE, "an ingest message has a list of ballots, and received_at and v, nothing else")
    if type(received_at) is not int or not 0 <= received_at <= sent_at + MOST_SKEW_US:
        raise Unreadable(Code.NOT_A_MESSAGE, "received_at must be microseconds since 1970, not after the message was sent")
    return IngestMessage(received_at, ballots)


def in_messages(ballots: Sequence[Ballot], frame: int) -> Iterator[Sequence[Ballot]]:
    """`ballots` in order, cut so that each part's JSON stays within MESSAGE_BYTES, with INGEST_FRAME or COUNT_FRAME a ballot."""
    start = size = 0
    for place, ballot in enumerate(ballots):
        aspects = sum(map(len, ballot.votes)) + _SCORE_FRAME * len(ballot.votes)
        length = frame + len(ballot.voter_id) + len(ballot.title_id) + len(ballot.ballot_id) + aspects
        if place > start and size + length > MESSAGE_BYTES:
            yield ballots[start:place]
            start, size = place, 0
        size += length
    if start < len(ballots):
        yield ballots[start:]


def _envelope(body: str) -> dict[str, Any]:
    try:
        envelope = strict_json.loads(body)
    except ValueError as error:
        raise Unreadable(Code.NOT_JSON, f"the message is not JSON: {error}") from None
    if isinstance(envelope, strict_json.Duplicated):
        raise Unreadable(Code.DUPLICATE_KEY, "the message has a key twice")
    if not isinstance(envelope, dict):
        raise Unreadable(Code.NOT_A_MESSAGE, "the message must be an object")
    version = envelope.get("v", VERSION)
    if type(version) is not int or version < 1:
        raise Unreadable(Code.NOT_A_MESSAGE, "v must be a whole number from 1")
    if version > VERSION:
        raise NewerVersion(f"the message has version {version}, this release reads up to {VERSION}: run the later release")
    return envelope
