"""What is done to the database while the demo delivers into it: it is stopped, and slow later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tools.local_cloud.premises.stand_in import StandIn

STOP_AT, SLOW_AT = 0.3, 0.6  # shares of the files that are read
STOPPED_SECONDS, SLOW_SECONDS, SLOW_MS = 20.0, 15.0, 400.0  # over the budget of a transaction
STOPPED, STARTED, SLOW, QUICK = "stopped", "started", "slow", "as before"


@dataclass
class Outage:
    """The acts in their order; `marks`: when each was done, by the seconds of `clock`."""

    premises: StandIn
    clock: Callable[[], float]
    marks: dict[str, float] = field(default_factory=dict)

    def look(self, share: float) -> None:
        """Do what is due when that share of the files is read."""
        if STOPPED not in self.marks:
            if share >= STOP_AT:
                self._do(STOPPED, self.premises.stop_database)
        elif STARTED not in self.marks:
            if self.clock() >= self.marks[STOPPED] + STOPPED_SECONDS:
                self._do(STARTED, self.premises.start_database)
        elif SLOW not in self.marks:
            if share >= SLOW_AT and self._delivers_again():
                self._do(SLOW, lambda: self.premises.change(slow_ms=SLOW_MS))
        elif QUICK not in self.marks and self.clock() >= self.marks[SLOW] + SLOW_SECONDS:
            self._do(QUICK, lambda: self.premises.change(slow_ms=0))

    @property
    def is_over(self) -> bool:
        """Whether all is done, and the database as it was."""
        return QUICK in self.marks

    @property
    def state(self) -> str:
        """How the database is, in a word."""
        return max(self.marks, key=lambda what: self.marks[what]) if self.marks else "up"

    def _delivers_again(self) -> bool:
        """A lane connects once a minute while its database is away."""
        return bool(self.premises.health()["open"])

    def _do(self, what: str, act: Callable[[], object]) -> None:
        act()
        self.marks[what] = self.clock()
