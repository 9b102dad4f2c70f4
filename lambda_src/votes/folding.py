"""The epoch protocol: how journal entries become tallies, each exactly once.

An epoch is a fixed range of finished entries. Fixing it is one conditional write, made only after
every entry of it was read; from then on whoever folds it adds the same numbers, and a title takes
each epoch in once, because its row remembers the last. So a fold that dies, doubles or comes late
changes nothing that is right.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from shared import clock, fanout
from shared.versions import NewerVersion
from votes import entry, last_entry, standing
from votes.journal import ShardsDiffer
from votes.ranges import Range, Room
from votes.reading import JournalStore, Read, Reading
from votes.rows import Head
from votes.standing import Delta
from votes.tallies import Bounds, Fold, Open
from votes.view import MOST_BYTES, Mark, View, pack

# To add to a title takes so long: what is assumed until this worker has measured it, and the most
# that is believed, or one slow call would make epochs so small that none is measured any more.
FIRST_PACE_US, SLOWEST_PACE_US = 1_000.0, 20_000.0


class TallyStore(Protocol):
    """What folding needs of the tallies table; see votes.tallies.Tallies."""

    def fold(self) -> Fold | None: ...
    def create_fold(self, shards: int) -> None: ...
    def fix(self, opened: Open, mark: Mark | None) -> bool: ...
    def look(self, view: View, mark: Mark | None) -> bool: ...
    def add(self, epoch: int, deltas: Mapping[str, Delta]) -> int: ...
    def close(self, opened: Open, upto: Bounds) -> bool: ...


class EntriesMissing(Exception):
    """An open epoch's entries are not all there, or not all readable.

    Nothing was folded, because a part of it would be wrong for ever.
    """


@dataclass(slots=True)
class Progress:
    """One fold: the epoch and what it took in, and what it left.

    `epoch` is None where there was nothing to fold, or another tallier folded it; or where the view
    was put, `again` where it is full now, or another tallier was at it.
    """

    epoch: int | None = None
    ballots: int = 0
    titles: int = 0
    reopened: bool = False
    again: bool = False
    capped: bool = False
    behind: int = 0
    oldest_us: int | None = None  # when the oldest entry left was appended, as far as is known
    stopped: dict[int, str] = field(default_factory=dict)

    @property
    def more(self) -> bool:
        """Whether there may be more to fold: the range was not chosen now, or not all there was."""
        return self.again or (self.epoch is not None and (self.reopened or self.capped))


class Past(NamedTuple):
    """What there is past the heads.

    `unfinished_since` is when the oldest entry whose votes are not all put was appended (µs); one
    of long ago lost its writer, and its message has not come again: it must be redriven before the
    entry expires. `lost` says why a shard's journal cannot be whole.
    """

    unfinished_since: int | None
    lost: dict[int, str]


class Folding:
    """Folds the journal of `shards` shards, at most `epoch_changes` changes an epoch.

    Titles are folded where that was not done for `fold_seconds`; until then results see what is new
    by the view. One a worker: it remembers its pace.
    """

    def __init__(
        self,
        journal: JournalStore,
        tallies: TallyStore,
        shards: int,
        epoch_changes: int,
        now_us: Callable[[], int] = lambda: clock.now_us(),
        fold_seconds: int = 0,
    ) -> None:
        self._journal, self._tallies, self._shards = journal, tallies, shards
        self._epoch_changes, self._now_us = epoch_changes, now_us
        self._fold_us = fold_seconds * 1_000_000
        self._reading = Reading(journal, shards, now_us)
        self._pace_us = FIRST_PACE_US

    def fold(self, within_us: int, titles: bool = False) -> Progress:
        """Fold one epoch: the open one, or else a new one that should fit in `within_us`.

        Half of that is for reading, half for adding. A new one is only looked at, for the view,
        until its time has come; or at once, where the `titles` are to be folded in any case. Raises
        ShardsDiffer, EntriesMissing, NewerVersion, Throttled or the client's own errors; folding
        again is always safe.
        """
        fold = self._fold_row()
        if fold.open:
            again = self._read_again(fold, fold.open)
            if again is None:
                return Progress()
            return self._apply(fold, fold.open, again, Progress(reopened=True))
        heads = self._journal.heads(range(self._shards))
        for head in heads.values():
            self._check(head.shards, "journal")
        room = Room(
            self._epoch_changes, int(within_us / 2 / self._pace_us), self._now_us() + within_us // 2
        )
        titles = titles or self._is_due(fold)
        read = self._reading.new(fold, heads, room, None if titles else fold.view)
        left = sum(
            max(head.done - read.ends.get(shard, fold.seen.get(shard, 0)), shard in read.waiting, 0)
            for shard, head in heads.items()
        )
        progress = Progress(capped=read.capped, behind=left, stopped=read.stopped)
        oldest_us = min(read.waiting.values(), default=fold.as_of or None)
        progress.oldest_us = oldest_us if left else None
        if not read.ends:
            return progress
        if not titles:
            view = self._view_of(fold, read)
            if fold.view or not view.full:
                progress.again = not self._tallies.look(view, fold.mark) or view.full
                return progress
        opened = Open(fold.epoch + 1, read.ends, self._now_us())
        if not self._tallies.fix(opened, fold.mark):
            return progress
        return self._apply(fold, opened, read, progress)

    def _is_due(self, fold: Fold) -> bool:
        """Whether to fold titles now."""
        if fold.view and fold.view.full:
            return True
        return not fold.as_of <= self._now_us() < fold.as_of + self._fold_us

    def _view_of(self, fold: Fold, read: Range) -> View:
        """The view with what was read; or the one there is, where that would be too large."""
        view = View(
            fold.epoch,
            fold.mark[1] + 1 if fold.mark else 1,
            self._now_us(),
            {**fold.seen, **read.ends},
            read.ballots,
            read.capped or read.ballots >= self._epoch_changes,
            standing.without_zeros(read.sums),
        )
        if len(pack(view.sums)) <= MOST_BYTES:
            return view
        return replace(fold.view or view, place=view.place, full=True)

    def look_past_heads(self) -> Past:
        """Move each head to its shard's last finished entry, long before one past it expires.

        Raises the client's own errors; looking again is always safe.
        """
        fold = self._fold_row()
        heads = self._journal.heads(range(self._shards))
        looks = fanout.each(
            lambda one: self._look_past(*one, fold.seen.get(one[0], 0)), list(heads.items())
        )
        since = [look for look in looks if isinstance(look, int)]
        lost = {
            shard: look for shard, look in zip(heads, looks, strict=True) if isinstance(look, str)
        }
        return Past(min(since, default=None), lost)

    def _look_past(self, shard: int, head: Head, counted: int) -> int | str | None:
        """Move a head: since when its last entry is unfinished, or what is wrong; None is well."""
        try:
            last = last_entry.last_past(self._journal, shard, head.done)
        except (entry.UnreadableEntry, NewerVersion) as error:
            return str(error)
        if counted > max(head.done, last.n if last else 0):
            return f"its journal ends before entry {counted}, which is counted: was it restored?"
        if last is None:
            return None
        try:
            content = last_entry.content_of(shard, last)
            unfinished = not last_entry.is_finished(self._journal, last.n, content)
        except (entry.UnreadableEntry, NewerVersion):
            unfinished = True
        if last.n - unfinished > head.done:
            self._journal.move_head(shard, last.n - unfinished)
        return last.appended_at if unfinished else None

    def _fold_row(self) -> Fold:
        fold = self._tallies.fold()
        if fold is None:
            self._tallies.create_fold(self._shards)
            fold = self._tallies.fold()
        if fold is None:
            raise EntriesMissing(
                "the fold row was made and is not there: is the tallies table the right one?"
            )
        self._check(fold.shards, "tallies")
        return fold

    def _read_again(self, fold: Fold, opened: Open) -> Range | None:
        """The open epoch's entries, all of them; None when the epoch has been closed meanwhile."""
        read, all_of_it = Range(), Room(sys.maxsize, sys.maxsize, sys.maxsize)
        ends = sorted(opened.ends.items())
        ahead = fanout.each(
            lambda end: self._reading.again(end[0], fold.upto.get(end[0], 0), end[1], all_of_it),
            ends,
        )
        try:
            for (shard, end), entries in zip(ends, ahead, strict=True):
                self._take_all(read, shard, entries, fold.upto.get(shard, 0), end)
        except EntriesMissing as error:
            if self._fold_row() != fold:
                return None  # folded by another, and expired since
            raise EntriesMissing(
                f"open epoch {opened.epoch} cannot be folded again: {error}"
            ) from error
        return read

    def _take_all(
        self,
        read: Range,
        shard: int,
        entries: Iterator[Read],
        after: int,
        end: int,
    ) -> None:
        """Take in the shard's entries up to `end`.

        No shard can be left out of an open epoch: titles may have taken its part in.
        """
        try:
            for expected, (stored, content) in enumerate(entries, after + 1):
                if stored.n != expected:
                    break
                read.take(shard, expected, content or entry.decode(stored.body))
        except entry.UnreadableEntry as error:
            raise EntriesMissing(
                f"entry {read.ends.get(shard, after) + 1} of shard {shard}: {error}"
            ) from error
        if read.ends.get(shard) != end:
            raise EntriesMissing(
                f"entry {read.ends.get(shard, after) + 1} of shard {shard} is not there"
            )

    def _apply(self, fold: Fold, opened: Open, read: Range, progress: Progress) -> Progress:
        """Add the range's sums to the titles, and close its epoch."""
        sums = standing.without_zeros(read.sums)
        began = self._now_us()
        self._tallies.add(opened.epoch, sums)
        if len(sums) >= 10:
            measured = (self._now_us() - began) / len(sums)
            self._pace_us = (self._pace_us + min(max(1.0, measured), SLOWEST_PACE_US)) / 2
        progress.epoch = opened.epoch
        upto = {**fold.upto, **opened.ends}
        if self._tallies.close(opened, upto):  # else another did it all, before us
            progress.ballots, progress.titles = read.ballots, len(sums)
        return progress

    def _check(self, shards: int, table: str) -> None:
        if shards != self._shards:
            raise ShardsDiffer(
                f"the {table} table was founded with {shards} shards, "
                f"the function is set to {self._shards}: set SHARDS back to {shards}"
            )
