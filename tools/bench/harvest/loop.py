"""An event loop of asyncio in virtual time: what waits is woken at its time, a little late."""

from __future__ import annotations

import asyncio
import random
import selectors
from typing import Any

from tools.bench.harvest.trial import LATE, NOW


class _Waits(selectors.SelectSelector):
    """Waits for no file: time just passes."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.now, self._rng = 0.0, rng

    def select(self, timeout: float | None = None) -> list[Any]:
        """Let the time pass that the loop would wait."""
        if timeout is None:
            raise RuntimeError("everybody waits for somebody else")
        if timeout > 0:
            self.now += timeout + self._rng.expovariate(1 / LATE)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose hours cost nothing."""

    def __init__(self, rng: random.Random) -> None:
        self._waits = _Waits(rng)
        super().__init__(self._waits)

    def time(self) -> float:
        """Seconds since the loop began."""
        return self._waits.now

    @property
    def wall(self) -> float:
        """Seconds since the epoch."""
        return NOW + self._waits.now
