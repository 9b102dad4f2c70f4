"""A run as the pacer sees it: which parcels wait, which are out, and what the settled add up to.

All of it is found from the ledger's rows, by walking from the roots through what was committed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from typing import NamedTuple

from harvest import parcels
from harvest.parcels import Parcel
from harvest.run_rows import Counts, Run
from harvest.settings import Pacing

Fetch = Callable[[list[str]], Mapping[str, Parcel]]
UNCLAIMED_MS = 1_000  # after its last slot, until a message is taken for lost


class RowMissing(Exception):
    """A row that a commit names is not there: somebody has deleted from the ledger."""


class Out(NamedTuple):
    """When a parcel that was let out is called, as far as we know: its slots, and its claim's end.

    One that was claimed before has no slots of ours.
    """

    first: float
    last: float
    end: float


class Waiting:
    """The parcels of one group that can be let out: now, or once their time has come.

    Lists come before what they list, and a next page before both: so a group never runs out of work
    while there is any, and how much there is gets known early. Else they go as they came.
    """

    def __init__(self) -> None:
        self._ready: dict[int, list[tuple[int, str, Parcel]]] = {}  # by how deep they are
        self._later: list[tuple[int, str, Parcel]] = []
        self._came = 0

    def add(self, parcel: Parcel, now: float) -> None:
        """Let a parcel wait."""
        if parcel.after > now:
            heappush(self._later, (parcel.after, parcel.id, parcel))
            return
        self._came += 1
        place = 0 if parcel.tasks[0].page else self._came
        heappush(self._ready.setdefault(_depth(parcel), []), (place, parcel.id, parcel))

    def offers(self, now: float) -> list[Parcel]:
        """The parcels that may be let out now, the next first, one of each level: where a level's
        own limit has no slot, another's may. All stay.
        """
        while self._later and self._later[0][0] <= now:
            self.add(heappop(self._later)[-1], now)
        return [self._ready[depth][0][-1] for depth in sorted(self._ready)]

    def take(self, parcel: Parcel) -> None:
        """Take one that was offered."""
        depth = _depth(parcel)
        heappop(self._ready[depth])
        if not self._ready[depth]:
            del self._ready[depth]

    def next_ready(self, now: float) -> float:
        """When the next one may be let out."""
        return now if self._ready else float(self._later[0][0])

    @property
    def is_empty(self) -> bool:
        """Whether nobody waits."""
        return not self._ready and not self._later


def _depth(parcel: Parcel) -> int:
    return len(parcel.tasks[0].path)


class Frontier:
    """One run. `look` takes in what happened; `waiting`, `out` and `poisoned` are for the pacer.

    `finished` groups are those whose last task was settled since somebody emptied it; of a group
    that was merged, nothing is said.
    """

    def __init__(self, run: Run, pacing: Pacing) -> None:
        self.run, self._pacing = run, pacing
        self.counts = Counts()
        self.roots = 0  # those seen
        self.first_call = 0
        self.newly_settled = 0  # parcels that were called, since the first look
        self.waiting: dict[str, Waiting] = {}
        self.out: dict[str, Out] = {}
        self.poisoned: list[Parcel] = []
        self.finished: set[str] = set()
        self._has_looked = False
        self._unread: list[str] = []  # named by what was taken in, and not read yet: that may fail
        self._touched: set[str] = set()  # groups of what was settled, since all was read
        self._seen: set[str] = set()
        self._open: Counter[str] = Counter()
        self._stored: set[str] = set()

    @property
    def is_done(self) -> bool:
        """Whether nothing is open, with all roots that were seen, and each level's counts agree."""
        none_open = not (self.out or self.waiting or self.poisoned or self._unread)
        return none_open and self.counts.agree and self.roots == self.run.roots

    def begin(self, sent: Mapping[str, tuple[float, float]]) -> None:
        """Remember what the pacer before let out, and saw nobody claim, with its first and last
        slot. The first look then takes in all of the run's rows.
        """
        for one, (first, last) in sent.items():
            self.out[one] = Out(first, last, self._pacing.end_ms(last))

    def look(self, run: Run, rows: Mapping[str, Parcel], fetch: Fetch, now: float) -> None:
        """Take in the rows of what is out, and what follows from those that are settled.

        `fetch` reads rows by id; where it raises, the next look goes on from there. Raises
        RowMissing.
        """
        self.run = run
        known = [id_ for id_ in self.out if id_ in self._seen]
        self._unread += self._new_roots()
        self._walk([*known, *self._unread], dict(rows), fetch, now)
        if not self._has_looked:
            self.newly_settled, self._has_looked = 0, True

    def let_out(self, parcel: Parcel, slots: list[float]) -> None:
        """A parcel that its group offers is out with these slots."""
        waiting = self.waiting[parcel.group]
        waiting.take(parcel)
        if waiting.is_empty:
            del self.waiting[parcel.group]
        self.out[parcel.id] = Out(slots[0], slots[-1], self._pacing.end_ms(slots[-1]))

    def look_again(self, parcel: Parcel) -> None:
        """Look at a parcel soon, whose row was written by the pacer itself."""
        self.out[parcel.id] = Out(0, 0, 0)

    def sent(self) -> dict[str, tuple[float, float]]:
        """What was let out in this turn and is out, with its first and last slot."""
        return {id_: (out.first, out.last) for id_, out in self.out.items() if out.first}

    def next_ready(self, now: float) -> float:
        """When the next waiting parcel may be let out; now where none waits, so that the pacer
        looks again: a root may have come.
        """
        return min((one.next_ready(now) for one in self.waiting.values()), default=now)

    def _new_roots(self) -> list[str]:
        """The roots that were not seen yet."""
        found = [parcels.root_id(index) for index in range(self.roots, self.run.roots)]
        self.roots = self.run.roots
        return found

    def _walk(self, ids: Iterable[str], rows: dict[str, Parcel], fetch: Fetch, now: float) -> None:
        ids = list(ids)
        while ids:
            rows.update(
                fetch(missing) if (missing := [id_ for id_ in ids if id_ not in rows]) else {}
            )
            found: list[str] = []
            for id_ in ids:
                if id_ not in rows:
                    raise RowMissing(f"the ledger has lost parcel {id_} of run {self.run.run_id}")
                parcel = rows[id_]
                self._first_seen(parcel)
                if parcel.is_settled:
                    found += self._settle(parcel)
                    self._touched.add(parcel.group)
                else:
                    self._place(parcel, now)
            ids = [child for child in dict.fromkeys(found) if child not in self._seen]
            self._unread = ids
        self.finished |= {
            group for group in self._touched - self._stored if group and not self._open[group]
        }
        self._touched = set()

    def _first_seen(self, parcel: Parcel) -> None:
        if parcel.id in self._seen:
            return
        self._seen.add(parcel.id)
        self._open[parcel.group] += 1
        if parcel.stored:
            self._stored.add(parcel.group)
        if parcel.new and parcel.tasks:
            self.counts.of(parcel.level).expected += len(parcel.tasks)

    def _settle(self, parcel: Parcel) -> list[str]:
        """Add up a settled parcel; its children."""
        self.out.pop(parcel.id, None)
        self._open[parcel.group] -= 1
        is_progress = parcel.calls or any(outcome != "again" for outcome in parcel.outcomes)
        self.newly_settled += bool(is_progress)
        counts = self.counts
        for outcome, n in Counter(parcel.outcomes).items():
            if outcome != "again":
                counts.of(parcel.level).add(outcome, n)
        counts.calls += parcel.calls
        counts.throttled += parcel.throttled
        for cause, n in (parcel.causes or {}).items():
            counts.causes[cause] = counts.causes.get(cause, 0) + n
        if parcel.calls:
            self.first_call = min(self.first_call or parcel.claim, parcel.claim)
        return list(parcel.child_ids())

    def _place(self, parcel: Parcel, now: float) -> None:
        """An open parcel is out, poison, or waits."""
        clocks = 2 * self._pacing.clock_ms
        known = self.out.pop(parcel.id, None)
        if known and parcel.claim < int(known.first) and now <= self._unclaimed_until(known):
            self.out[parcel.id] = known
        elif parcel.end and now <= parcel.end + clocks:
            first, last = (known.first, known.last) if known else (0.0, 0.0)
            self.out[parcel.id] = Out(first, last, parcel.end)
        elif parcel.tries >= self._pacing.tries:
            self.poisoned.append(parcel)
        else:
            self.waiting.setdefault(parcel.group, Waiting()).add(parcel, now)

    def _unclaimed_until(self, out: Out) -> float:
        """How long somebody may still claim it with these slots, and be of use."""
        pacing = self._pacing
        return out.last + pacing.tolerance_ms + 2 * pacing.clock_ms + UNCLAIMED_MS
