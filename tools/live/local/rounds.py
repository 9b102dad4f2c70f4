"""Work that is done again and again beside the sampling, while somebody asks for its results.

What keeps it from being done is raised where they are asked for, so a page says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

ASKED_WITHIN_SECONDS = 5.0  # nobody who asked earlier counts
ENDS_SECONDS = 5.0
SHARE = 0.1  # of the time, at most: what takes long is done less often


class Rounds:
    """Does `work` every so many seconds, in a thread of its own, for a `share` of the time."""

    def __init__(self, work: Callable[[], None], every_seconds: float, share: float = SHARE) -> None:
        self._work, self._every, self._share = work, every_seconds, share
        self._asked_at = time.monotonic()
        self._error: Exception | None = None
        self._wake, self._ended = threading.Event(), False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Its results are about to be used. Raises what the last round failed of."""
        self._asked_at = time.monotonic()
        if self._error is not None:
            raise self._error

    def again(self) -> None:
        """Do it now: something has changed."""
        self._wake.set()

    def close(self) -> None:
        """Do it no more."""
        self._ended = True
        self._wake.set()
        self._thread.join(ENDS_SECONDS)

    def _run(self) -> None:
        while not self._ended:
            began = time.monotonic()
            if began - self._asked_at < ASKED_WITHIN_SECONDS:
                try:
                    self._work()
                    self._error = None
                except Exception as error:  # raised where somebody asks
                    self._error = error
            took = time.monotonic() - began
            self._wake.wait(max(self._every, took / self._share - took))
            self._wake.clear()
