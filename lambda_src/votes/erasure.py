"""Erasing a voter from votes and journal, so that the tallies stay right and nobody can bring him back.

1. His votes are withdrawn by an ordinary entry; the rows stay, empty of scores. Late ballots on them are superseded.
2. Once no writer can be alive that began before, an entry of its own kind removes the rows. It goes through the journal, because
   a row that is simply deleted is missed by a writer who has read it: its update would find nothing.
3. In entries that are counted and folded, what names him is overwritten; sums stay as they are.

Any step may break off and be done again. See operations/erase.py for queues and quarantine.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from shared import clock
from votes import entry, stamps
from votes.ballot import Ballot
from votes.counting import Counting
from votes.entry import MOST_CHANGES, Content, Kind, UnreadableEntry
from votes.journal import WRITERS_LIVE_SECONDS, Entry, Journal
from votes.shards import shard_of
from votes.standing import Key, Standing

ROUNDS = 8  # how often to look at an entry again that others overwrite too


class Rows(NamedTuple):
    """A voter's rows of votes: how many say anything still, and how many are withdrawn and wait to be removed."""

    standing: int
    withdrawn: int


class Erasure:
    """Erases one voter. `aspects` are the environment's: all are withdrawn, so that no older ballot on another one comes in later."""

    def __init__(
        self, journal: Journal, shards: int, aspects: Sequence[str], voter_id: str, now_us: Callable[[], int] = lambda: clock.now_us()
    ) -> None:
        self._journal, self._aspects, self._voter_id, self._now_us = journal, frozenset(aspects), voter_id, now_us
        self._counting = Counting(journal, shards, now_us)
        self.shard = shard_of(voter_id, shards)

    def rows(self) -> Rows:
        """What votes there are of him now."""
        withdrawn = [self._is_withdrawn(vote.standing) for vote in self._journal.votes_of(self._voter_id).values()]
        return Rows(len(withdrawn) - sum(withdrawn), sum(withdrawn))

    def withdraw(self) -> int:
        """Withdraw every vote of his: how many. Raises what Counting.count raises."""
        found = [(key, vote.standing) for key, vote in self._journal.votes_of(self._voter_id).items()]
        standing = [(key, held) for key, held in found if not self._is_withdrawn(held)]
        ids = stamps.new_ids(len(standing))
        ballots = [self._withdrawal(key, held, new_id) for (key, held), new_id in zip(standing, ids, strict=True)]
        if ballots:
            self._counting.count(self.shard, ballots)
        if found:
            self._fence()
        return len(ballots)

    def remove(self, upto: int) -> int:
        """Remove his withdrawn rows that are folded (up to `upto`) and that no writer alive can bring back: how many."""
        removed: set[Key] = set()

        def content_at(_: int) -> Content | None:
            ready = self._ready(upto)
            removed.update(ready)
            return Content(kind=Kind.ERASURE, removed=list(ready), put_by=max(ready.values())) if ready else None

        # Asked also when nothing is ready: a removal that broke off is finished then.
        while self._counting.append_other(self.shard, content_at) is not None:
            pass
        return len(removed)

    def entries(self, upto: int) -> Iterator[Entry]:
        """The entries up to `upto` with something of him in them."""
        for found in self._journal.entries(self.shard, 0, upto):
            if self._without(found) is not None:
                yield found

    def overwrite(self, upto: int) -> int:
        """Overwrite what names him in entries up to `upto`, which must be folded: how many entries. Raises UnreadableEntry."""
        return sum(self._overwrite(found.n) for found in self.entries(upto))

    def _withdrawal(self, key: Key, held: Standing, new_id: str) -> Ballot:
        latest = max((cast.cast_at for cast in held.values()), default=0)  # may be ahead of our clock
        aspects = dict.fromkeys(sorted(self._aspects | held.keys()))
        return Ballot(*key, aspects, new_id, max(self._now_us(), latest + 1))

    def _is_withdrawn(self, held: Standing) -> bool:
        return self._aspects <= held.keys() and all(cast.score is None for cast in held.values())

    def _fence(self) -> None:
        """See to it that an entry follows those that put his rows: it tells since when they are finished, see `_ready`."""
        last = max((vote.n for vote in self._journal.votes_of(self._voter_id).values()), default=0)
        if self._journal.entry(self.shard, last + 1) is None:
            self._counting.append_other(self.shard, lambda done: Content(kind=Kind.ERASURE) if done <= last else None)

    def _ready(self, upto: int) -> dict[Key, int]:
        """The rows that may be removed now, with the entry that put each; an entry's worth at most.

        Entry n + 1 was appended when the votes of entry n were all put. Whoever began to put n or an earlier one had begun by then,
        so some time later none of them is alive, to insert a row that is not there any more.
        """
        rows = self._journal.votes_of(self._voter_id)
        withdrawn = {key: vote.n for key, vote in rows.items() if vote.n <= upto and self._is_withdrawn(vote.standing)}
        dead = {n for n in set(withdrawn.values()) if self._is_long_finished(n, upto)}
        return dict([(key, n) for key, n in withdrawn.items() if n in dead][:MOST_CHANGES])

    def _is_long_finished(self, n: int, upto: int) -> bool:
        after = self._journal.entry(self.shard, n + 1)
        if after is None:
            return n < upto  # it has been there: 30 days ago
        return after.appended_at // 1_000_000 + WRITERS_LIVE_SECONDS <= self._now_us() // 1_000_000

    def _without(self, found: Entry) -> bytes | None:
        try:
            return entry.without_voter(entry.decode(found.body), self._voter_id)
        except UnreadableEntry as error:
            raise UnreadableEntry(f"shard {self.shard}, entry {found.n}: {error}") from error

    def _overwrite(self, n: int) -> bool:
        """Whether there was something to overwrite. Another erasure may be at the same entry."""
        for _ in range(ROUNDS):
            found = self._journal.entry(self.shard, n)
            body = self._without(found) if found else None
            if found is None or body is None:
                return False
            if self._journal.replace(self.shard, n, {"entry": {"B": found.body}}, {"entry": {"B": body}}):
                return True
        raise UnreadableEntry(f"shard {self.shard}, entry {n}: it changes faster than it can be overwritten")
