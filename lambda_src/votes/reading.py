"""Reading the journal for a fold: the finished entries that lie past what is counted.

A shard ends at its last entry that is there, readable and finished. What its head row says is
finished; past that only the last entry can be otherwise, and its votes tell (votes.last_entry).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, Protocol

from shared import fanout
from shared.versions import NewerVersion
from votes import entry, last_entry
from votes.entry import Content, UnreadableEntry
from votes.ranges import Range, Room
from votes.rows import Entry, Head
from votes.tallies import Fold
from votes.view import View

Read = tuple[Entry, Content | None]  # None where it is still to be decoded


class JournalStore(last_entry.Store, Protocol):
    """What folding needs of the journal and votes tables; see votes.journal.Journal."""

    def heads(self, shards: Sequence[int]) -> dict[int, Head]: ...
    def move_head(self, shard: int, n: int) -> None: ...


class Ahead(NamedTuple):
    """A shard's entries: those read and decoded, and the others; whether one cannot be read."""

    now: list[Read]
    later: Iterator[Read]
    stops: bool

    @property
    def all(self) -> Iterator[Read]:
        """The ones and the others; those are read as they are taken."""
        return chain(self.now, self.later)


class Span(NamedTuple):
    """Of a shard: the entries past `after` are read.

    Those up to `seen` are shown already and are taken in whatever the room, or results would go
    back; those up to `done` must be there.
    """

    after: int
    seen: int
    done: int


class Reading:
    """Reads the journal of `shards` shards; `now_us` is the time (µs)."""

    def __init__(self, journal: JournalStore, shards: int, now_us: Callable[[], int]) -> None:
        self._journal, self._shards, self._now_us = journal, shards, now_us

    def new(
        self, fold: Fold, heads: Mapping[int, Head], room: Room, view: View | None = None
    ) -> Range:
        """What is finished and not counted yet, as far as there is room.

        With a view: what is past it, and its sums too. Which shard is first turns with the epoch.
        """
        read, after = Range.after(view), fold.seen if view else fold.upto
        shards: list[int] = []
        for turn in range(self._shards):
            shard = (fold.epoch + turn) % self._shards
            if lost := lost_head(heads.get(shard), fold.seen.get(shard, 0)):
                read.stopped[shard] = lost
            elif shard in heads:
                shards.append(shard)
        seen = {shard: fold.seen.get(shard, 0) for shard in shards}
        spans = {
            shard: Span(after.get(shard, 0), seen[shard], max(heads[shard].done, seen[shard]))
            for shard in shards
        }
        each = Room(room.changes // max(1, len(shards)), room.titles, room.until_us)
        ahead = fanout.each(
            lambda shard: self._ahead(
                lambda n: self._finished(shard, n, spans[shard].done), spans[shard].after, each
            ),
            shards,
        )
        behind = [
            (shard, some)
            for shard, some in zip(shards, ahead, strict=True)
            if some.now or some.stops or spans[shard].done > spans[shard].after
        ]
        for number, (shard, some) in enumerate(behind):
            share = read.ballots + (room.changes - read.ballots) // (len(behind) - number)
            self._take(read, shard, some.all, spans[shard], room, share)
        return read

    def again(self, shard: int, after: int, upto: int, room: Room) -> Iterator[Read]:
        """The entries after < n ≤ upto, which an open epoch holds."""
        return self._ahead(lambda n: self._journal.entries(shard, n, upto), after, room).all

    def _finished(self, shard: int, after: int, done: int) -> Iterator[Entry]:
        """The shard's entries past `after`, but for a last one that is not finished yet."""
        held: Entry | None = None
        try:
            for stored in self._journal.entries(shard, after):
                if held is not None:
                    yield held
                held = None if stored.n <= done else stored
                if held is None:
                    yield stored
        except (UnreadableEntry, NewerVersion):
            if held is not None:
                yield held  # it is not the last one
            raise
        if held is not None and self._is_finished(shard, held):
            yield held

    def _is_finished(self, shard: int, stored: Entry) -> bool:
        try:
            content = last_entry.content_of(shard, stored)
        except (UnreadableEntry, NewerVersion):
            return True  # whoever takes it says what is wrong with it
        # of one that is too large, the head is moved as soon as it is finished
        return last_entry.is_verifiable(content) and last_entry.is_finished(
            self._journal, stored.n, content
        )

    def _ahead(self, entries: Callable[[int], Iterator[Entry]], after: int, room: Room) -> Ahead:
        """The entries past `after`.

        Those there is room for are read and decoded now; each of the others when it is taken.
        """
        now: list[Read] = []
        later, changes, stops = entries(after), 0, False
        try:
            for stored in later:
                content = entry.decode(stored.body)
                now.append((stored, content))
                changes += len(content.changes)
                if changes >= room.changes or self._now_us() >= room.until_us:
                    break
        except (UnreadableEntry, NewerVersion):
            # Whoever takes it meets it again, and says what becomes of its shard.
            later, stops = entries(after + len(now)), True
        return Ahead(now, ((stored, None) for stored in later), stops)

    def _take(
        self,
        read: Range,
        shard: int,
        entries: Iterator[Read],
        span: Span,
        room: Room,
        share: int,
    ) -> None:
        """Take in the shard's entries of `span`.

        Stops at one that is not there, cannot be read, or does not fit any more.
        """
        expected, done = span.after + 1, span.done
        waiting: int | None = None
        try:
            for stored, decoded in entries:
                waiting = stored.appended_at
                if stored.n != expected:
                    there = f"the head says {done}" if expected <= done else f"{stored.n} is"
                    read.stopped[shard] = f"entry {expected} is not there, though {there}"
                    break
                content = decoded or entry.decode(stored.body)
                # An entry larger than its shard's share waits only until its shard comes first.
                most = room.changes if expected == span.after + 1 else share
                # What is read already costs no time.
                now_us = 0 if decoded else self._now_us()
                if expected > span.seen and not read.fits(content, room, most, now_us):
                    read.capped = True
                    read.waiting[shard] = waiting
                    return
                read.take(shard, expected, content)
                expected += 1
        except (UnreadableEntry, NewerVersion) as error:
            read.stopped[shard] = f"entry {expected}: {error}"
        if expected <= done and shard not in read.stopped:
            read.stopped[shard] = f"entry {expected} is not there, though the head says {done}"
        if shard in read.stopped and waiting is not None:
            read.waiting[shard] = waiting


def lost_head(head: Head | None, counted: int) -> str | None:
    """What is wrong where a head row is not what is left of a journal of which so much is counted.

    It lags behind a little, but not further: see votes.last_entry.
    """
    done = head.done if head else 0
    if counted <= done or (head and counted <= done + last_entry.HEAD_EVERY):
        return None
    return f"the head row says {done}, but {counted} is counted: was it restored or deleted?"
