"""The write protocol: how ballots of one shard become counted, exactly once.

The append of a journal entry, conditional on there being none of its number, is the only decision;
all that follows is replay that anyone may do, any number of times:

- Entry n + 1 is appended only by one who saw entry n finished (its votes all put), so the standing
  votes it was made from are exactly what entries 1 … n made of them.
- A writer that dies after its append leaves one unfinished entry, the shard's last; whoever comes
  next finishes it first. See votes.last_entry for how it is found.
- A vote is put on condition that no later entry has put it, so a late writer undoes nothing.

Entries of other kinds (a repair, an erasure, one that was mended) go the same way: see
`append_other`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared import clock
from votes import entry, last_entry, standing
from votes.ballot import Ballot
from votes.entry import Content
from votes.journal import ShardsDiffer
from votes.rows import Head
from votes.standing import Change, Key, Standing

ROUNDS = 8  # how often to start over when others append or left something to finish
REMEMBER_LAST_US = 60_000_000


class Store(last_entry.HeadStore, Protocol):
    """What counting needs of the journal and votes tables; see votes.journal.Journal."""

    def create_head(self, shard: int, shards: int) -> None: ...
    def append(self, shard: int, n: int, body: bytes, at_us: int) -> bool: ...
    def move_head(self, shard: int, n: int) -> None: ...
    def standing(self, keys: Sequence[Key]) -> dict[Key, Standing]: ...
    def put_votes(self, n: int, changes: Sequence[Change]) -> None: ...
    def remove_votes(self, n: int, keys: Sequence[Key]) -> None: ...


class Contended(Exception):
    """Others kept appending to the shard; nothing is lost, try again later."""


class OutOfTime(Exception):
    """The invocation must end.

    What is appended stands, and the rest is done when the messages come again.
    """


@dataclass(slots=True)
class Outcome:
    """What became of the ballots of one shard, and what it took.

    `counted` are those that changed a standing vote, `superseded` the others.
    """

    counted: list[Ballot] = field(default_factory=list)
    superseded: list[Ballot] = field(default_factory=list)
    appended: int = 0
    finished: int = 0
    refused: int = 0


class Counting:
    """Counts ballots in the tables of `store`, founded with `shards` shards.

    One a worker: it remembers last entries for a minute.
    """

    def __init__(
        self, store: Store, shards: int, now_us: Callable[[], int] = lambda: clock.now_us()
    ) -> None:
        self._store, self._shards, self._now_us = store, shards, now_us
        # shard → (last entry, which is finished; when that was known, µs)
        self._last: dict[int, tuple[int, int]] = {}
        self._recorded: dict[int, int] = {}  # shard → what its head row said last, or less

    def count(
        self, shard: int, ballots: Sequence[Ballot], out_of_time: Callable[[], bool] = lambda: False
    ) -> Outcome:
        """Count ballots of voters of this shard, until each is counted or superseded.

        Raises Contended, OutOfTime, ShardsDiffer, NewerVersion, UnreadableEntry, VotesNotPut,
        Throttled or the client's own errors; whatever is raised, the ballots may be counted again.
        """
        by_key: dict[Key, list[Ballot]] = {}
        for ballot in ballots:
            by_key.setdefault((ballot.voter_id, ballot.title_id), []).append(ballot)
        outcome = Outcome()
        counted: set[int] = set()
        done = self._remembered(shard)
        for _ in range(ROUNDS):
            if out_of_time():
                raise OutOfTime(f"shard {shard}: no time left to count {len(ballots)} ballots")
            read = done is None
            if done is None:
                done = self._finished(shard, outcome)
                if done is None:
                    continue
            changes = standing.changes(self._store.standing(list(by_key)), ballots)
            for part in self._append(shard, done, changes, outcome, out_of_time):
                counted |= _counted_by(part, by_key)
                done += 1
                changes = changes[len(part) :]
            # With nothing to do, a remembered one does not show if the last entry is finished.
            if not changes and (read or counted):
                self._last[shard] = (done, self._now_us())
                outcome.counted += [one for one in ballots if id(one) in counted]
                outcome.superseded += [one for one in ballots if id(one) not in counted]
                return outcome
            done = None
        raise Contended(f"shard {shard}: started over {ROUNDS} times")

    def append_other(self, shard: int, content_at: Callable[[int], Content | None]) -> int | None:
        """Append one entry of another kind and finish it: its number, or None for no content.

        `content_at` is asked for the content when the entry whose number it gets is the last one,
        and finished; and asked again whenever another appended first. Raises what `count` raises,
        but OutOfTime.
        """
        self._last.pop(shard, None)
        for _ in range(ROUNDS):
            done = self._finished(shard, Outcome())
            if done is None:
                continue
            content = content_at(done)
            if content is None:
                return None
            if self._store.append(shard, done + 1, entry.encode_other(content), self._now_us()):
                self._finish(done + 1, content)
                self._record(shard, done + 1, content)
                return done + 1
        raise Contended(f"shard {shard}: started over {ROUNDS} times")

    def _remembered(self, shard: int) -> int | None:
        """The last entry as this worker last knew it, if lately.

        It is forgotten until the shard is counted without an error.
        """
        done, at = self._last.pop(shard, (0, 0))
        return done if at <= self._now_us() < at + REMEMBER_LAST_US else None

    def _finished(self, shard: int, outcome: Outcome) -> int | None:
        """The number of the last entry, all of whose votes are put: by now, if they were not.

        None when there was a head to create.
        """
        head = self._store.head(shard)
        if head is None:
            self._create_head(shard)
            return None
        self._check(head)
        self._recorded[shard] = head.done
        last = last_entry.last_past(self._store, shard, head.done)
        if last is None:
            return head.done
        content = last_entry.content_of(shard, last)
        left = last_entry.unfinished(self._store, last.n, content)
        self._finish(last.n, left)
        self._record(shard, last.n, content)
        outcome.finished += bool(last_entry.size_of(left))
        return last.n

    def _append(
        self,
        shard: int,
        done: int,
        changes: Sequence[Change],
        outcome: Outcome,
        out_of_time: Callable[[], bool],
    ) -> Iterator[Sequence[Change]]:
        """Append the changes as entries after `done` and finish each.

        Yields the changes of each, and ends early where one is refused.
        """
        for part, body in entry.split(changes):
            if out_of_time():
                raise OutOfTime(f"shard {shard}: no time left to append {len(changes)} changes")
            done += 1
            if not self._store.append(shard, done, body, self._now_us()):
                outcome.refused += 1
                return
            outcome.appended += 1
            content = Content(part)
            self._finish(done, content)
            self._record(shard, done, content)
            yield part

    def _finish(self, n: int, content: Content) -> None:
        if content.removed:
            self._store.remove_votes(n, content.removed)
        if content.changes:
            self._store.put_votes(n, content.changes)

    def _record(self, shard: int, n: int, content: Content) -> None:
        """Move the head to the finished entry n, where it is time to."""
        if last_entry.head_is_due(n, self._recorded.get(shard, 0), content):
            self._store.move_head(shard, n)
            self._recorded[shard] = n

    def _create_head(self, shard: int) -> None:
        """Create the shard's head row.

        Shard 0's is created first: it remembers for all of the tables how many shards they have.
        """
        if shard:
            first = self._store.head(0)
            if first is None:
                self._store.create_head(0, self._shards)
                first = self._store.head(0)
            if first is not None:
                self._check(first)
        self._store.create_head(shard, self._shards)

    def _check(self, head: Head) -> None:
        if head.shards != self._shards:
            raise ShardsDiffer(
                f"the tables were founded with {head.shards} shards, "
                f"the function is set to {self._shards}: set SHARDS back to {head.shards} "
                "(nothing has been counted; dead letters can be redriven then)"
            )


def _counted_by(changes: Sequence[Change], ballots: Mapping[Key, Sequence[Ballot]]) -> set[int]:
    """The ids (of objects) of the ballots that stand in these changes."""
    stand: set[int] = set()
    for change in changes:
        for ballot in ballots[change.key]:
            if standing.stands_in(change, ballot):
                stand.add(id(ballot))
    return stand
