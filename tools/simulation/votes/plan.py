"""A history of votes as a plan: what voters send and when, what breaks, and a seed for all chance.

Hypothesis draws plans and makes a failing one smaller; `from_word` is for `make faults HISTORY=…`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tools.simulation import events, plan
from tools.simulation.cells import Cell
from tools.simulation.drawing import Turns, draw_events, draw_faults
from tools.simulation.plan import MINUTE, Event, Fault
from tools.simulation.votes.cells import MATRIX, WATCHING

VOTERS, OPEN_TITLES = 5, 3

# words of histories have a kind by its place
EVENTS = (
    *events.KINDS[:3],
    "damage",  # a journal entry's bytes cannot be read, until a person mends it
    *events.KINDS[3:],
    "bad row",  # a title's row in the catalogue cannot be read, until a person mends it
    "rivals",  # the count queue gives a shard to several writers at once, as a standard one would
)
# often enough, messages die of it
DYING = MATRIX.index("write dynamodb.BatchGetItem votes (standing)", "throttle", "before")
TURNS = Turns(
    MATRIX,
    watching=WATCHING,
    seldom=("(back off)", "(shelve)"),
    failing=(
        "process dynamodb.BatchGetItem catalogue (windows)",
        "write dynamodb.BatchGetItem votes (standing)",
        "tally dynamodb.BatchGetItem journal (heads)",
    ),
)
BAD = ("", "bad score", "unknown aspect", "no voter", "closed title", "not announced", "for ever")
WAYS = ("http", "by hand", "bare by hand", "garbage", "wrong row", "wrong shard")


class Cast(NamedTuple):
    """One ballot: which voter and title, `votes` (base 5, a digit an aspect: 0 leaves it out, 1-3
    the score, 4 withdraws), what is bad.
    """

    voter: int
    title: int
    votes: int
    bad: int = 0


class Request(NamedTuple):
    """Ballots sent together at a time; `stamp` is how long before that they were cast (None:
    stamped by receive).

    `again` (ms later; 0: not) is when the client sends the very same once more. In the second act
    it comes after a quiet month.
    """

    at: int
    ballots: tuple[Cast, ...]
    stamp: int | None = None
    again: int = 0
    way: int = 0
    act: int = 0


class Plan(NamedTuple):
    """A history.

    `skew`: clocks of workers differ by up to five minutes. `watched`: probe and conservation are
    called by schedules.
    """

    shards: int
    requests: tuple[Request, ...]
    faults: tuple[Fault, ...] = ()
    events: tuple[Event, ...] = ()
    skew: bool = False
    seed: int = 0
    watched: bool = False

    @property
    def calm(self) -> bool:
        """Whether nothing goes wrong in it."""
        return not (self.faults or self.events or self.skew)

    def cells(self) -> list[Cell]:
        """The cells that its faults are of."""
        return [MATRIX.cells[fault.cell % len(MATRIX.cells)] for fault in self.faults]


def from_word(word: str) -> Plan:
    """The plan in a word (`plan.to_word`). Raises ValueError where it is none."""
    return plan.from_word(word, _read)


def _read(unpacked: Any) -> Plan:
    shards, requests, faults, events, skew, seed, watched = unpacked
    return Plan(
        shards,
        tuple(Request(at, tuple(Cast(*cast) for cast in ballots), *more) for at, ballots, *more in requests),
        tuple(Fault(*fault) for fault in faults),
        tuple(Event(*event) for event in events),
        skew,
        seed,
        watched,
    )


def _requests(spread: int) -> st.SearchStrategy[Request]:
    cast = st.builds(
        Cast,
        st.integers(0, VOTERS - 1),
        st.integers(0, OPEN_TITLES - 1),
        st.integers(1, 124),
        st.sampled_from((0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 4, 5, 6)),
    )
    return st.builds(
        Request,
        st.integers(0, spread),
        st.lists(cast, min_size=1, max_size=5).map(tuple),
        st.one_of(st.none(), st.integers(0, 15 * MINUTE)),
        st.sampled_from((0, 0, 0, 500, 10_000, 6 * MINUTE, 40 * MINUTE)),
        st.sampled_from((0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5)),
        st.sampled_from((0, 0, 0, 0, 0, 0, 0, 1)),
    )


def _needed(focus: Sequence[int]) -> tuple[tuple[Request, ...], tuple[Fault, ...]]:
    """What makes the seldom calls in focus happen: ballots to put in quarantine, a throttle that
    outlasts all tries of a message's call.
    """
    calls = {MATRIX.cells[cell].call for cell in focus}
    ways = {
        "process": Request(0, (Cast(0, 0, 1, BAD.index("closed title")),)),
        "write": Request(0, (Cast(0, 0, 1),), way=WAYS.index("wrong row")),
    }
    requests = tuple(
        request
        for function, request in ways.items()
        if any(call.startswith(function) and "(shelve)" in call for call in calls)
    )
    return requests, tuple(Fault(cell, 0, 9) for cell in TURNS.throttles(focus))


def plans(number: int) -> st.SearchStrategy[Plan]:
    """The histories of a chunk: any; their faults are mostly of the cells that have their turn."""
    return _plans(TURNS.in_focus(number))


@st.composite
def _plans(draw: st.DrawFn, focus: Sequence[int]) -> Plan:
    spread = draw(st.sampled_from((2_000, MINUTE, 15 * MINUTE)))
    mood = draw(st.sampled_from(("any",) * 13 + ("redrive", "redrive", "calm", "damage", *("rivals",) * 4)))
    requests = draw(st.lists(_requests(spread), min_size=1, max_size=7).map(tuple))
    faults: tuple[Fault, ...] = ()
    events: tuple[Event, ...] = ()
    if mood in {"any", "redrive", "rivals"}:
        faults, events = draw(draw_faults(focus, TURNS.unwatched)), draw(draw_events(spread, len(EVENTS)))
        if draw(st.integers(0, 3)):
            more, failing = _needed(focus)
            requests, faults = (*more, *requests), (*failing, *faults)
    if mood == "redrive":  # soon after they died, while SQS remembers them
        faults = (Fault(DYING, draw(st.integers(0, 3)), 30), *faults)
        events = (Event(EVENTS.index("redrive"), draw(st.integers(0, spread)), 5 * MINUTE), *events)
    if mood == "rivals":
        requests = (*requests, *draw(st.lists(_requests(300), min_size=5, max_size=9)))
        events = (Event(EVENTS.index("rivals"), 0, 20 * MINUTE), *events)
    if mood == "damage":
        events = (Event(EVENTS.index("damage"), draw(st.integers(0, 2_000)), 20 * MINUTE, draw(st.integers(0, 1))),)
    skew = draw(st.booleans()) if mood == "any" else False
    watched = any(cell in TURNS.watched for cell in focus)
    return Plan(draw(st.integers(2, 4)), requests, faults, events, skew, draw(st.integers(0, 2**32 - 1)), watched)
