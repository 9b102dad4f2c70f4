"""A history of receipts as a plan: what customers send and when, what breaks, and a seed for all
chance.

Hypothesis draws plans and makes a failing one smaller; `from_word` is for `make faults HISTORY=…`.
"""

from typing import Any, NamedTuple

from hypothesis import strategies as st

from tools.simulation import events, plan
from tools.simulation.cells import Cell
from tools.simulation.drawing import Turns, draw_events, draw_faults
from tools.simulation.plan import MINUTE, Event, Fault
from tools.simulation.receipts.cells import MATRIX
from tools.simulation.receipts.contents import CONTENTS, GOOD

CUSTOMERS, TOKENS = 2, 4
BY = (0,) * 6 + (1, 2)  # who delivers: lanes, an agent beside them, it alone

# words of histories have a kind by its place
EVENTS = (
    *events.KINDS,
    "busy reader",  # the reader throttles 4 calls in 10, for a while
    "rubbish",  # the reader answers rubbish now and then
    "purge",  # a queue is purged: its messages are gone
    "silent bucket",  # events of new objects never come, or come twice
    "expired",  # whatever is in the bucket of uploads, and the pictures out of archives, expires
    "database away",  # nobody gets to it; all connections are gone
    "database silent",  # it takes connections or not, and never answers
    "database half",  # it ends connections before they are answered: what was asked stands or not
    "database full",  # others have all of its connections
    "database slow",  # each statement takes as long as the event's target says
    "wrong certificate",  # it is not known to be who it says it is
    "wrong name",  # it says that it is another
    "rotated",  # the password changes; who needs it is told before or after
    "strict",  # its people have it refuse more rows
    "agent killed",  # and started again
    "three weeks",  # nobody gets to it, for as long
)
TURNS = Turns(
    MATRIX,
    seldom=("(back off)", "(shelve)", "(mark)", "(unmark)", "(day)", "ledger (batch)", "(seen)", "intake (send)"),
    failing=(
        "split dynamodb.GetItem ledger (batch)",
        "read dynamodb.GetItem ledger (file)",
    ),
)
# The parts of an archive that are lost with their queue, and the archive with its bucket: only the
# sweep can say so, when nothing can come any more.
LOST_PARTS = Fault(MATRIX.index("split dynamodb.GetItem ledger (outcomes)", "crash", "before"), 0, 9)
LOST_ARCHIVE = (Event(EVENTS.index("purge"), 10_000, 0, 0), Event(EVENTS.index("expired"), 12_000))
FOR_LOST = "sweep dynamodb.PutItem ledger (outcomes)"
# How an upload goes.
WAYS = ("", "never", "after its address has expired", "other bytes first", "twice", "deleted", "much later", "too many")
# What an archive is.
ARCHIVES = ("", "cut off", "no zip", "too many entries", "with a system's files", "encrypted entry", "bad checksum")


# What people do.
LOOKS = ("accept", "correct", "two at once", "report")


class Look(NamedTuple):
    """Somebody looks at a batch at a time; `what` is the number of what they do."""

    at: int
    batch: int
    what: int = 0


class Sent(NamedTuple):
    """A file: its number in CONTENTS, and how its upload goes (in an archive: nothing of it)."""

    content: int
    way: int = 0


class Batch(NamedTuple):
    """A batch that a customer opens at a time; `archive` is 0 for files, else one more than the
    kind of archive; `way` is how the archive's upload goes.

    `again` (ms later; 0: not) is when the client asks the very same once more, and uploads what it
    has not. `token` and `customer` name it: another batch under a token is refused.
    """

    at: int
    customer: int
    token: int
    files: tuple[Sent, ...]
    archive: int = 0
    way: int = 0
    again: int = 0


class Plan(NamedTuple):
    """A history.

    `skew`: clocks of workers differ by up to five minutes. `minutes`: faults last at least so long,
    so that what is looked at again meets them too. `by_agent`: an agent delivers beside the lanes
    (1), or alone (2).
    """

    batches: tuple[Batch, ...]
    faults: tuple[Fault, ...] = ()
    events: tuple[Event, ...] = ()
    skew: bool = False
    seed: int = 0
    minutes: int = 0
    by_agent: int = 0
    looks: tuple[Look, ...] = ()

    @property
    def calm(self) -> bool:
        """Whether nothing goes wrong in it."""
        return not (self.faults or self.events or self.skew)

    def cells(self) -> list[Cell]:
        """The cells that its faults are of."""
        return [MATRIX.cells[fault.cell % len(MATRIX.cells)] for fault in self.faults]


def cell_of(fault: Fault) -> str:
    """The call that a fault is of."""
    return MATRIX.cells[fault.cell % len(MATRIX.cells)].call


def from_word(word: str) -> Plan:
    """The plan in a word (`plan.to_word`). Raises ValueError where it is none."""
    return plan.from_word(word, _read)


def _read(unpacked: Any) -> Plan:
    batches, faults, events, skew, seed, minutes, by_agent, looks = unpacked
    return Plan(
        tuple(
            Batch(at, who, token, tuple(Sent(*one) for one in files), *more) for at, who, token, files, *more in batches
        ),
        tuple(Fault(*fault) for fault in faults),
        tuple(Event(*event) for event in events),
        skew,
        seed,
        minutes,
        by_agent,
        tuple(Look(*look) for look in looks),
    )


def _batches(spread: int) -> st.SearchStrategy[Batch]:
    content = st.one_of(*[st.sampled_from(GOOD)] * 5, st.integers(0, len(CONTENTS) - 1))
    way = st.sampled_from((0,) * 16 + tuple(range(len(WAYS))))
    return st.builds(
        Batch,
        st.integers(0, spread),
        st.integers(0, CUSTOMERS - 1),
        st.integers(0, TOKENS - 1),
        st.lists(st.builds(Sent, content, way), min_size=1, max_size=5).map(tuple),
        st.sampled_from((0,) * 6 + (1,) * 4 + tuple(range(2, len(ARCHIVES) + 1))),
        way,
        st.sampled_from((0, 0, 0, 500, 30_000, 10 * MINUTE, 40 * MINUTE)),
    )


def _needed(focus: list[int]) -> tuple[Event, ...]:
    """What makes seldom calls in focus happen: the sweep has something to send again."""
    calls = {MATRIX.cells[cell].call for cell in focus}
    found: list[Event] = []
    if any(call.startswith("sweep") and "upload" not in call for call in calls):
        found.append(Event(EVENTS.index("purge"), 1_500, 5 * MINUTE, 1))
    if any(call.startswith("sweep") for call in calls):
        found.append(Event(EVENTS.index("silent bucket"), 0, 5 * MINUTE))
    if "deliver sqs.SendMessageBatch lane (send)" in calls:
        found.append(Event(EVENTS.index("database slow"), 0, 20 * MINUTE, 2))
    if any("mark)" in call for call in calls):
        found.append(Event(EVENTS.index("busy reader"), 0, 20 * MINUTE))
    return tuple(found)


def plans(number: int) -> st.SearchStrategy[Plan]:
    """The histories of a chunk: any; their faults are mostly of the cells that have their turn."""
    return _plans(TURNS.in_focus(number))


@st.composite
def _plans(draw: st.DrawFn, focus: list[int]) -> Plan:
    spread = draw(st.sampled_from((2_000, MINUTE, 15 * MINUTE)))
    mood = draw(st.sampled_from(("any",) * 14 + ("calm", "busy", "busy", "redrive", "lost") + ("database",) * 4))
    batches = draw(st.lists(_batches(spread), min_size=1, max_size=4).map(tuple))
    faults: tuple[Fault, ...] = ()
    events: tuple[Event, ...] = ()
    minutes, skew = 0, False
    if mood != "calm":
        events = draw(draw_events(spread, len(EVENTS)))
        minutes = draw(st.sampled_from((0, 0, 20, 40, 90, 150)))
    if mood == "any":
        faults = draw(draw_faults(focus, TURNS.unwatched))
        skew = draw(st.booleans())
        if draw(st.integers(0, 3)):
            events = (*_needed(focus), *events)
            faults = (*(Fault(cell, 0, 9) for cell in TURNS.throttles(focus)), *faults)
            swept = any(MATRIX.cells[cell].call.startswith("sweep") for cell in focus)
            minutes = max(minutes, 95) if swept else minutes
    if mood == "redrive":  # a ledger that is out for longer than a message is tried for
        batches = (Batch(0, 0, 0, (Sent(0), Sent(2), Sent(4))), *batches)
        out = Event(EVENTS.index("outage"), draw(st.integers(500, 2_000)), 20 * MINUTE)
        events = (out, Event(EVENTS.index("redrive"), out.at + 5 * MINUTE, 20 * MINUTE), *events)
    if mood == "database":
        events = (*draw(_of_database(spread)), *events)
    if mood == "busy":
        events = (Event(EVENTS.index("busy reader"), 0, draw(st.sampled_from((20, 240))) * MINUTE), *events)
    if mood == "lost" or (faults and any(MATRIX.cells[cell].call == FOR_LOST for cell in focus)):
        entries = draw(st.lists(st.builds(Sent, st.sampled_from(GOOD)), min_size=3, max_size=5).map(tuple))
        batches = (Batch(0, 0, 0, entries, 1), *batches[:1])
        faults, events, minutes = (LOST_PARTS, *faults), LOST_ARCHIVE, 150
    looks = draw(st.lists(_look(spread), max_size=3).map(tuple))
    agents = any(cell_of(fault).startswith("agent") for fault in faults)
    by_agent = 1 if agents else draw(st.sampled_from(BY))
    return Plan(batches, faults, events, skew, draw(st.integers(0, 2**32 - 1)), minutes, by_agent, looks)


def _look(spread: int) -> st.SearchStrategy[Look]:
    at = st.integers(5_000, spread + 90_000)
    return st.builds(Look, at, st.integers(0, 3), st.integers(0, len(LOOKS) - 1))


def _of_database(spread: int) -> st.SearchStrategy[tuple[Event, ...]]:
    """Some of what may happen to the database, while it has something to do."""
    kind = st.sampled_from([*range(EVENTS.index("database away"), len(EVENTS) - 1)] * 4 + [len(EVENTS) - 1])
    lasts = st.sampled_from((3_000, 20_000, MINUTE, 5 * MINUTE, 60 * MINUTE))
    event = st.builds(Event, kind, st.integers(0, spread + 30_000), lasts, st.integers(0, 7))
    return st.lists(event, min_size=1, max_size=3).map(tuple)
