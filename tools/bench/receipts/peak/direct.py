"""The plain design: as many functions as there is work, each with a connection of its own.

Here they are threads; each keeps its connection while it is warm, as a function does that connects
outside of its handler. What a function takes and does not put comes back a little later, and is a
dead letter after so many receives.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing

from receipts.delivery import facts
from receipts.delivery.messages import Delivery
from receipts.delivery.port import Away, Database, Row
from tools.bench.receipts.peak.curve import Curve
from tools.bench.receipts.peak.load import BATCH, CUSTOMER, document, file_id

FUNCTIONS, BATCH_SIZE = 40, 10
MOST_RECEIVES, BACK_SECONDS, IDLE_SECONDS = 5, 2.0, 0.05


def first_row() -> Row:
    """The row of file 0, of which all others differ in the key alone."""
    asked = Delivery(batch_id=BATCH, customer_id=CUSTOMER, file_id=file_id(0))
    (found,) = facts.rows_of(document(), asked)
    return found


class Queue:
    """Numbers of rows, as they come by a curve; each in a batch that was received so often."""

    def __init__(self, curve: Curve) -> None:
        self._curve, self._began, self._taken = curve, time.monotonic(), 0
        self._back: list[tuple[float, int, Sequence[int]]] = []
        self._lock = threading.Lock()
        self.done, self.dead = 0, 0

    def take(self) -> tuple[Sequence[int], int]:
        """A batch, and how often it was received; empty where none is due."""
        now = time.monotonic()
        with self._lock:
            if self._back and self._back[0][0] <= now:
                _, receives, numbers = heapq.heappop(self._back)
                return numbers, receives + 1
            due = min(self._curve.due(now - self._began), self._taken + BATCH_SIZE)
            numbers = range(self._taken, due)
            self._taken = due
            return numbers, 1

    def put(self, numbers: Sequence[int]) -> None:
        """These are done."""
        with self._lock:
            self.done += len(numbers)

    def fail(self, numbers: Sequence[int], receives: int) -> None:
        """These come back, or are dead letters."""
        with self._lock:
            if receives >= MOST_RECEIVES:
                self.dead += len(numbers)
            else:
                heapq.heappush(self._back, (time.monotonic() + BACK_SECONDS, receives, numbers))

    @property
    def waiting(self) -> int:
        """How many have come and are neither done nor dead."""
        return self._curve.due(time.monotonic() - self._began) - self.done - self.dead

    @property
    def is_over(self) -> bool:
        """Whether all are done or dead."""
        return self.done + self.dead >= self._curve.rows


class Functions:
    """So many at once, within a `with`; `failures` by the reason of the error."""

    def __init__(self, queue: Queue, connect: Callable[[], Database]) -> None:
        self.failures: Counter[str] = Counter()
        self._queue, self._connect = queue, connect
        self._row = first_row()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(FUNCTIONS)]

    def __enter__(self) -> Functions:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        connection: Database | None = None
        while not self._ended.is_set():
            numbers, receives = self._queue.take()
            if not numbers:
                self._ended.wait(IDLE_SECONDS)
                continue
            try:
                connection = connection or self._connect()
                connection.deliver([self._row_of(number) for number in numbers])
                self._queue.put(numbers)
            except Away as away:
                connection = None
                self.failures[away.reason] += 1
                self._queue.fail(numbers, receives)
        if connection:
            with closing(connection):
                pass

    def _row_of(self, number: int) -> Row:
        return self._row._replace(key=self._row.key._replace(file_id=file_id(number)))
