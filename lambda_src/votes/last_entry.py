"""The end of a shard's journal: what lies past its recorded head.

Entry n + 1 is appended only by one who saw the votes of entry n put. So of all entries only a
shard's last one can be unfinished, and the head row need not be moved at each: whoever has to know
reads the entries past it by their keys, and the last one's votes.

It must not lie far back either: entries expire, and once one past the head has, numbering would
start again. write moves it at every eighth entry (a release that finishes one after the other can
do as many for a message), tally's schedule to the last finished one.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from votes import entry
from votes.entry import Content
from votes.rows import Entry, Head, UnreadableVote
from votes.standing import Key

HEAD_EVERY = 8
# Of an entry with more changes than this the head is moved at once, which is one write: to read
# all of their rows, as often as somebody asks, would cost more.
MOST_VERIFIED = 24


class Store(Protocol):
    """What there is to read; see votes.journal.Journal."""

    def entries(self, shard: int, after: int, upto: int | None = None) -> Iterator[Entry]: ...
    def put_by(self, keys: Sequence[Key]) -> dict[Key, int]: ...


class HeadStore(Store, Protocol):
    """The same, and head rows."""

    def head(self, shard: int) -> Head | None: ...


def head_is_due(n: int, recorded: int, content: Content) -> bool:
    """Whether the head row, which says `recorded`, must say that entry n is finished."""
    return n - recorded >= HEAD_EVERY or not is_verifiable(content)


def is_verifiable(content: Content) -> bool:
    """Whether its votes tell that the entry is finished; else the head row alone does."""
    return size_of(content) <= MOST_VERIFIED


def is_finished(store: Store, n: int, content: Content) -> bool:
    """Whether all votes of entry n are put, which nobody has to know who is to finish it."""
    try:
        return not size_of(unfinished(store, n, content))
    except UnreadableVote:
        return False


def size_of(content: Content) -> int:
    """How many rows of votes the entry puts or removes."""
    return len(content.changes) + len(content.removed)


def last_past(store: Store, shard: int, done: int) -> Entry | None:
    """The last entry past `done`; None where there is none.

    Raises UnreadableEntry where one between is missing: it must not be appended anew.
    """
    last = None
    for n, stored in enumerate(store.entries(shard, done), done + 1):
        if stored.n != n:
            raise entry.UnreadableEntry(
                f"shard {shard}: entry {n} is not there, though entry {stored.n} is"
            )
        last = stored
    return last


def end_of(store: HeadStore, shard: int) -> int:
    """The number of the shard's last entry, finished or not; 0 before its first.

    Raises UnreadableEntry.
    """
    head = store.head(shard)
    done = head.done if head else 0
    last = last_past(store, shard, done)
    return last.n if last else done


def content_of(shard: int, stored: Entry) -> Content:
    """What the entry says. Raises NewerVersion, or UnreadableEntry with its place."""
    try:
        return entry.decode(stored.body)
    except entry.UnreadableEntry as error:
        raise entry.UnreadableEntry(f"shard {shard}, entry {stored.n}: {error}") from error


def unfinished(store: Store, n: int, content: Content) -> Content:
    """What of the last entry, n, is still to do: the votes to put, and the rows to remove.

    Erased voters' changes are put long since: a writer who read an old head and wakes now must not
    make a row of them.
    """
    changes = [change for change in content.changes if change.voter_id != entry.ERASED]
    if not (changes or content.removed):
        return Content()
    put_by = store.put_by([change.key for change in changes] + list(content.removed))
    return Content(
        [change for change in changes if put_by.get(change.key, 0) < n],
        removed=[key for key in content.removed if put_by.get(key, n) < n],
    )
