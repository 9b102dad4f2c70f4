"""What must become of an input: over HTTP, and on each queue by hand.

It is judged by code that has nothing in common with the pipeline's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.support.poison import Poison
from tools.traffic.votes.bad_input import JSON
from tools.traffic.votes.direct_count import microseconds
from votes.ballot import Code
from votes.shards import shard_of

ASPECTS = {"story", "acting", "visuals", "music", "overall"}
FIELDS = ("voter_id", "title_id", "votes", "ballot_id", "cast_at")
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
MINUTE, HOUR, MONTH = 60 * 10**6, 3_600 * 10**6, 30 * 86_400 * 10**6  # microseconds
MOST_BALLOTS, MOST_BYTES = 500, 1_048_576
NEVER = object()  # in place of what no rule accepts: no JSON, a key twice, a number beyond numbers


class Judged(NamedTuple):
    """An input's pieces in their order.

    Each is a ballot (its fields by name) that counts, or None for what is refused. What cannot be
    read as ballots is one refused piece. What `waits` is for a later release or for other shards.
    """

    pieces: Sequence[dict[str, Any] | None]
    waits: bool = False

    @property
    def good(self) -> list[dict[str, Any]]:
        return [piece for piece in self.pieces if piece is not None]

    @property
    def refused(self) -> int:
        return len(self.pieces) - len(self.good)


REFUSED, WAITS = Judged([None]), Judged([], waits=True)


def by_http(poison: Poison, now_us: int) -> Judged:
    """A request."""
    value = _parsed(poison.body.decode(errors="replace"))
    ballots = value["ballots"] if isinstance(value, dict) and "ballots" in value else [value]
    if (
        poison.content_type != JSON
        or len(poison.body) > MOST_BYTES
        or not isinstance(ballots, list)
        or not 1 <= len(ballots) <= MOST_BALLOTS
    ):
        return REFUSED
    if isinstance(value, dict) and "ballots" in value and len(value) > 1:
        return REFUSED
    return Judged([_ballot(ballot, now_us, micros=False) for ballot in ballots])


def on_ingest(text: str, sent_us: int) -> Judged:
    """A message on the ingest queue."""
    message = _parsed(text)
    if kept := _by_version(message):
        return kept
    if "ballots" not in message:
        return Judged([_ballot(message, sent_us, micros=True)])
    ballots, received = message["ballots"], message.get("received_at", sent_us)
    if not isinstance(ballots, list) or not ballots or message.keys() - {"v", "received_at", "ballots"}:
        return REFUSED
    if type(received) is not int or not 0 <= received <= sent_us + HOUR:
        return REFUSED
    return Judged([_ballot(ballot, received, micros=True) for ballot in ballots])


def on_count(text: str, shards: int) -> Judged:
    """A message on the count queue of a pipeline with so many `shards`."""
    message = _parsed(text)
    if kept := _by_version(message):
        return kept
    shard, of, rows = (message.get(name) for name in ("shard", "shards", "ballots"))
    if type(shard) is not int or type(of) is not int or not 0 <= shard < of or not isinstance(rows, list) or not rows:
        return REFUSED
    return Judged([_row(row, shard, of) for row in rows]) if of == shards else WAITS


def on_tick(text: str) -> Judged:
    """A message on the tick queue: it says nothing, unless it is for a later release."""
    tick = _parsed(text)
    version = tick.get("v", 1) if isinstance(tick, dict) else 1
    return WAITS if isinstance(version, int) and version > 1 else Judged([])


def _by_version(message: Any) -> Judged | None:
    version = message.get("v", 1) if isinstance(message, dict) else NEVER
    if type(version) is not int or version < 1:
        return REFUSED
    return WAITS if version > 1 else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=lambda _: NEVER, parse_int=_whole)
    except (ValueError, RecursionError):
        return NEVER


def _object(pairs: list[tuple[str, Any]]) -> Any:
    return dict(pairs) if len({key for key, _ in pairs}) == len(pairs) else NEVER


def _whole(digits: str) -> Any:
    return int(digits) if len(digits) < 1_000 else NEVER


def _ballot(value: Any, now_us: int, *, micros: bool) -> dict[str, Any] | None:
    """The ballot if it is good: without a stamp, or with one that is near enough to `now_us`.

    The stamp's time may be in microseconds if `micros`.
    """
    if not isinstance(value, dict) or not {*FIELDS[:3]} <= {*value} <= {*FIELDS} or not _scored(value):
        return None
    if ("ballot_id" in value) != ("cast_at" in value):
        return None
    if "cast_at" in value:
        cast_at = value["cast_at"]
        if isinstance(cast_at, str) and TIME.fullmatch(cast_at):
            try:
                cast_at = microseconds(cast_at.upper())
            except ValueError:
                return None
        elif not micros or type(cast_at) is not int:
            return None
        if not _identifier(value["ballot_id"]) or not -MONTH <= cast_at - now_us <= MINUTE:
            return None
    return value


def _row(row: Any, shard: int, shards: int) -> dict[str, Any] | None:
    if not isinstance(row, list) or len(row) != len(FIELDS):
        return None
    ballot = dict(zip(FIELDS, row, strict=True))
    good = (
        _scored(ballot)
        and _identifier(ballot["ballot_id"])
        and type(ballot["cast_at"]) is int
        and 0 <= ballot["cast_at"] < 2**53
    )
    return ballot if good and shard_of(ballot["voter_id"], shards) == shard else None


def _scored(ballot: dict[str, Any]) -> bool:
    votes = ballot["votes"]
    if (
        not _identifier(ballot["voter_id"])
        or not _identifier(ballot["title_id"])
        or not isinstance(votes, dict)
        or not votes
    ):
        return False
    return {*votes} <= ASPECTS and all(
        score is None or (type(score) is int and 1 <= score <= 5) for score in votes.values()
    )


def _identifier(value: Any) -> bool:
    return isinstance(value, str) and IDENTIFIER.fullmatch(value) is not None


PLACE = re.compile("|".join(FIELDS) + r"|title|ballots?\b|body|message|field|received_at|v must|shards?|Content-Type")
INTERNAL = re.compile(
    r"Traceback|\w(Error|Exception)\b|<class|object at 0x|pydantic|NoneType|None\b|Duplicated|NotANumber"
    r"|\bdict\b|\bstr\b|\.py\b|type="
)


def unclear(message: str) -> list[str]:
    """What keeps a person from understanding a refusal.

    It is too long, names no place, has things unseen in it, or our own internals.
    """
    found = [] if len(message) <= 300 else [f"{len(message)} characters"]
    found += [] if PLACE.search(message) else ["names no place"]
    found += [] if message.isprintable() else ["has characters that cannot be seen"]
    return found + [f"speaks of {internal.group()}" for internal in INTERNAL.finditer(message)]


def wrong_answer(status: int, body: dict[str, Any], expected: Judged) -> list[str]:
    """What is wrong with the answer to a request.

    Exactly the good ballots must be accepted, and what is refused say why.
    """
    answered = body if status == 202 else body.get("details", {})
    accepted, rejected = [item["index"] for item in answered.get("accepted", [])], answered.get("rejected", [])
    good = [index for index, piece in enumerate(expected.pieces) if piece is not None]
    found = [] if accepted == good else [f"accepted {accepted} instead of {good}"]
    if status == 202 and len(rejected) != expected.refused:
        found.append(f"{len(rejected)} rejected instead of {expected.refused}")
    elif status != 202 and not 400 <= status < 500:
        found.append(f"answered {status}")
    messages = [item["message"] for item in rejected] + ([] if status == 202 else [body["message"]])
    found += [f"code {item['code']}" for item in rejected if item["code"] not in set(Code)]
    for message in messages:
        found += [f"{wrong}: {message}" for wrong in unclear(message)]
    return found
