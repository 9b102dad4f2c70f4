"""A journal entry's bytes: what a batch of ballots changed, or what a person did.

One version byte, then zlib'd JSON. Version 1 is ballots, version 2 the other kinds: a release that
does not know them yet stops at one (NewerVersion) instead of skipping it. Ballots are in columns,
because like beside like compresses to half of what a list of rows takes; `before` without stamps,
because tallies need only the scores to take back. A change whose aspects were all cast by one
ballot (nearly all are) has its stamp in two columns; the stamps of aspects that an older ballot
cast follow in `older`.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple

from shared.versions import require_known
from votes.standing import AspectVote, Change, Delta, Key, Standing

BALLOTS_VERSION, OTHER_VERSION = 1, 2
VERSION = OTHER_VERSION  # the latest that is read
LARGEST_BYTES = 256 * 1024  # an item may have 400 KB; the rest is room to read, mend and repair
MOST_CHANGES = 2_000  # more would save nothing more, and an epoch takes in whole entries
MOST_VOTES = 30_000  # aspects of all changes, so that unpacked it stays below what follows
MOST_TEXT, MOST_VALUES = 8 * 1024 * 1024, 400_000  # bytes and JSON values of one that is read

# for the identifiers of an erased voter in an entry long counted; no identifier can hold a '#'
ERASED = "#erased"

Cell = int | bool | None  # a score, None for withdrawn, False for an aspect without a vote


class Kind(StrEnum):
    """Who made an entry, and what for."""

    BALLOTS = "ballots"
    REPAIR = "repair"  # adds to the tallies what an audit found missing
    ERASURE = "erasure"  # removes the rows of an erased voter's withdrawn votes
    MENDED = "mended"  # stands in for an entry that could not be read


class Content(NamedTuple):
    """What an entry says.

    `changes` are standing votes to put, `removed` rows of votes to remove; `added` is what to add
    to tallies beyond that (title → counter → number). `put_by` is the last entry that put one of
    the removed rows; `note` is for people.
    """

    changes: Sequence[Change] = ()
    kind: Kind = Kind.BALLOTS
    added: Mapping[str, Delta] = MappingProxyType({})
    removed: Sequence[Key] = ()
    put_by: int = 0
    note: str = ""


class UnreadableEntry(Exception):
    """The bytes are no entry of a known version: damaged, or not written by this code.

    Its shard stops until a person mends it.
    """


def encode(changes: Sequence[Change]) -> bytes:
    """The bytes of one entry with these changes."""
    stamps = list(map(_latest_stamp, changes))
    distinct_titles = dict.fromkeys([change.title_id for change in changes])
    titles = {title: index for index, title in enumerate(distinct_titles)}
    named: set[str] = set()
    for change in changes:
        named.update(change.after, change.before or ())
    aspects = sorted(named)
    start = min((cast_at for cast_at, _ in stamps), default=0)
    who = {
        "voter_id": [change.voter_id for change in changes],
        "titles": list(titles),
        "ballot_id": [ballot_id for _, ballot_id in stamps],
        "older": _older_stamps(changes, stamps),
    }
    when = {
        "start": start,
        "cast_at": [cast_at - start for cast_at, _ in stamps],
        "title": [titles[change.title_id] for change in changes],
    }
    befores = [change.before or {} for change in changes]
    afters = [change.after for change in changes]
    what = {
        "new": [int(change.before is None) for change in changes],
        "before": {aspect: [before.get(aspect) for before in befores] for aspect in aspects},
        "after": {aspect: [_cell(after, aspect) for after in afters] for aspect in aspects},
    }
    return _packed(BALLOTS_VERSION, who, when, what)


def encode_other(content: Content) -> bytes:
    """The bytes of an entry of another kind, which has no changes."""
    fields = {
        "kind": content.kind,
        "added": dict(content.added),
        "removed": [list(key) for key in content.removed],
        "put_by": content.put_by,
        "note": content.note,
    }
    return _packed(OTHER_VERSION, fields)


def decode(body: bytes) -> Content:
    """What an entry says; its changes in their order.

    Raises NewerVersion for a version byte above this release's, UnreadableEntry for whatever else
    is wrong.
    """
    if not body:
        raise UnreadableEntry("the entry is empty")
    require_known("the entry", body[0], VERSION)
    try:
        fields = json.loads(_unpacked(body[1:]))
        return _other(fields) if body[0] == OTHER_VERSION else Content(list(_rows(fields)))
    except Exception as error:  # whatever the bytes may be, they stop their shard alone
        raise UnreadableEntry(
            f"the entry cannot be read: {type(error).__name__}: {error}"
        ) from error


def without_voter(content: Content, voter_id: str) -> bytes | None:
    """The bytes of the entry with nothing left of this voter but what was scored.

    None when there is nothing of the voter in it. The sums of the changes stay as they are. Only
    for entries whose votes are put and which are folded: nobody will need the voter's key of them
    again (`Counting` leaves ERASED out, and an audit from before this starts over).
    """
    if content.kind is not Kind.BALLOTS:
        kept = [key for key in content.removed if key[0] != voter_id]
        if len(kept) == len(content.removed):
            return None
        return encode_other(content._replace(removed=kept))
    others = [change for change in content.changes if change.voter_id != voter_id]
    if len(others) == len(content.changes):
        return None
    times: list[int] = []
    for change in others:
        times += [vote.cast_at for vote in change.after.values()]
    stamp = (min(times, default=0), ERASED)
    return encode(
        [
            _erased(change, stamp) if change.voter_id == voter_id else change
            for change in content.changes
        ]
    )


def _erased(change: Change, stamp: tuple[int, str]) -> Change:
    after = {aspect: AspectVote(vote.score, *stamp) for aspect, vote in change.after.items()}
    return change._replace(voter_id=ERASED, after=after)


def split(changes: Sequence[Change]) -> Iterator[tuple[Sequence[Change], bytes]]:
    """Entries for these changes, as (changes, bytes), none past LARGEST_BYTES or what is read.

    Encoded one by one as they are asked for: whoever appends the first may find that the rest has
    to be thought over.
    """
    for start in range(0, len(changes), MOST_CHANGES):
        yield from _halved(changes[start : start + MOST_CHANGES])


def _halved(changes: Sequence[Change]) -> Iterator[tuple[Sequence[Change], bytes]]:
    if sum(len(change.after) for change in changes) <= MOST_VOTES or len(changes) == 1:
        body = encode(changes)
        if len(body) <= LARGEST_BYTES or len(changes) == 1:
            yield changes, body
            return
    middle = len(changes) // 2
    yield from _halved(changes[:middle])
    yield from _halved(changes[middle:])


def _packed(version: int, *parts: dict[str, Any]) -> bytes:
    """One JSON object of all the parts, compressed, each part with codes of its own.

    Identifiers, numbers and scores have few characters in common. Of random identifiers (UUIDs) a
    short match costs more than the characters it spares; the filtered strategy passes it over.
    """
    packer = zlib.compressobj(6, strategy=zlib.Z_FILTERED)
    body, opening = bytes([version]), "{"
    for part in parts:
        text = json.dumps(part, separators=(",", ":"))
        body += packer.compress((opening + text[1:-1]).encode()) + packer.flush(zlib.Z_BLOCK)
        opening = ","
    return body + packer.compress(b"}") + packer.flush()


def _unpacked(packed: bytes) -> bytes:
    """The text of an entry. Raises ValueError past what an entry of ours can be, zlib.error."""
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(packed, MOST_TEXT + 1)
    if len(text) > MOST_TEXT or sum(map(text.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise ValueError(f"it unpacks to more than {MOST_TEXT} bytes or {MOST_VALUES} values")
    if not unpacker.eof:
        raise zlib.error("incomplete or truncated stream")
    return text


def _other(fields: dict[str, Any]) -> Content:
    kind, put_by, note = Kind(fields["kind"]), int(fields["put_by"]), str(fields["note"])
    added = {str(title): _delta(delta) for title, delta in fields["added"].items()}
    removed = [(str(voter_id), str(title_id)) for voter_id, title_id in fields["removed"]]
    return Content((), kind, added, removed, put_by, note)


def _delta(fields: dict[str, Any]) -> Delta:
    return {str(name): int(n) for name, n in fields.items()}


def _latest_stamp(change: Change) -> tuple[int, str]:
    return max([(vote.cast_at, vote.ballot_id) for vote in change.after.values()])


def _older_stamps(
    changes: Sequence[Change], stamps: Sequence[tuple[int, str]]
) -> list[list[int | str]]:
    """The aspects that another ballot cast than the one of the row's stamp."""
    older: list[list[int | str]] = []
    for row, (change, stamp) in enumerate(zip(changes, stamps, strict=True)):
        for aspect, vote in change.after.items():
            if vote[1:] != stamp:
                older.append([row, aspect, vote.cast_at, vote.ballot_id])
    return older


def _cell(after: Standing, aspect: str) -> Cell:
    vote = after.get(aspect)
    return False if vote is None else vote.score


def _rows(columns: dict[str, Any]) -> Iterable[Change]:
    aspects = list(columns["after"])
    titles, start = columns["titles"], columns["start"]
    "".join(chain(columns["voter_id"], titles))  # a TypeError unless all of them are text
    older = {
        (row, aspect): (cast_at, ballot_id) for row, aspect, cast_at, ballot_id in columns["older"]
    }
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
        votes = {
            aspect: AspectVote(score, *(older.get((row, aspect), stamp) if older else stamp))
            for aspect, score in zip(aspects, after, strict=True)
            if score is not False
        }
        pairs = () if new else zip(aspects, before, strict=True)
        scores = {aspect: score for aspect, score in pairs if score is not None}
        yield Change(voter_id, titles[title], None if new else scores, votes)


def _across(columns: dict[str, list[Cell]], aspects: list[str]) -> Iterable[tuple[Any, ...]]:
    """Columns of one length each, read row by row."""
    return zip(*(columns[aspect] for aspect in aspects), strict=True)
