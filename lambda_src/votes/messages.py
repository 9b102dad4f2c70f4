"""Messages between the functions, each with its version.

They are ingest (receive to process), count (process to write), tick (write to tally).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import to_json

from shared import strict_json
from shared.queues import OutgoingMessage
from shared.versions import require_known
from shared.visible import shown
from votes import stamps
from votes.ballot import Ballot, Code, Refusal
from votes.rules import Rules

VERSION = 1
MESSAGE_BYTES = 200_000
SENT_KEYS = 3  # of an ingest message as receive sends it: v, received_at, ballots
# Of a message of ours, however many aspects and however short their names: 696 and 20,000.
MOST_BALLOTS, MOST_VALUES = 1_600, 20_000

MOST_SKEW_US = 3600 * 1_000_000  # how far a sender's clock may be ahead of the queue's

# A ballot's JSON in either message at its widest: all but its votes, and beside an aspect's name.
_WIDEST_FRAME = (
    len('{"voter_id":"","title_id":"","votes":{},"ballot_id":"","cast_at":1234567890123456},')
    + 3 * 64
)
_WIDEST_SCORE = len('"":-1000,')


class Unreadable(Exception):
    """A message that can never be read: the quarantine's `reason`, a `detail` for people."""

    def __init__(self, reason: Code, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class IngestMessage(NamedTuple):
    """Ballots as they reached the ingest queue, not yet judged; `received_at` in microseconds."""

    received_at: int
    ballots: list[Any]


class CountMessage(NamedTuple):
    """Ballots of one shard of `shards`; `refused` are rows that are none, for the quarantine."""

    shard: int
    shards: int
    ballots: list[Ballot]
    refused: Sequence[tuple[object, Refusal]] = ()


def encode_count(message: CountMessage) -> str:
    """The body of a count message."""
    return to_json(
        {"v": VERSION, "shard": message.shard, "shards": message.shards, "ballots": message.ballots}
    ).decode("ascii")


def decode_count(body: str, rules: Rules) -> CountMessage:
    """Read a count message; raises Unreadable or NewerVersion.

    Rows that break a rule are in `refused`.
    """
    envelope = _envelope(body)
    shard, shards, rows = envelope.get("shard"), envelope.get("shards"), envelope.get("ballots")
    if (
        type(shard) is not int
        or type(shards) is not int
        or not isinstance(rows, list)
        or not rows
        or not 0 <= shard < shards
    ):
        needs = (
            "shard and shards (whole numbers, 0 <= shard < shards) and a list of ballots in ballots"
        )
        raise Unreadable(Code.NOT_A_MESSAGE, f"a count message has {needs}")
    _require_few(rows)
    is_ours = body.count(",") <= 3 + len(rows) * (len(rules.aspects) + 5)
    ballots, refused = rules.read_rows(rows, together=is_ours)
    return CountMessage(shard, shards, ballots, refused)


def encode_ingest(received_at: int, ballots: Sequence[Ballot]) -> str:
    """The body of an ingest message of `ballots` received at `received_at` (microseconds)."""
    rows = [
        {"voter_id": b[0], "title_id": b[1], "votes": b[2], "ballot_id": b[3], "cast_at": b[4]}
        for b in ballots
    ]
    return to_json({"v": VERSION, "received_at": received_at, "ballots": rows}).decode("ascii")


def encode_raw(received_at: int, raws: Sequence[object]) -> str:
    """The body of an ingest message of ballots as they came, not judged: any JSON values."""
    return strict_json.canonical({"v": VERSION, "received_at": received_at, "ballots": raws})


def decode_sent(body: str, rules: Rules, sent_at: int) -> tuple[int, list[Ballot]] | None:
    """Read an ingest message that has just what receive sends, each key once, and keeps every rule.

    Gives `received_at` and its ballots, or None. Nearly every message is one. Parsed and judged in
    one go it costs a quarter of what `decode_ingest` and `Rules.read` take, which judge all others.
    """
    ballots, commas = body.count("{") // 2, body.count(",")
    most = min(MOST_VALUES, 1 + ballots * (len(rules.aspects) + 4))
    if not 1 + 5 * ballots <= commas <= most:
        return None  # receive sends neither less nor more in so many ballots
    try:
        sent = rules.parse_sent(body)
    except ValidationError:
        return None
    if len(sent) != SENT_KEYS:
        return None
    received_at = sent["received_at"]
    earliest = received_at - stamps.MOST_BEHIND_US
    latest = min(received_at + stamps.MOST_AHEAD_US, sent_at + MOST_SKEW_US)
    read: list[Ballot] = []
    colons = len(sent)
    for fields in sent["ballots"]:
        if len(fields) != len(Ballot._fields) or not earliest <= fields["cast_at"] <= latest:
            return None
        colons += len(fields) + len(fields["votes"])
        # the values come in the order of the model, which is a ballot's
        read.append(Ballot._make(fields.values()))
    # No value the model takes has a colon, so one too many is a key's that the model does not know,
    # or that is there twice.
    if body.count(":") != colons or received_at > sent_at + MOST_SKEW_US:
        return None
    return received_at, read


def decode_ingest(body: str, *, sent_at: int) -> IngestMessage:
    """Read an ingest message, or a bare ballot or list of ballots put on the queue by hand.

    `sent_at` (microseconds, the queue's) stands in for a missing `received_at`. Raises Unreadable
    or NewerVersion.
    """
    envelope = _envelope(body)
    if "ballots" not in envelope:
        return IngestMessage(sent_at, [envelope])
    ballots, received_at = envelope["ballots"], envelope.get("received_at", sent_at)
    known = 1 + ("received_at" in envelope) + ("v" in envelope)
    if not isinstance(ballots, list) or not ballots or len(envelope) != known:
        raise Unreadable(
            Code.NOT_A_MESSAGE,
            "an ingest message has a list of ballots, and received_at and v, nothing else",
        )
    if type(received_at) is not int or not 0 <= received_at <= sent_at + MOST_SKEW_US:
        wanted = "whole microseconds since 1970, not after the message was sent"
        raise Unreadable(
            Code.NOT_A_MESSAGE, f"received_at must be {wanted}; got {shown(received_at)}"
        )
    _require_few(ballots)
    return IngestMessage(received_at, ballots)


def ahead(ballot: Ballot, sent_at: int) -> Refusal | None:
    """What is wrong with a ballot cast over an hour after the queue took its message.

    Its stamp would beat every later one until then; and no clock of ours is so far off.
    """
    if ballot.cast_at <= sent_at + MOST_SKEW_US:
        return None
    detail = f"cast_at is over an hour after the message was sent; got {ballot.cast_at}"
    return Refusal(Code.TOO_LATE, detail)


def tick(slot: int, *, titles: bool = False) -> OutgoingMessage:
    """What wakes tally after time slot `slot`, once, whoever sends it how often.

    With `titles`, for a person who waits until the titles' rows have what was appended.
    """
    body = {"v": VERSION, "slot": slot} | ({"titles": True} if titles else {})
    return OutgoingMessage(
        to_json(body).decode("ascii"),
        group=str(slot),
        deduplication_id=f"{slot}-titles" if titles else str(slot),
    )


def asks_for_titles(body: str) -> bool:
    """Whether a tick asks for titles to be folded whatever the time.

    All else may be in it: a tick says nothing but that there may be work. Raises NewerVersion.
    """
    try:
        tick = strict_json.loads(body, MOST_VALUES)
    except ValueError:
        return False
    if not isinstance(tick, dict):
        return False
    version = tick.get("v", VERSION)
    if isinstance(version, int):
        require_known("a tick", version, VERSION)
    return tick.get("titles") is True


def in_messages(ballots: Sequence[Ballot], rules: Rules) -> Iterator[Sequence[Ballot]]:
    """`ballots` in order, cut so that the message of each part stays within MESSAGE_BYTES.

    It does so however long the identifiers are.
    """
    most = _most_in_a_message(rules.aspects, MESSAGE_BYTES)
    for start in range(0, len(ballots), most):
        yield ballots[start : start + most]


@cache
def _most_in_a_message(aspects: tuple[str, ...], most_bytes: int) -> int:
    widest = _WIDEST_FRAME + sum(len(aspect) + _WIDEST_SCORE for aspect in aspects)
    return max(1, most_bytes // widest)


def _require_few(ballots: Sequence[object]) -> None:
    if len(ballots) > MOST_BALLOTS:
        raise Unreadable(
            Code.NOT_A_MESSAGE,
            f"{len(ballots)} ballots in one message: send at most {MOST_BALLOTS}",
        )


def _envelope(body: str) -> dict[str, Any]:
    try:
        envelope = strict_json.loads(body, MOST_VALUES)
    except strict_json.TooManyValues as error:
        raise Unreadable(Code.NOT_A_MESSAGE, f"the message is too much to read: {error}") from None
    except ValueError as error:
        raise Unreadable(Code.NOT_JSON, f"the message is not JSON: {error}") from None
    if isinstance(envelope, strict_json.Duplicated):
        raise Unreadable(
            Code.DUPLICATE_KEY, f"the message has the key {shown(envelope.key())} twice"
        )
    if not isinstance(envelope, dict):
        raise Unreadable(
            Code.NOT_A_MESSAGE, f"the message must be an object; got {shown(envelope)}"
        )
    version = envelope.get("v", VERSION)
    if type(version) is not int or version < 1:
        raise Unreadable(
            Code.NOT_A_MESSAGE, f"v must be a whole number from 1; got {shown(version)}"
        )
    require_known("the message", version, VERSION)
    return envelope
