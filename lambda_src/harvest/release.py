"""Letting parcels out: each group of all runs gets as many calls as any other, while there are
slots.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

from harvest import run_rows
from harvest.frontier import Frontier
from harvest.messages import ParcelMessage
from harvest.slots import Slots

Place = tuple[str, str]  # a run and a group of it


@dataclass(frozen=True, slots=True)
class Between:
    """The times that slots of one look may be at: the first from `start`, before `horizon`."""

    now: float
    start: float
    horizon: float


class Release:
    """Whose turn it is among the groups: whoever will have had the fewest calls with its parcel.

    A group that comes, or comes back, has had what those had who are served then: so a small one
    waits for nobody's round, however many groups there are, and saves nothing up.
    `most_out`: parcels that may be out at a time; None: as many as there are slots for.
    """

    def __init__(self, slots: Slots, most_out: int | None) -> None:
        self._slots, self._most_out = slots, most_out
        self._order: list[tuple[int, int, Place]] = []  # calls then had, when it came, who
        self._had: dict[Place, int] = {}
        self._known: set[Place] = set()
        self._served = self._came = 0  # calls that the last who was served had had; who came

    def let_out(
        self, frontiers: Iterable[Frontier], between: Between, stops: int
    ) -> list[ParcelMessage]:
        """The messages of the parcels that are let out now."""
        all_ = list(frontiers)
        of = {one.run.run_id: one for one in all_ if one.run.state == run_rows.RUNNING}
        self._join(of, between.now)
        sent: list[ParcelMessage] = []
        vain: list[Place] = []  # who had nothing to let out, or no slot
        while self._order and not self._is_full(all_, between):
            _, _, place = heappop(self._order)
            message = self._one(of.get(place[0]), place[1], between, stops)
            if message is None:
                vain.append(place)
                continue
            sent.append(message)
            self._served = max(self._served, self._had[place])
            self._had[place] += len(message.slots)
            self._stand(place, of, between.now)
        for place in vain:
            self._stand(place, of, between.now)
        return sent

    def _join(self, of: dict[str, Frontier], now: float) -> None:
        """Let groups that have come stand in the order."""
        for run_id, frontier in of.items():
            for group in frontier.waiting:
                if (run_id, group) not in self._known:
                    self._known.add((run_id, group))
                    self._stand((run_id, group), of, now)

    def _stand(self, place: Place, of: dict[str, Frontier], now: float) -> None:
        """Let a group stand in the order, if it has anything to let out."""
        waiting = of[place[0]].waiting.get(place[1]) if place[0] in of else None
        if waiting is None:
            self._known.discard(place)
            return
        had = self._had[place] = max(self._served, self._had.get(place, 0))
        size = next((len(parcel.tasks) for parcel in waiting.offers(now)), 0)
        self._came += 1
        heappush(self._order, (had + size, self._came, place))

    def _is_full(self, all_: Iterable[Frontier], between: Between) -> bool:
        if self._most_out is not None and sum(len(one.out) for one in all_) >= self._most_out:
            return True
        return self._slots.is_full(between.start, between.horizon)

    def _one(
        self, frontier: Frontier | None, group: str, between: Between, stops: int
    ) -> ParcelMessage | None:
        """The message of a group's next parcel, if it has one and there are slots for it."""
        waiting = frontier.waiting.get(group) if frontier else None
        if frontier is None or waiting is None:
            return None
        run = frontier.run
        for parcel in waiting.offers(between.now):
            slots = self._slots.give(
                run.run_id,
                parcel.level,
                len(parcel.tasks),
                start=between.start,
                horizon=between.horizon,
                rate=run.rate,
            )
            if slots is not None:
                frontier.let_out(parcel, slots)
                return ParcelMessage(run.run_id, parcel.id, tuple(slots), stops)
        return None
