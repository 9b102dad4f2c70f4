"""The rows of journal and votes, as DynamoDB's items."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from shared.dynamo import number
from shared.versions import require_known
from votes import packing
from votes.entry import UnreadableEntry
from votes.standing import AspectVote, Standing

# heads, entries, and votes in full: every release reads them
PLAIN_VERSION = 1
# votes in few bytes (votes.packing); 0.1.0 leaves them for a later release
PACKED_VERSION = 2
VERSION = PACKED_VERSION  # the latest of a vote that is read

Item = dict[str, Any]


class UnreadableVote(Exception):
    """A standing vote's row that this code has not written: its ballots wait for a person."""


class Head(NamedTuple):
    """A shard's head row.

    `done` is the last entry whose votes have all been put, `shards` the number that the tables were
    founded with.
    """

    done: int
    shards: int


class Entry(NamedTuple):
    """A journal entry as stored: its number, its bytes, when it was appended (µs since 1970)."""

    n: int
    body: bytes
    appended_at: int


class Vote(NamedTuple):
    """A standing vote as stored, with the number of the entry that put it."""

    n: int
    standing: Standing


def read_head(item: Item) -> Head:
    """A head row's item, as a Head. Raises NewerVersion."""
    _require_known(item, "head row")
    return Head(int(item["done"]["N"]), int(item["shards"]["N"]))


def read_entry(item: Item) -> Entry:
    """An entry row's item, as an Entry. Raises NewerVersion, UnreadableEntry."""
    row = f"the row of entry {item['n']['N']} of shard {item['shard']['N']}"
    try:
        _require_known(item, "journal entry")
        body: bytes = item["entry"]["B"]
        return Entry(int(item["n"]["N"]), body, int(item["appended_at"]["N"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableEntry(f"{row} is not whole: {type(error).__name__}: {error}") from error


def read_vote(item: Item, name_of: Callable[[int], str]) -> Vote:
    """A vote row's item, as a Vote; of a packed one, `name_of` names the aspects.

    Raises NewerVersion, UnreadableVote, and what `name_of` raises.
    """
    try:
        require_known("a vote", int(item["v"]["N"]), VERSION)
        held = item["standing"]
        # the form by its type: rows of both versions stand side by side, for as long as they stand
        if "B" in held:
            return Vote(int(item["n"]["N"]), packing.unpack(bytes(held["B"]), name_of))
        standing: Standing = {}
        for aspect, value in held["M"].items():
            vote = value["M"]
            score = int(vote["score"]["N"]) if "N" in vote["score"] else None
            standing[aspect] = AspectVote(score, int(vote["cast_at"]["N"]), vote["ballot_id"]["S"])
        return Vote(int(item["n"]["N"]), standing)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableVote(f"a vote's row is not whole: {type(error).__name__}") from error


def read_put_by(item: Item) -> int:
    """By which entry a vote row's item was put, whatever else is in it. Raises UnreadableVote."""
    try:
        return int(item["n"]["N"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableVote(f"a vote's row is not whole: {type(error).__name__}") from error


def put_of(n: int, standing: Standing, numbers: Mapping[str, int] | None) -> list[Item]:
    """What entry n puts of a vote: the values of `n`, `v` and `standing`.

    Packed where aspects have numbers; one that has no such bytes in full all the same.
    """
    if numbers is not None:
        try:
            packed = packing.pack(standing, numbers)
        except packing.Unpackable:
            pass
        else:
            return [number(n), number(PACKED_VERSION), {"B": packed}]
    whole = {aspect: _aspect_vote_item(vote) for aspect, vote in standing.items()}
    return [number(n), number(PLAIN_VERSION), {"M": whole}]


def _aspect_vote_item(vote: AspectVote) -> Item:
    """One aspect of a vote row's `standing`."""
    score = {"NULL": True} if vote.score is None else number(vote.score)
    return {
        "M": {"score": score, "cast_at": number(vote.cast_at), "ballot_id": {"S": vote.ballot_id}}
    }


def _require_known(item: Mapping[str, Any], what: str) -> None:
    require_known(f"a {what}", int(item["v"]["N"]), PLAIN_VERSION)
