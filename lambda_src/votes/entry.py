"""A journal entry's bytes: what a batch of ballots changed, in columns, compressed.

One version byte, then zlib'd JSON. Columns, because like beside like compresses to half of what a list of rows takes; `before`
without stamps, because tallies need only the scores to take back. A change whose aspects were all cast by one ballot (nearly
all are) has its stamp in two columns; the stamps of aspects that an older ballot cast follow in `older`.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from votes.standing import Change, Held, Standing
from votes.versions import require_known

VERSION = 1
LARGEST_BYTES = 256 * 1024  # an item may have 400 KB; the rest is room to read, mend and repair
MOST_CHANGES = 2_000  # more would save nothing more, and an epoch takes in whole entries

Cell = int | bool | None  # a score, None for withdrawn, False for an aspect without a vote


class UnreadableEntry(Exception):
    """The bytes are no entry of a known version: damaged, or not written by this code. Its shard stops until a person mends it."""


def encode(changes: Sequence[Change]) -> bytes:
    """The bytes of one entry with these changes."""
    stamps = [max((held.cast_at, held.ballot_id) for held in change.after.values()) for change in changes]
    titles = {title: place for place, title in enumerate(dict.fromkeys(change.title_id for change in changes))}
    aspects = sorted({aspect for change in changes for aspect in (*change.after, *(change.before or ()))})
    start = min((cast_at for cast_at, _ in stamps), default=0)
    columns = {
        "voter_id": [change.voter_id for change in changes],
        "titles": list(titles),
        "title": [titles[change.title_id] for change in changes],
        "new": [int(change.before is None) for change in changes],
        "before": {aspect: [(change.before or {}).get(aspect) for change in changes] for aspect in aspects},
        "after": {aspect: [_cell(change.after, aspect) for change in changes] for aspect in aspects},
        "start": start,
        "cast_at": [cast_at - start for cast_at, _ in stamps],
        "ballot_id": [ballot_id for _, ballot_id in stamps],
        "older": [
            [row, aspect, held.cast_at, held.ballot_id]
            for row, (change, stamp) in enumerate(zip(changes, stamps, strict=True))
            for aspect, held in change.after.items()
            if held[1:] != stamp
        ],
    }
    packed = json.dumps(columns, separators=(",", ":")).encode()
    return bytes([VERSION]) + zlib.compress(packed, 6)


def decode(body: bytes) -> list[Change]:
    """The changes of an entry, in their order.

    Raises NewerVersion for a version byte above this release's, UnreadableEntry for whatever else is wrong.
    """
    if not body:
        raise UnreadableEntry("the entry is empty")
    require_known("the entry", body[0], VERSION)
    try:
        return list(_rows(json.loads(zlib.decompress(body[1:]))))
    except (zlib.error, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise UnreadableEntry(f"the entry cannot be read: {type(error).__name__}: {error}") from error


def split(changes: Sequence[Change]) -> Iterator[tuple[Sequence[Change], bytes]]:
    """Entries for these changes, as (changes, bytes), none with more than MOST_CHANGES or LARGEST_BYTES.

    Encoded one by one as they are asked for: whoever appends the first may find that the rest has to be thought over.
    """
    for place in range(0, len(changes), MOST_CHANGES):
        yield from _halved(changes[place : place + MOST_CHANGES])


def _halved(changes: Sequence[Change]) -> Iterator[tuple[Sequence[Change], bytes]]:
    body = encode(changes)
    if len(body) <= LARGEST_BYTES or len(changes) == 1:
        yield changes, body
        return
    middle = len(changes) // 2
    yield from _halved(changes[:middle])
    yield from _halved(changes[middle:])


def _cell(after: Standing, aspect: str) -> Cell:
    held = after.get(aspect)
    return False if held is None else held.score


def _rows(columns: dict[str, Any]) -> Iterable[Change]:
    aspects = list(columns["after"])
    titles, start = columns["titles"], columns["start"]
    older = {(row, aspect): (cast_at, ballot_id) for row, aspect, cast_at, ballot_id in columns["older"]}
    cells = zip(
        columns["voter_id"],
        columns["title"],
        columns["new"],
        columns["cast_at"],
        columns["ballot_id"],
        _across(columns["before"], aspects),
        _across(columns["after"], aspects),
        strict=True,
    )
    for row, (voter_id, title, new, since, ballot_id, before, after) in enumerate(cells):
        stamp = (start + since, ballot_id)
        held = {
            aspect: Held(score, *(older.get((row, aspect), stamp) if older else stamp))
            for aspect, score in zip(aspects, after, strict=True)
            if score is not False
        }
        found = None if new else {aspect: score for aspect, score in zip(aspects, before, strict=True) if score is not None}
        yield Change(voter_id, titles[title], found, held)


def _across(columns: dict[str, list[Cell]], aspects: list[str]) -> Iterable[tuple[Any, ...]]:
    """Columns of one length each, read row by row."""
    return zip(*(columns[aspect] for aspect in aspects), strict=True)
