"""Erasing a voter from votes and journal, so that the tallies stay right and nothing comes back.

1. The voter's votes are withdrawn by an ordinary entry; the rows stay, empty of scores. Late
   ballots on them are superseded.
2. Once no writer can be alive that began before, an entry of its own kind removes the rows. It goes
   through the journal, because a row that is simply deleted is missed by a writer who has read it:
   its update would find nothing.
3. In entries that are counted and folded, what names the voter is overwritten; sums stay as they
   are.

Any step may break off and be done again. See tools/operations/votes/erase.py for queues and
quarantine.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from shared import clock
from votes import entry, last_entry, stamps
from votes.ballot import Ballot
from votes.counting import Counting
from votes.entry import MOST_CHANGES, Content, Kind, UnreadableEntry
from votes.journal import WRITERS_LIVE_SECONDS, Journal
from votes.rows import Entry
from votes.shards import shard_of
from votes.standing import Key, Standing

ROUNDS = 8  # how often to read an entry again that others overwrite too


class Rows(NamedTuple):
    """A voter's rows of votes: how many stand, and how many are withdrawn and to be removed."""

    standing: int
    withdrawn: int


class Erasure:
    """Erases one voter.

    `aspects` are the environment's: all are withdrawn, so that no older ballot on another one comes
    in later.
    """

    def __init__(
        self,
        journal: Journal,
        shards: int,
        aspects: Sequence[str],
        voter_id: str,
        now_us: Callable[[], int] = lambda: clock.now_us(),
    ) -> None:
        self._journal, self._voter_id, self._now_us = journal, voter_id, now_us
        self._aspects = frozenset(aspects)
        self._counting = Counting(journal, shards, now_us)
        self.shard = shard_of(voter_id, shards)

    def rows(self) -> Rows:
        """What votes of the voter there are now."""
        votes = self._journal.votes_of(self._voter_id).values()
        withdrawn = [self._is_withdrawn(vote.standing) for vote in votes]
        return Rows(len(withdrawn) - sum(withdrawn), sum(withdrawn))

    def withdraw(self) -> int:
        """Withdraw every vote of the voter: how many. Raises what Counting.count raises."""
        votes = self._journal.votes_of(self._voter_id)
        standing = {
            key: vote.standing
            for key, vote in votes.items()
            if not self._is_withdrawn(vote.standing)
        }
        ids = stamps.new_ids(len(standing))
        ballots = [
            self._withdrawal(key, scores, new_id)
            for (key, scores), new_id in zip(standing.items(), ids, strict=True)
        ]
        if ballots:
            self._counting.count(self.shard, ballots)
        if votes:
            self._append_fence()
        return len(ballots)

    def remove(self, upto: int) -> int:
        """Remove the voter's withdrawn rows: how many.

        Only those that are folded (up to `upto`) and that no writer alive can bring back.
        """
        removed: set[Key] = set()

        def content_at(_: int) -> Content | None:
            ready = self._ready(upto)
            removed.update(ready)
            if not ready:
                return None
            return Content(kind=Kind.ERASURE, removed=list(ready), put_by=max(ready.values()))

        # Asked also when nothing is ready: a removal that broke off is finished then.
        while self._counting.append_other(self.shard, content_at) is not None:
            pass
        return len(removed)

    def entries(self, upto: int) -> Iterator[Entry]:
        """The entries up to `upto` with something of the voter in them."""
        for stored in self._journal.entries(self.shard, 0, upto):
            if self._without_voter(stored) is not None:
                yield stored

    def overwrite(self, upto: int) -> int:
        """Overwrite what names the voter in entries up to `upto`, which must be folded: how many.

        Raises UnreadableEntry.
        """
        return sum(self._overwrite(stored.n) for stored in self.entries(upto))

    def _withdrawal(self, key: Key, standing: Standing, new_id: str) -> Ballot:
        # may be ahead of our clock
        latest = max((vote.cast_at for vote in standing.values()), default=0)
        aspects = dict.fromkeys(sorted(self._aspects | standing.keys()))
        return Ballot(*key, aspects, new_id, max(self._now_us(), latest + 1))

    def _is_withdrawn(self, standing: Standing) -> bool:
        if not self._aspects <= standing.keys():
            return False
        return all(vote.score is None for vote in standing.values())

    def _append_fence(self) -> None:
        """Append an entry after those that put the voter's rows, unless there is one.

        It shows since when they are finished, see `_ready`.
        """
        last = max((vote.n for vote in self._journal.votes_of(self._voter_id).values()), default=0)
        if self._journal.entry(self.shard, last + 1) is None:
            self._counting.append_other(
                self.shard, lambda done: Content(kind=Kind.ERASURE) if done <= last else None
            )

    def _ready(self, upto: int) -> dict[Key, int]:
        """The rows that may be removed now, with the entry that put each; an entry's worth at most.

        Entry n + 1 was appended when the votes of entry n were all put. Whoever began to put n or
        an earlier one had begun by then, so some time later none of them is alive, to insert a row
        that is not there any more.
        """
        rows = self._journal.votes_of(self._voter_id)
        withdrawn = {
            key: vote.n
            for key, vote in rows.items()
            if vote.n <= upto and self._is_withdrawn(vote.standing)
        }
        dead = {n for n in set(withdrawn.values()) if self._is_long_finished(n, upto)}
        return dict([(key, n) for key, n in withdrawn.items() if n in dead][:MOST_CHANGES])

    def _is_long_finished(self, n: int, upto: int) -> bool:
        after = self._journal.entry(self.shard, n + 1)
        if after is None:
            return n < upto  # it has been there: 30 days ago
        return after.appended_at // 1_000_000 + WRITERS_LIVE_SECONDS <= self._now_us() // 1_000_000

    def _without_voter(self, stored: Entry) -> bytes | None:
        return entry.without_voter(last_entry.content_of(self.shard, stored), self._voter_id)

    def _overwrite(self, n: int) -> bool:
        """Whether there was something to overwrite. Another erasure may be at the same entry."""
        for _ in range(ROUNDS):
            stored = self._journal.entry(self.shard, n)
            body = self._without_voter(stored) if stored else None
            if stored is None or body is None:
                return False
            old, new = {"entry": {"B": stored.body}}, {"entry": {"B": body}}
            if self._journal.replace(self.shard, n, old, new):
                return True
        raise UnreadableEntry(
            f"shard {self.shard}, entry {n}: it changes faster than it can be overwritten"
        )
