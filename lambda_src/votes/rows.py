"""The rows of journal and votes, as DynamoDB's items."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.dynamo import number
from shared.versions import require_known
from votes.entry import UnreadableEntry
from votes.standing import AspectVote, Standing

VERSION = 1

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


def read_vote(item: Item) -> Vote:
    """A vote row's item, as a Vote. Raises NewerVersion, UnreadableVote."""
    try:
        _require_known(item, "vote")
        standing: Standing = {}
        for aspect, value in item["standing"]["M"].items():
            vote = value["M"]
            score = int(vote["score"]["N"]) if "N" in vote["score"] else None
            standing[aspect] = AspectVote(score, int(vote["cast_at"]["N"]), vote["ballot_id"]["S"])
        return Vote(int(item["n"]["N"]), standing)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableVote(f"a vote's row is not whole: {type(error).__name__}") from error


def read_put_by(item: Item) -> int:
    """By which entry a vote row's item was put, whatever else is in it. Raises UnreadableVote."""
    try:
        return int(item["n"]["N"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableVote(f"a vote's row is not whole: {type(error).__name__}") from error


def aspect_vote_item(vote: AspectVote) -> Item:
    """One aspect of a vote row's `standing`."""
    score = {"NULL": True} if vote.score is None else number(vote.score)
    return {
        "M": {"score": score, "cast_at": number(vote.cast_at), "ballot_id": {"S": vote.ballot_id}}
    }


def _require_known(item: Mapping[str, Any], what: str) -> None:
    require_known(f"a {what}", int(item["v"]["N"]), VERSION)
