"""A journal entry's bytes: what a batch of ballots changed, in columns, compressed; or what a person did (entries of other kinds).

One version byte, then zlib'd JSON. Version 1 is ballots, version 2 the other kinds: a release that does not know them yet stops
at one (NewerVersion) instead of skipping it. Columns, because like beside like compresses to half of what a list of rows takes; `before`
without stamps, because tallies need only the scores to take back. A change whose aspects were all cast by one ballot (nearly
all are) has its stamp in two columns; the stamps of aspects that an older ballot cast follow in `older`.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from votes.standing import Change, Delta, Held, Key, Standing
from votes.versions import require_known

BALLOTS_VERSION, OTHER_VERSION = 1, 2
VERSION = OTHER_VERSION  # the latest that is read
LARGEST_BYTES = 256 * 1024  # an item may have 400 KB; the rest is room to read, mend and repair
MOST_CHANGES = 2_000  # more would save nothing more, and an epoch takes in whole entries

ERASED = "#erased"  # stands for the identifiers of an erased voter in an entry long counted; no identifier can hold a '#'

Cell = int | bool | None  # a score, None for withdrawn, False for an aspect without a vote


class Kind(StrEnum):
    """Who made an entry, and what for."""

    BALLOTS = "ballots"
    REPAIR = "repair"  # adds to the tallies what an audit found missing
    ERASURE = "erasure"  # removes the rows of an erased voter's withdrawn votes
    MENDED = "mended"  # stands in for an entry that could not be read


class Content(NamedTuple):
    """What an entry says: standing votes to put (`changes`) and rows of votes to remove; what to add to tallies beyond that.

    `put_by` is the last entry that put one of the removed rows; `note` is for people.
    """

    changes: Sequence[Change] = ()
    kind: Kind = Kind.BALLOTS
    added: Mapping[str, Delta] = MappingProxyType({})
    removed: Sequence[Key] = ()
    put_by: int = 0
    note: str = ""


class UnreadableEntry(Exception):
    """The bytes are no entry of a known version: damaged, or not written by this code. Its shard stops until a person mends it."""


def encode(changes: Sequence[Change]) -> bytes:
    """The bytes of one entry with these changes."""
    stamps = [max((held.cast_at, held.ballot_id) for held in change.after.values()) for change in changes]
    titles = {title: place for place, title in enumerate(dict.fromkeys(change.title_id for change in changes))}
    aspects = sorted({aspect for change in changes for aspect in (*change.after, *(change.before or ()))})
    start = min((cast_at for cast_at, _ in stamps), default=0)
    who = {
        "voter_id": [change.voter_id for change in changes],
        "titles": list(titles),
        "ballot_id": [ballot_id for _, ballot_id in stamps],
        "older": [
            [row, aspect, held.cast_at, held.ballot_id]
            for row, (change, stamp) in enumerate(zip(changes, stamps, strict=True))
            for aspect, held in change.after.items()
            if held[1:] != stamp
        ],
    }
    when = {"start": start, "cast_at": [cast_at - start for cast_at, _ in stamps], "title": [titles[change.title_id] for change in changes]}
    what = {
        "new": [int(change.before is None) for change in changes],
        "before": {aspect: [(change.before or {}).get(aspect) for change in changes] for aspect in aspects},
        "after": {aspect: [_cell(change.after, aspect) for change in changes] for aspect in aspects},
    }
    return _packed(BALLOTS_VERSION, who, when, what)


def encode_other(content: Content) -> bytes:
    """The bytes of an entry of another kind, which has no changes."""
    said = {
        "kind": content.kind,
        "added": dict(content.added),
        "removed": [list(key) for key in content.removed],
        "put_by": content.put_by,
        "note": content.note,
    }
    return _packed(OTHER_VERSION, said)


def decode(body: bytes) -> Content:
    """What an entry says; its changes in their order.

    Raises NewerVersion for a version byte above this release's, UnreadableEntry for whatever else is wrong.
    """
    if not body:
        raise UnreadableEntry("the entry is empty")
    require_known("the entry", body[0], VERSION)
    try:
        said = json.loads(zlib.decompress(body[1:]))
        return _other(said) if body[0] == OTHER_VERSION else Content(list(_rows(said)))
    except (zlib.error, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise UnreadableEntry(f"the entry cannot be read: {type(error).__name__}: {error}") from error


def without_voter(content: Content, voter_id: str) -> bytes | None:
    """The bytes of the entry with nothing left of this voter but what was scored; None when there is nothing of him in it.

    The sums of the changes stay as they are. Only for entries whose votes are put and which are folded: nobody will need his
    key of them again (`Counting` leaves ERASED out, and an audit from before this starts over).
    """
    if content.kind is not Kind.BALLOTS:
        kept = [key for key in content.removed if key[0] != voter_id]
        return encode_other(content._replace(removed=kept)) if len(kept) < len(content.removed) else None
    if all(change.voter_id != voter_id for change in content.changes):
        return None
    others = [held.cast_at for change in content.changes if change.voter_id != voter_id for held in change.after.values()]
    stamp = (min(others, default=0), ERASED)
    return encode(
        [
            change._replace(voter_id=ERASED, after={aspect: Held(held.score, *stamp) for aspect, held in change.after.items()})
            if change.voter_id == voter_id
            else change
            for change in content.changes
        ]
    )


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


def _packed(version: int, *parts: dict[str, Any]) -> bytes:
    """One JSON object of all the parts, each with codes of its own: identifiers, numbers and scores have few characters in common.

    Of random identifiers (UUIDs) a short match costs more than the characters it spares; the filtered strategy passes it over.
    """
    packer = zlib.compressobj(6, strategy=zlib.Z_FILTERED)
    body, opening = bytes([version]), "{"
    for part in parts:
        text = json.dumps(part, separators=(",", ":"))
        body += packer.compress((opening + text[1:-1]).encode()) + packer.flush(zlib.Z_BLOCK)
        opening = ","
    return body + packer.compress(b"}") + packer.flush()


def _other(said: dict[str, Any]) -> Content:
    kind, put_by, note = Kind(said["kind"]), int(said["put_by"]), str(said["note"])
    added = {str(title): {str(name): int(n) for name, n in delta.items()} for title, delta in said["added"].items()}
    return Content((), kind, added, [(str(voter_id), str(title_id)) for voter_id, title_id in said["removed"]], put_by, note)


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
