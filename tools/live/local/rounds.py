"""Work that is done again and again beside the sampling, while somebody asks for its results.

What keeps it from being done is told where they are asked for: what else is seen goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

ASKED_WITHIN_SECONDS = 5.0  # nobody who asked earlier counts
ENDS_SECONDS = 5.0
MOST_TOLD = 300  # characters
RESTING = 4  # times as long between two while nothing happens: each is calls of the services
SHARE = 0.1  # of the time, at most: what takes long is done less often


class Rounds:
    """Does `work` every so many seconds, in a thread of its own, for a `share` of the time."""

    def __init__(self, work: Callable[[], None], every_seconds: float, share: float = SHARE) -> None:
        self._work, self._every, self._share = work, every_seconds, share
        self._asked_at = time.monotonic()
        self._trouble = ""
        self._wake, self._ended, self._resting = threading.Event(), False, False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def ask(self) -> str:
        """Its results are about to be used: what the last round failed of, in words, or ""."""
        self._asked_at = time.monotonic()
        return self._trouble

    def again(self) -> None:
        """Do it now: something has changed."""
        self._wake.set()

    def rest(self, resting: bool) -> None:
        """While nothing happens do it seldom, and at once when that is over."""
        if self._resting and not resting:
            self._wake.set()
        self._resting = resting

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
                    self._trouble = ""
                except Exception as error:  # told to whoever asks
                    self._trouble = f"{type(error).__name__}: {error}"[:MOST_TOLD]
            took = time.monotonic() - began
            every = self._every * RESTING if self._resting else self._every
            self._wake.wait(max(every, took / self._share - took))
            self._wake.clear()
