"""Many histories: drawn by Hypothesis in chunks, so that a seed gives the same ones on any number
of processes.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from tools.simulation.aws.used import Used
from tools.simulation.broken import Broken
from tools.simulation.cells import Cell
from tools.simulation.faults import AnyCall, Faults
from tools.simulation.pipeline import Pipeline
from tools.simulation.plan import to_word
from tools.simulation.world import World

CHUNK = 50  # histories
SHRINK_SECONDS = 60.0
MOST_STEPS = 1_000_000  # of a history; a busy one has some ten thousand


@dataclass
class Found:
    """What a number of histories came to."""

    histories: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    fired: Counter[Cell] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    used: set[Used] = field(default_factory=set)
    broken: dict[str, str] | None = None

    def add(self, other: "Found") -> None:
        """Take in another's."""
        self.histories += other.histories
        self.seconds += other.seconds
        for mine, theirs in ((self.counts, other.counts), (self.events, other.events), (self.calls, other.calls)):
            mine.update(theirs)
        self.fired.update(other.fired)
        self.used.update(other.used)
        self.broken = self.broken or other.broken

    def take(self, world: World) -> None:
        """Take in a history that came out right."""
        self.histories += 1
        self.counts.update(world.counts())
        self.fired.update(world.faults.fired)
        self.used.update(world.faults.used)
        self.events.update(world.befell())
        self.calls.update(world.faults.made)


def play(pipeline: Pipeline, plan: Any, meddler: type[Faults] = Faults) -> World:
    """One history.

    Raises Broken; whatever else is raised is a fault of the world or of a handler, and is Broken
    too, and so is a history without an end.
    """
    world = pipeline.world(plan, meddler=meddler)
    world.stage.most_steps = MOST_STEPS
    try:
        world.run()
    except Broken:
        raise
    except Exception as error:
        raise Broken("crash", f"{type(error).__name__}: {error}") from error
    return world


def chunk(
    pipeline: Pipeline,
    number: int,
    base: int,
    size: int = CHUNK,
    until: float = float("inf"),
    shrink: float = SHRINK_SECONDS,
    any_call: bool = False,
) -> Found:
    """The histories of one chunk.

    Ends at the first that is broken, made as short as it goes in `shrink` seconds. `until` is a
    time (time.time): what has not been run by then is not. `any_call`: calls may have no row in the
    matrix.
    """
    began = time.time()
    histories = _Histories(pipeline, until, shrink, AnyCall if any_call else Faults)
    drawn = _drawn(histories.take, pipeline.plans(number), base * 1_000_003 + number, size, shrinking=bool(shrink))
    with pipeline.installed(), _constants_of_nobody():
        try:
            drawn()
        except BaseException:
            if not histories.failing:
                raise
            plan, broken = min(histories.failing, key=lambda one: len(to_word(one[0])))
            histories.found.broken = {"check": broken.check, "detail": broken.detail, "history": to_word(plan)}
    histories.found.seconds = time.time() - began
    return histories.found


class _Histories:
    """Plays plans; from the first that is broken on, only those that fail as it does matter."""

    def __init__(self, pipeline: Pipeline, until: float, shrink: float, meddler: type[Faults]) -> None:
        self.found = Found()
        self.failing: list[tuple[Any, Broken]] = []
        self._pipeline, self._until, self._shrink, self._meddler = pipeline, until, shrink, meddler

    def take(self, plan: Any) -> None:
        """Play a plan. Raises Broken."""
        if time.time() > self._until and (not self.failing or plan != self.failing[-1][0]):
            return
        try:
            world = play(self._pipeline, plan, self._meddler)
        except Broken as broken:
            if not self.failing:
                self._until = time.time() + self._shrink
            if not self.failing or broken.check == self.failing[0][1].check:
                self.failing.append((plan, broken))
                raise
            return
        if not self.failing:
            self.found.take(world)


@contextmanager
def _constants_of_nobody() -> Iterator[None]:
    """Hypothesis draws numbers that stand in whatever modules are loaded: a seed would give other
    histories beside other tests.
    """
    theirs = providers._get_local_constants
    providers.CONSTANTS_CACHE.cache.clear()
    providers._get_local_constants = Constants
    try:
        yield
    finally:
        providers._get_local_constants = theirs
        providers.CONSTANTS_CACHE.cache.clear()


def _drawn(
    take: Callable[[Any], None], plans: st.SearchStrategy[Any], from_seed: int, size: int, *, shrinking: bool
) -> Callable[[], None]:
    """Calls `take` with so many plans, the same ones for a seed."""
    configured = settings(
        max_examples=size,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if shrinking else [Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )

    def histories(plan: Any) -> None:
        take(plan)

    drawn: Callable[[], None] = seed(from_seed)(configured(given(plans)(histories)))
    return drawn
