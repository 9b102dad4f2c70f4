"""What happens between the steps, at its exact time."""

from __future__ import annotations

import heapq
from collections.abc import Callable


class EventQueue:
    """Events in the order of their times."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0

    def at(self, time: float, do: Callable[[], None]) -> None:
        """Do it then."""
        self._number += 1
        heapq.heappush(self._due, (max(time, self.now), self._number, do))

    def run(self, until: float) -> None:
        """Do what is due up to a time."""
        while self._due and self._due[0][0] <= until:
            self.now, _, do = heapq.heappop(self._due)
            do()
        self.now = until
