"""A history as a plan: what voters send and when, what breaks, and a seed for all chance. The same plan is the same run.

Hypothesis draws plans and makes a failing one smaller; `to_word` and `from_word` are for `make faults HISTORY=…`.
"""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from tests.faults.cells import CALLS, CELLS, WATCHING, Cell

VOTERS, OPEN_TITLES = 5, 3
MINUTE = 60_000  # times are in milliseconds since the history's start

EVENTS = (
    "outage",  # a table or a queue answers nothing, for minutes or hours
    "redrive",  # an operator redrives whatever is dead, in the middle of the traffic
    "replace",  # a queue is replaced: what it held is sent again by an operator, its memory of deduplication is gone
    "damage",  # a journal entry's bytes cannot be read, until a person mends it
    "deploy",  # a later release runs beside this one, then alone
    "roll back",  # this release runs beside a later one, then alone, until it is rolled forward again
    "deliver twice",  # standard queues deliver some messages again
    "not deleted",  # some messages are not deleted though the function did its work
    "count receives",  # receives are counted without a delivery
    "cut pages",  # pages of the journal end early
    "switch off",  # a mapping is off, until somebody switches it on again
)
DYING = CELLS.index(Cell("write dynamodb.BatchGetItem votes (standing)", "throttle", "before"))  # often enough, messages die of it
BAD = ("", "bad score", "unknown aspect", "no voter", "closed title")
IN_FOCUS = 6
WATCHED, EVERY = [place for place, cell in enumerate(CELLS) if cell.call.startswith(WATCHING)], 6  # one chunk in so many is about them
UNWATCHED = [place for place in range(len(CELLS)) if place not in WATCHED]
SELDOM = ("(back off)", "(shelve)")  # calls that few histories make: their cells have three turns
FAILING = (  # a call of each that fails its messages when throttled
    "process dynamodb.BatchGetItem catalogue (windows)",
    "write dynamodb.BatchGetItem votes (standing)",
    "tally dynamodb.BatchGetItem journal (heads)",
)
WAYS = ("http", "by hand", "bare by hand", "garbage", "wrong row", "wrong shard")


class Cast(NamedTuple):
    """One ballot: which voter and title, `votes` (base 5, a digit an aspect: 0 leaves it out, 1-3 the score, 4 withdraws), what is bad."""

    voter: int
    title: int
    votes: int
    bad: int = 0


class Request(NamedTuple):
    """Ballots sent together at a time; `stamp` is how long before that they were cast (None: stamped by receive).

    `again` (ms later; 0: not) is when the client sends the very same once more. In the second act it comes after a quiet month.
    """

    at: int
    ballots: tuple[Cast, ...]
    stamp: int | None = None
    again: int = 0
    way: int = 0
    act: int = 0


class Fault(NamedTuple):
    """The cell fires at the calls `nth` … `nth + times - 1` of its row."""

    cell: int
    nth: int = 0
    times: int = 1


class Event(NamedTuple):
    """What happens to the system at a time, for so long."""

    kind: int
    at: int
    lasts: int = 0
    target: int = 0


class Plan(NamedTuple):
    """A history. `skew`: clocks of workers differ by up to five minutes. `watched`: probe and conservation are called by schedules."""

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
        return [CELLS[fault.cell % len(CELLS)] for fault in self.faults]


def to_word(plan: Plan) -> str:
    """The plan as one word, for a command line."""
    return urlsafe_b64encode(zlib.compress(json.dumps(plan, separators=(",", ":")).encode(), 9)).rstrip(b"=").decode()


def from_word(word: str) -> Plan:
    """The plan in a word. Raises ValueError where it is none."""
    try:
        packed = urlsafe_b64decode(word + "=" * (-len(word) % 4))
        shards, requests, faults, events, skew, seed, watched = json.loads(zlib.decompress(packed))
        return Plan(
            shards,
            tuple(Request(at, tuple(Cast(*cast) for cast in ballots), *more) for at, ballots, *more in requests),
            tuple(Fault(*fault) for fault in faults),
            tuple(Event(*event) for event in events),
            skew,
            seed,
            watched,
        )
    except (ValueError, TypeError, zlib.error) as error:
        raise ValueError(f"HISTORY is not a history of this version: {error}") from error


def _requests(spread: int) -> st.SearchStrategy[Request]:
    cast = st.builds(
        Cast,
        st.integers(0, VOTERS - 1),
        st.integers(0, OPEN_TITLES - 1),
        st.integers(1, 124),
        st.sampled_from((0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 4)),
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


def _faults(focus: Sequence[int]) -> st.SearchStrategy[tuple[Fault, ...]]:
    """Faults of the cells in focus, and now and then of any that every history has."""
    cell = st.one_of(st.sampled_from(list(focus)), st.sampled_from(list(focus)), st.sampled_from(UNWATCHED))
    fault = st.builds(Fault, cell, st.sampled_from((0, 0, 0, 1, 1, 2, 4)), st.sampled_from((1, 1, 3, 3, 9)))
    first = st.builds(
        Fault, st.sampled_from(list(focus)), st.sampled_from((0, 0, 0, 1)), st.sampled_from((1, 3))
    )  # that it is likely to fire
    some = st.sampled_from((0, 1, 1, 1, 1, 1, 2, 2)).flatmap(lambda number: st.lists(first, min_size=number, max_size=number))
    return st.tuples(some, st.lists(fault, max_size=4)).map(lambda drawn: (*drawn[0], *drawn[1]))


def in_focus(number: int) -> list[int]:
    """The cells that the histories of chunk `number` are about: each has its turn. What makes them possible comes along."""
    seldom = [place for place in UNWATCHED if CELLS[place].call.endswith(SELDOM)]
    turned, before = [*UNWATCHED, *seldom, *seldom], (number + EVERY - 2) // EVERY  # chunks about the watching functions
    if number % EVERY == 1:
        turned, number = list(WATCHED), before
    else:
        number -= before
    Random(number * IN_FOCUS // len(turned)).shuffle(turned)
    some = [turned[(number * IN_FOCUS + place) % len(turned)] for place in range(IN_FOCUS)]
    helped = {CELLS[cell].call.split(" ")[0] for cell in some if "(back off)" in CELLS[cell].call}
    return some + [CELLS.index(Cell(call, "throttle", "before")) for call in CALLS if call in FAILING and call.split(" ")[0] in helped]


def _events(spread: int) -> st.SearchStrategy[tuple[Event, ...]]:
    event = st.builds(
        Event,
        st.integers(0, len(EVENTS) - 1),
        st.integers(0, spread),
        st.sampled_from((MINUTE, 5 * MINUTE, 20 * MINUTE, 120 * MINUTE)),
        st.integers(0, 7),
    )
    return st.lists(event, max_size=3).map(tuple)


def _needed(focus: Sequence[int]) -> tuple[tuple[Request, ...], tuple[Fault, ...]]:
    """What makes the seldom calls in focus happen: ballots to put in quarantine, a throttle that outlasts all tries of a message's call."""
    calls = {CELLS[cell].call for cell in focus}
    ways = {
        "process": Request(0, (Cast(0, 0, 1, BAD.index("closed title")),)),
        "write": Request(0, (Cast(0, 0, 1),), way=WAYS.index("wrong row")),
    }
    requests = tuple(
        request for function, request in ways.items() if any(call.startswith(function) and "(shelve)" in call for call in calls)
    )
    backing = {call.split(" ")[0] for call in calls if "(back off)" in call}
    failing = [CELLS.index(Cell(call, "throttle", "before")) for call in FAILING if call.split(" ")[0] in backing]
    return requests, tuple(Fault(cell, 0, 9) for cell in failing)


@st.composite
def plans(draw: st.DrawFn, focus: Sequence[int] = range(len(CELLS))) -> Plan:
    """Any history; its faults are mostly of the cells in focus."""
    spread = draw(st.sampled_from((2_000, MINUTE, 15 * MINUTE)))
    mood = draw(st.sampled_from(("any",) * 13 + ("redrive", "redrive", "calm", "damage")))
    requests = draw(st.lists(_requests(spread), min_size=1, max_size=7).map(tuple))
    faults: tuple[Fault, ...] = ()
    events: tuple[Event, ...] = ()
    if mood in {"any", "redrive"}:
        faults, events = draw(_faults(focus)), draw(_events(spread))
        if len(focus) < len(CELLS) and draw(st.integers(0, 3)):
            more, failing = _needed(focus)
            requests, faults = (*more, *requests), (*failing, *faults)
    if mood == "redrive":  # soon after they died, while SQS remembers them
        faults = (Fault(DYING, draw(st.integers(0, 3)), 30), *faults)
        events = (Event(EVENTS.index("redrive"), draw(st.integers(0, spread)), 5 * MINUTE), *events)
    if mood == "damage":
        events = (Event(EVENTS.index("damage"), draw(st.integers(0, 2_000)), 20 * MINUTE, draw(st.integers(0, 1))),)
    skew = draw(st.booleans()) if mood == "any" else False
    watched = any(cell in WATCHED for cell in focus)
    return Plan(draw(st.integers(2, 4)), requests, faults, events, skew, draw(st.integers(0, 2**32 - 1)), watched)
