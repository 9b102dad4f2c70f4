"""The journal, votes and tallies tables in memory, with the interface of votes.journal.Journal and votes.tallies.Tallies.

For histories by the thousand: `step` is called before and after every effect on a row, and may raise or let others go first.
The contract suite holds this store and the one on DynamoDB to the same behaviour.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from votes.journal import KEEP_SECONDS, Entry, Head, Vote
from votes.standing import Change, Delta, Key, Standing
from votes.tallies import Bounds, Fold, Open

Step = Callable[[str], None]  # called with "<call> before" or "<call> after"

PAGE = 2  # entries read at one look, so that histories step between pages


class MemoryStore:
    """All three tables. Rows are replaced, never changed in place, so what was read stays as it was read."""

    def __init__(self, step: Step = lambda _: None) -> None:
        self.step = step
        self.heads_: dict[int, Head] = {}
        self.entries_: dict[tuple[int, int], Entry] = {}
        self.votes: dict[Key, Vote] = {}
        self.tallies: dict[str, dict[str, int]] = {}
        self.epoch_of: dict[str, int] = {}
        self.fold_: Fold | None = None

    # what votes.counting.Store asks for

    def head(self, shard: int) -> Head | None:
        with _Call(self, "head"):
            return self.heads_.get(shard)

    def found(self, shard: int, shards: int) -> None:
        with _Call(self, "found"):
            self.heads_.setdefault(shard, Head(0, shards))

    def entry(self, shard: int, n: int) -> Entry | None:
        with _Call(self, "entry"):
            return self.entries_.get((shard, n))

    def append(self, shard: int, n: int, body: bytes, at_us: int) -> bool:
        with _Call(self, "append"):
            if (shard, n) in self.entries_:
                return False
            self.entries_[shard, n] = Entry(n, body, at_us)
            return True

    def move_head(self, shard: int, n: int) -> None:
        with _Call(self, "move_head"):
            if (head := self.heads_.get(shard)) and head.done < n:
                self.heads_[shard] = Head(n, head.shards)

    def standing(self, keys: Sequence[Key]) -> dict[Key, Standing]:
        found = {}
        for key in keys:
            with _Call(self, "standing"):
                if key in self.votes:
                    found[key] = self.votes[key].standing
        return found

    def put_votes(self, n: int, changes: Sequence[Change]) -> None:
        for change in changes:
            with _Call(self, "put_vote"):
                there = self.votes.get(change.key)
                if there is None if change.before is None else there is not None and there.n < n:
                    self.votes[change.key] = Vote(n, dict(change.after))

    # what votes.folding asks for

    def heads(self, shards: Sequence[int]) -> dict[int, Head]:
        found = {}
        for shard in shards:
            with _Call(self, "heads"):
                if shard in self.heads_:
                    found[shard] = self.heads_[shard]
        return found

    def entries(self, shard: int, after: int, upto: int) -> Iterator[Entry]:
        while True:
            with _Call(self, "entries"):
                numbers = sorted(n for s, n in self.entries_ if s == shard and after < n <= upto)[:PAGE]
                page = [self.entries_[shard, n] for n in numbers]
            yield from page
            if len(page) < PAGE:
                return
            after = numbers[-1]

    def fold(self) -> Fold | None:
        with _Call(self, "fold"):
            return self.fold_

    def found_fold(self, shards: int) -> None:
        with _Call(self, "found_fold"):
            if self.fold_ is None:
                self.fold_ = Fold(0, {}, 0, shards)

    def fix(self, opened: Open) -> bool:
        with _Call(self, "fix"):
            fold = self.fold_
            if fold is None or fold.open or fold.epoch != opened.epoch - 1:
                return False
            self.fold_ = Fold(fold.epoch, fold.upto, fold.as_of, fold.shards, opened)
            return True

    def add(self, epoch: int, deltas: Mapping[str, Delta]) -> int:
        return sum(self._add(epoch, title_id, deltas[title_id]) for title_id in sorted(deltas))

    def _add(self, epoch: int, title_id: str, delta: Delta) -> bool:
        with _Call(self, "add"):
            if self.epoch_of.get(title_id, 0) >= epoch:
                return False
            row = dict(self.tallies.get(title_id, {}))
            for counter, number in delta.items():
                row[counter] = row.get(counter, 0) + number
            self.tallies[title_id], self.epoch_of[title_id] = row, epoch
            return True

    def close(self, opened: Open, upto: Bounds) -> bool:
        with _Call(self, "close"):
            fold = self.fold_
            if fold is None or fold.open is None or fold.open.epoch != opened.epoch:
                return False
            self.fold_ = Fold(opened.epoch, dict(upto), opened.fixed_at, fold.shards)
            return True

    # what time does

    def expire(self, now_us: int) -> None:
        """Delete the entries whose time has come."""
        for key, entry in list(self.entries_.items()):
            if entry.appended_at // 1_000_000 + KEEP_SECONDS < now_us // 1_000_000:
                del self.entries_[key]


class _Call:
    """Steps before and after the effect of a call."""

    def __init__(self, store: MemoryStore, name: str) -> None:
        self._store, self._name = store, name

    def __enter__(self) -> None:
        self._store.step(f"{self._name} before")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._store.step(f"{self._name} after")
