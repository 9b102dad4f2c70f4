"""The votes pipeline, looked at: its law, its stores, the way of one ballot."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence

from shared import clock
from tools.live.law import Balance
from tools.live.local import stores
from tools.live.local.breaking import Breaking
from tools.live.local.costs import Units
from tools.live.local.faults import Fault
from tools.live.local.loads import Shape
from tools.live.local.messages import Held
from tools.live.local.place import Place
from tools.live.local.watched import Json, Line, Watched
from tools.live.votes import cost, faults, follow, loads
from tools.live.votes.ballots import Ballots
from tools.operations.votes.progress import Progress, progress

STORES = ("journal", "votes", "tallies")
TALLY = "tally"


class WatchedVotes(Watched):
    """One votes pipeline."""

    first: Sequence[str] = ("receive",)
    last: Sequence[str] = ("process", "write")
    called: Sequence[str] = ("receive", "results", "vote")
    compared = cost.plain()

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.ballots = Ballots(place)
        self._progress: Progress | None = None
        self._told: list[str] = []
        self._telling = threading.Lock()

    def accepted(self, ballot_ids: Iterable[str]) -> None:
        """A client of ours was told that these are accepted; from any thread."""
        with self._telling:
            self._told += ballot_ids

    def hear(self, function: str, line: Line, at_ms: int) -> None:
        """A line of a log."""
        del at_ms
        if function == TALLY:
            self.ballots.tables.folded(line)
        self.ballots.hear(line)

    def before(self) -> None:
        """Take in what clients were told."""
        with self._telling:
            told, self._told = self._told, []
        self.ballots.accepted(told)

    def balance(self, held: Mapping[str, Held]) -> Balance:
        """Where every ballot is."""
        self.ballots.read_journal()
        self.ballots.tables.has_begun = True  # what was there before the page costs it nothing
        return self.ballots.balance(held)

    def look(self) -> Json:
        """How much the stores hold."""
        self._progress = progress(self.place.deployment, self.place.client("dynamodb"))
        return stores.tables(self.place, *STORES)

    def done(self) -> int:
        """Ballots that are settled."""
        return self.ballots.settled

    def units(self) -> Units:
        """Of the tables."""
        return self.ballots.tables.units()

    def shapes(self) -> Sequence[Shape]:
        """Ballots in several ways."""
        return loads.shapes(self.place, self.accepted)

    def faults(self, breaking: Breaking) -> Sequence[Fault]:
        """What can be broken of it."""
        return faults.faults(breaking)

    def follow(self, what: str) -> list[Json] | None:
        """The way of a ballot, by its id, or of the latest of "voter/title"."""
        return follow.steps(self.place, self.ballots, what)

    def extra(self) -> list[Json]:
        """How far the results are behind."""
        done = self._progress
        if done is None:
            return []
        age = round(clock.now_us() / 1e6 - done.as_of / 1e6, 1) if done.as_of else None
        return [
            {"name": "entries not folded", "value": done.behind, "unit": ""},
            {"name": "results as of", "value": age if done.behind else 0, "unit": "s ago"},
        ]
