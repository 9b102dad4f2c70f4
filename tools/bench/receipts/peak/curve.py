"""How the receipts of a January come: a little every day, and most of them in its last days."""

from __future__ import annotations

import math
from dataclasses import dataclass

DAYS, PEAK_DAY, WIDTH, HEIGHT = 31, 28, 2.2, 12.0  # the peak day has 13 times a quiet one


def weights() -> list[float]:
    """What each day has, relative to a quiet one."""
    return [1 + HEIGHT * math.exp(-(((day - PEAK_DAY) / WIDTH) ** 2)) for day in range(1, DAYS + 1)]


@dataclass(frozen=True)
class Curve:
    """A January of so many rows within so many seconds."""

    rows: int
    seconds: float

    def due(self, at: float) -> int:
        """How many have come so many seconds after its begin; all of them at its end."""
        if at >= self.seconds:
            return self.rows
        days, every = max(0.0, at) / self.seconds * DAYS, weights()
        whole = int(days)
        come = sum(every[:whole]) + (days - whole) * every[whole]
        return int(self.rows * come / sum(every))

    @property
    def peak(self) -> float:
        """Rows a second on the peak day."""
        every = weights()
        return self.rows * max(every) / sum(every) / (self.seconds / DAYS)
