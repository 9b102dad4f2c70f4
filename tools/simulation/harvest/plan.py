"""A history of harvest as a plan: what the vendor has and does, who starts and steers runs, what
breaks, and a seed for all chance.

Hypothesis draws plans and makes a failing one smaller; `from_word` is for `make faults HISTORY=…`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tools.simulation import events, plan
from tools.simulation.drawing import Turns, draw_faults
from tools.simulation.harvest.cells import MATRIX
from tools.simulation.plan import Event, Fault

HOUR_MS = 3_600_000
EVENTS = (
    "outage",
    "redrive",
    "replace",
    "deliver twice",
    "not deleted",
    "count receives",
    "cut pages",
    "switch off",
    "kill all",  # of every function, wherever it is
    "stall",  # processes that stand still for seconds, and go on
    "closed",  # the vendor answers 429 to all, for seconds or an hour
    "wrong clock",  # new workers' clocks are off by five seconds, one way or the other
    "revoked",  # the vendor takes no token that it has given by now
)
assert set(EVENTS) - set(events.KINDS) == {"kill all", "stall", "closed", "wrong clock", "revoked"}
TURNS = Turns(MATRIX, seldom=("(back off)", "(shelve)", "(secret)", "(split)"))
WAITS = ("seconds", "date", "epoch", "left", "fraction", "list", "rubbish", "none")
UNTOLD = ("rubbish", "none")
STEPS = ("pause", "slower", "cancel", "start again", "look")


class Asked(NamedTuple):
    """A run that is started: `groups` given by hand have a bit each, 0 for all that are listed."""

    at: int
    name: str
    groups: int = 0


class Step(NamedTuple):
    """What a person does to a run, and undoes after so long; times are in ms."""

    at: int
    what: int
    lasts: int = 0
    run: int = 0


class Vendor(NamedTuple):
    """How the vendor is: shares are percent. `late`: when a group more is added (ms), -1 for the
    instant in which a run would complete, 0 for never. `poison`: which call kills its worker, 0 for
    none. `budget`: calls a day, 0 for any. `token`: seconds of a token's life.
    """

    groups: tuple[int, ...] = (3,)
    errors: int = 0
    moves: int = 0
    late: int = 0
    poison: int = 0
    budget: int = 0
    token: int = 3600
    wait: int = 0


class Plan(NamedTuple):
    """A history. `skew`: clocks differ within their bound. `turn`: seconds of the pacer's."""

    vendor: Vendor
    runs: tuple[Asked, ...]
    steps: tuple[Step, ...] = ()
    faults: tuple[Fault, ...] = ()
    events: tuple[Event, ...] = ()
    skew: bool = False
    seed: int = 0
    turn: int = 6

    @property
    def calm(self) -> bool:
        """Whether nothing goes wrong in it."""
        vendor = self.vendor
        odd = vendor.errors or vendor.moves or vendor.poison or vendor.budget or vendor.token < 3600
        return not (self.faults or self.events or self.steps or odd or self.turn < 6)


def from_word(word: str) -> Plan:
    """The plan in a word (`plan.to_word`). Raises ValueError where it is none."""
    return plan.from_word(word, _read)


def _read(unpacked: Any) -> Plan:
    (groups, *vendor), runs, steps, faults, events, skew, seed, turn = unpacked
    return Plan(
        Vendor(tuple(groups), *vendor),
        tuple(Asked(*one) for one in runs),
        tuple(Step(*one) for one in steps),
        tuple(Fault(*one) for one in faults),
        tuple(Event(*one) for one in events),
        skew,
        seed,
        turn,
    )


def plans(number: int) -> st.SearchStrategy[Plan]:
    """The histories of a chunk: any; their faults are mostly of the cells that have their turn."""
    return _plans(TURNS.in_focus(number))


def _vendors() -> st.SearchStrategy[Vendor]:
    return st.builds(
        Vendor,
        st.lists(st.sampled_from((1, 2, 3, 3, 9)), min_size=1, max_size=3).map(tuple),
        st.sampled_from((0, 2, 2, 5)),
        st.sampled_from((0, 0, 0, 30)),
        st.sampled_from((0, -1, -1, 2_000, 6_000, 12_000)),
        st.sampled_from((0, 0, 0, 0, 0, 1, 2)),
        st.sampled_from((0, 0, 0, 30)),
        st.sampled_from((3600, 3600, 12)),
        st.sampled_from((0, 0, 0, 1, 2, 3, 4, 5, 6, 7)),
    )


def _steps() -> st.SearchStrategy[tuple[Step, ...]]:
    step = st.builds(
        Step,
        st.integers(2_000, 15_000),
        st.sampled_from((0, 0, 0, 1, 1, 1, 2, 3, 4)),
        st.integers(300, 12_000),
        st.integers(0, 1),
    )
    return st.lists(step, max_size=2).map(tuple)


def _events() -> st.SearchStrategy[tuple[Event, ...]]:
    lasts = st.sampled_from((1_000, 3_000, 3_000, 10_000, 30_000, HOUR_MS))
    event = st.builds(Event, st.integers(0, len(EVENTS) - 1), st.integers(0, 20_000), lasts, st.integers(0, 7))
    kills = st.builds(Event, st.just(EVENTS.index("kill all")), st.integers(1_000, 20_000))
    stalls = st.builds(Event, st.just(EVENTS.index("stall")), st.integers(1_000, 15_000), st.just(10_000))
    closed = st.builds(Event, st.just(EVENTS.index("closed")), st.integers(1_000, 15_000), st.integers(1_000, 3_000))
    return st.lists(st.one_of(event, event, kills, stalls, closed), max_size=4).map(tuple)


@st.composite
def _plans(draw: st.DrawFn, focus: Sequence[int]) -> Plan:
    seed = draw(st.integers(0, 2**32 - 1))
    first = Asked(0, "daily", draw(st.sampled_from((0, 0, 0, 3))))
    if not draw(st.integers(0, 12)):
        return Plan(Vendor(draw(_vendors()).groups), (first,), seed=seed)
    others = st.builds(Asked, st.integers(0, 8_000), st.sampled_from(("other", "other", "daily")), st.integers(0, 3))
    runs = (first, *draw(st.one_of(st.just([]), st.just([]), st.lists(others, min_size=1, max_size=1))))
    faults = draw(st.one_of(st.just(()), draw_faults(focus, TURNS.unwatched)))
    turn = draw(st.sampled_from((6, 6, 3)))
    return Plan(draw(_vendors()), runs, draw(_steps()), faults, draw(_events()), draw(st.booleans()), seed, turn)
