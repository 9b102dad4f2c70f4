"""Many histories: drawn by Hypothesis in chunks, so that a seed gives the same ones on any number of processes."""

import time
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.faults.broken import Broken
from tests.faults.cells import Cell
from tests.faults.faults import AnyCall, Faults
from tests.faults.plan import Plan, in_focus, plans, to_word
from tests.faults.standins import installed
from tests.faults.world import World
from tests.iam.used import Used

CHUNK = 50  # histories
SHRINK_SECONDS = 60.0


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
        checker, clients, events = world.checker, world.clients, world.events
        self.histories += 1
        counted = sum("count" in verdicts for verdicts in checker.verdicts.values())
        delivered = [times for poller in world.pollers.values() for times in poller.delivered.values()]
        self.counts.update(
            {
                "ballots": clients.ballots,
                "accepted": len(checker.accepted),
                "counted or superseded": counted,
                "quarantined": len(checker.quarantined),
                "recovered": len(checker.known.keys() - checker.accepted - clients.by_hand),
                "put on queues by hand": len(clients.by_hand),
                "messages": len(delivered),
                "redeliveries": sum(delivered) - len(delivered),
                "dead letters redriven": events.redriven,
                "sleepers that came back": world.lambdas.sleepers,
                "entries": sum(map(len, checker.entries.values())),
                "epochs": checker.epochs,
                "invocations": world.lambdas.invocations,
                "service calls": world.faults.made.total(),
            }
        )
        self.fired.update(world.faults.fired)
        self.used.update(world.faults.used)
        self.events.update(events.fired)
        self.events["clock skew"] += world.plan.skew
        self.events["repeated late by a client"] += clients.repeated_late
        self.calls.update(world.faults.made)


def play(plan: Plan, meddler: type[Faults] = Faults) -> World:
    """One history. Raises Broken; whatever else is raised is a fault of the world or of a handler, and is Broken too."""
    world = World(plan, meddler=meddler)
    try:
        world.run()
    except Broken:
        raise
    except Exception as error:
        raise Broken("crash", f"{type(error).__name__}: {error}") from error
    return world


def chunk(
    number: int, base: int, size: int = CHUNK, until: float = float("inf"), shrink: float = SHRINK_SECONDS, any_call: bool = False
) -> Found:
    """The histories of one chunk; ends at the first that is broken, made as short as it goes in `shrink` seconds.

    `until` is a time (time.time): what has not been run by then is not. `any_call`: calls may have no row in the matrix.
    """
    found = Found()
    failing: list[tuple[Plan, Broken]] = []
    began = time.time()

    def histories(plan: Plan) -> None:
        nonlocal until
        if time.time() > until and (not failing or plan != failing[-1][0]):
            return
        try:
            world = play(plan, AnyCall if any_call else Faults)
        except Broken as broken:
            if not failing:
                until = time.time() + shrink
            if not failing or broken.check == failing[0][1].check:
                failing.append((plan, broken))
                raise
            return
        if not failing:
            found.take(world)

    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]
    drawn = seed(base * 1_000_003 + number)(
        settings(
            max_examples=size,
            database=None,
            deadline=None,
            phases=phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )(given(plans(in_focus(number)))(histories))
    )
    with installed():
        try:
            drawn()
        except BaseException as error:
            if not failing:
                raise
            plan, broken = min(failing, key=lambda one: len(to_word(one[0])))
            found.broken = {"check": broken.check, "detail": broken.detail, "history": to_word(plan)}
            del error
    found.seconds = time.time() - began
    return found
