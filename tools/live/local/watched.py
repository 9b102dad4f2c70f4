"""What a pipeline's own room looks at, beside what every pipeline has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from tools.live.law import Balance
from tools.live.local.breaking import Breaking
from tools.live.local.costs import Compared, Units
from tools.live.local.faults import Fault
from tools.live.local.loads import Shape
from tools.live.local.messages import Held
from tools.live.local.place import Place

Json = dict[str, Any]
Line = Mapping[str, Any]

DONE, NOW, NOT_YET, FAILED = "done", "now", "not-yet", "failed"  # a step of what is followed


class Watched(ABC):
    """One pipeline. A law's look is `before`, the queues at one instant, then `balance`.

    `first` and `last` are functions whose logs the law reads: who accepts, and who settles.
    `grace_seconds`: how long an item may be found nowhere. `called`: functions that the API calls;
    `compared`: what a plainer design costs.
    """

    first: Sequence[str] = ()
    last: Sequence[str] = ()
    grace_seconds = 5.0
    called: Sequence[str] = ()
    compared: Compared | None = None

    def __init__(self, place: Place) -> None:
        self.place = place

    def hear(self, function: str, line: Line, at_ms: int) -> None:  # noqa: B027 (most need not)
        """A line of a function's log."""

    def before(self) -> None:  # noqa: B027 (most need not)
        """Read what is accepted: the queues are looked at next."""

    @abstractmethod
    def balance(self, held: Mapping[str, Held]) -> Balance | None:
        """Where all that was accepted is; `held` by queue, "ingest", "ingest-dead"."""

    @abstractmethod
    def look(self) -> Json:
        """The figures of nodes that are neither queue nor function, by id."""

    def extra(self) -> list[Json]:
        """Figures of the pipeline's own, each with name, value and unit."""
        return []

    def done(self) -> int:
        """How many items are settled: what the cost of a million is reckoned by."""
        return 0

    def units(self) -> Units:
        """What AWS would bill beside functions and queues, in the units of the price list."""
        return {}

    def shapes(self) -> Sequence[Shape]:
        """The loads that the page may send."""
        return ()

    def faults(self, breaking: Breaking) -> Sequence[Fault]:
        """What the page may break."""
        del breaking
        return ()

    def follow(self, what: str) -> list[Json] | None:
        """The steps of an item, by its id; None where nothing is known of it."""
        del what
        return None

    def close(self) -> None:  # noqa: B027 (most need not)
        """Look no more."""


def step(name: str, state: str, evidence: str, at_ms: float | None = None) -> Json:
    """A step of what is followed; `at_ms` since 1970 where a store says when."""
    return {"name": name, "state": state, "at": None if at_ms is None else round(at_ms), "evidence": evidence}
