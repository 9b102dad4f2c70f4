"""Somebody else who needs the database: the client's own application, once in half a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self

from receipts.delivery.port import Away, Database, Denied

EVERY_SECONDS = 0.5
ROLE = "bookkeeping"


class Bystander:
    """Connects, asks and leaves, within a `with`; milliseconds of each that was answered."""

    def __init__(self, connect: Callable[[], Database]) -> None:
        self.took: list[float] = []
        self.refused = 0
        self._connect = connect
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def asked(self) -> int:
        """How often it came."""
        return len(self.took) + self.refused

    def _work(self) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            try:
                connection = self._connect()
                connection.ping()
                connection.close()
                self.took.append((time.monotonic() - began) * 1000)
            except (Away, Denied):
                self.refused += 1
            self._ended.wait(EVERY_SECONDS)
