"""A connection that is used at a lane's pace: each call is timed, and rests lie between them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from receipts.delivery.pace import Budget, Pace
from receipts.delivery.port import Database, Key, Row
from shared import clock

T = TypeVar("T")
LOOK_SECONDS = 0.5  # of a rest, between two looks at the time


class Paced:
    """A connection with the pace that it is used at now; `is_out_of_time` is the lane's."""

    def __init__(
        self, database: Database, pace: Pace, budget: Budget, is_out_of_time: Callable[[], bool]
    ) -> None:
        self.pace = pace
        self._database, self._budget, self._is_out_of_time = database, budget, is_out_of_time
        self._slowest_ms = 0.0
        self._free_at = clock.monotonic()

    def ping(self) -> None:
        """Ask whether it answers. Raises Away."""
        self._timed(self._database.ping)

    def deliver(self, rows: Sequence[Row]) -> Collection[Key]:
        """`Database.deliver`; the pace is another afterwards.

        No rest follows where nothing was new: a file of many receipts, begun again after each end
        of the time, would never get past those that stand.
        """
        found, took_ms = self._timed(lambda: self._database.deliver(rows)), self._last_ms
        self.pace = self.pace.after(took_ms, len(rows), self._budget)
        if found:
            self._free_at = clock.monotonic() + self.pace.rest_ms / 1000
        return found

    def count(self, customer_id: str, file_ids: Sequence[str]) -> Mapping[str, int]:
        """`Database.count`."""
        return self._timed(lambda: self._database.count(customer_id, file_ids))

    def is_over(self) -> bool:
        """Rest until the next transaction may begin: whether the time is over then, or before."""
        while not self._is_out_of_time():
            left = self._free_at - clock.monotonic()
            if left <= 0:
                return False
            clock.sleep(min(max(left, 0.001), LOOK_SECONDS))
        return True

    def slowest_ms(self) -> int:
        """How long the slowest call took since this was last asked."""
        slowest, self._slowest_ms = self._slowest_ms, 0.0
        return round(slowest)

    def _timed(self, call: Callable[[], T]) -> T:
        began = clock.monotonic()
        try:
            return call()
        finally:
            self._last_ms = (clock.monotonic() - began) * 1000
            self._slowest_ms = max(self._slowest_ms, self._last_ms)
