"""A model of results in seconds, by a view in the fold's row (ADR 0041).

Each slot's tally writes, instead of every title's row, what the entries since the last closed
epoch add up to: the *view*, with the bounds it has seen. Titles are folded every few minutes.
Results are the title's row and the view's part of it, unless the row has taken in a later epoch
than the view begins at. Writers, tallyers, folders and readers interleave at every step and die;
`yield` marks each point where another may step in.

As the view stands in the fold's own row, a range is fixed on condition that the view is the one
that was read before the entries; so it ends at what was seen, or later.
"""

import random
from collections import Counter, deque
from collections.abc import Generator
from dataclasses import dataclass, field, replace

SHARDS, TITLES, ENTRIES, STEPS = 2, 3, 24, 1_000
DIES = 0.02  # at each step
VARIANTS = (
    "a fold ends before what was seen",
    "results read the row before the view",
    "the view's part beside a later row",
    "a view over a later one",
    "a view of a closed epoch kept",
)

Bounds = tuple[int, ...]
Steps = Generator[None, None, None]


@dataclass(frozen=True)
class View:
    """What is seen beyond an epoch: sums of the entries since its end, by title."""

    base: int
    seen: Bounds
    sums: Counter[int]


@dataclass(frozen=True)
class Fold:
    """The fold's row: one item, so each write of it is whole and under one condition."""

    epoch: int = 0
    upto: Bounds = (0,) * SHARDS
    ends: Bounds | None = None  # of the open epoch
    view: View | None = None


@dataclass
class World:
    """The tables, and what must be so of results."""

    variant: str | None
    rng: random.Random
    journal: list[list[tuple[int, int]]] = field(default_factory=lambda: [[] for _ in range(SHARDS)])
    fold: Fold = field(default_factory=Fold)
    rows: dict[int, tuple[int, int]] = field(default_factory=dict)  # title -> (epoch, count)
    ends_of: dict[int, Bounds] = field(default_factory=lambda: {0: (0,) * SHARDS})
    shown: dict[int, Bounds] = field(default_factory=dict)  # title -> the bounds of what was shown
    wrong: str | None = None

    def append(self) -> Steps:
        """An entry that adds one to a title, or takes one from it."""
        yield
        self.rng.choice(self.journal).append((self.rng.randrange(TITLES), self.rng.choice((1, 1, -1))))

    def _read(self, since: Bounds) -> Generator[None, None, tuple[Bounds, Counter[int]]]:
        """Shard after shard, each to where it ends by then."""
        sums: Counter[int] = Counter()
        ends = list(since)
        for shard, journal in enumerate(self.journal):
            yield
            for title, change in journal[since[shard] :]:
                sums[title] += change
            ends[shard] = len(journal)
        return tuple(ends), sums

    def look(self) -> Steps:
        """A slot's tally: the view of what lies past the last closed epoch."""
        yield
        fold = self.fold
        if fold.ends is not None:
            yield from self._add(fold)
            return
        seen, sums = yield from self._read(fold.upto)
        yield
        if self.fold == fold or self.variant == "a view over a later one":
            self.fold = replace(self.fold, view=View(fold.epoch, seen, sums))

    def fold_titles(self) -> Steps:
        """Every few minutes: fix a range, add it to the titles, close the epoch."""
        yield
        fold = self.fold
        if fold.ends is None:
            ends, _ = yield from self._read(fold.upto)
            yield
            same = self.fold == fold
            if self.variant == "a fold ends before what was seen":
                same = replace(self.fold, view=None) == replace(fold, view=None)
            if not same or ends == fold.upto:
                return
            fold = self.fold = replace(self.fold, ends=ends)
        yield from self._add(fold)

    def _add(self, fold: Fold) -> Steps:
        assert fold.ends is not None
        epoch, sums = fold.epoch + 1, self._truth(fold.ends)
        sums.subtract(self._truth(fold.upto))
        self.ends_of[epoch] = fold.ends
        for title, change in sums.items():
            yield
            last, count = self.rows.get(title, (0, 0))
            if change and last < epoch:
                self.rows[title] = (epoch, count + change)
        yield
        if self.fold.epoch < epoch:
            view = self.fold.view if self.variant == "a view of a closed epoch kept" else None
            self.fold = Fold(epoch, fold.ends, None, view and replace(view, base=epoch))

    def results(self, title: int) -> Steps:
        """A reader: what is shown was so at bounds no earlier than what was shown before."""
        before = self.shown.get(title, (0,) * SHARDS)
        yield
        fold, (epoch, count) = self.fold, self.rows.get(title, (0, 0))
        yield
        if self.variant == "results read the row before the view":
            fold = self.fold
        else:
            epoch, count = self.rows.get(title, (0, 0))
        view = fold.view or View(fold.epoch, fold.upto, Counter())
        bounds = self.ends_of[epoch]
        if epoch <= view.base or self.variant == "the view's part beside a later row":
            count, bounds = count + view.sums[title], view.seen
        if count != self._truth(bounds)[title]:
            self.wrong = self.wrong or f"title {title} shows {count}, never so at {bounds}"
        if any(now < then for now, then in zip(bounds, before, strict=True)):
            self.wrong = self.wrong or f"title {title} goes back from {before} to {bounds}"
        now = self.shown.get(title, bounds)
        self.shown[title] = max(now, bounds, key=sum)

    def _truth(self, bounds: Bounds) -> Counter[int]:
        sums: Counter[int] = Counter()
        for journal, end in zip(self.journal, bounds, strict=True):
            for title, change in journal[:end]:
                sums[title] += change
        return sums


def _begun(world: World, appends: deque[Steps]) -> list[Steps]:
    """Who begins now, if anybody does."""
    luck = world.rng.random()
    if luck < 0.08:
        return [appends.popleft()] if appends else []
    if luck < 0.16:
        return [world.look()]
    if luck < 0.19:
        return [world.fold_titles()]
    return [world.results(world.rng.randrange(TITLES))] if luck < 0.31 else []


def history(seed: int, variant: str | None = None) -> str | None:
    """One random history: what is wrong with what results showed in it, or None."""
    rng = random.Random(seed)
    world = World(variant, rng)
    appends = deque(world.append() for _ in range(ENTRIES))
    running: list[Steps] = []
    for _ in range(STEPS):
        running += _begun(world, appends)
        if running:
            chosen = rng.randrange(len(running))
            if next(running[chosen], "ended") == "ended" or rng.random() < DIES:
                running.pop(chosen)
        if world.wrong:
            return world.wrong
    for work in (world.fold_titles(), world.look(), *(world.results(title) for title in range(TITLES))):
        deque(work, maxlen=0)
    settled = all(world.shown[title] == tuple(map(len, world.journal)) for title in range(TITLES))
    return world.wrong or (None if settled else f"in the end it shows what was so at {world.shown}")
