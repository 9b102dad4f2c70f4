"""What a run leaves behind: how long ballots took, what they waited for, samples over time."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

BIN = 0.1  # seconds


class Latencies:
    """How long ballots took, as a histogram."""

    def __init__(self) -> None:
        self._bins: Counter[int] = Counter()
        self.number = 0
        self.longest = 0.0
        self._sum = 0.0

    def add(self, first: float, last: float, number: int, done: float) -> None:
        """Ballots accepted evenly between two times, done at a third."""
        for share, at in ((number // 3, first), (number - 2 * (number // 3), (first + last) / 2), (number // 3, last)):
            self._bins[int((done - at) / BIN)] += share
        self.number += number
        self.longest = max(self.longest, done - first)
        self._sum += number * (done - (first + last) / 2)

    @property
    def mean(self) -> float:
        """Seconds."""
        return self._sum / self.number if self.number else 0.0

    def quantile(self, share: float) -> float:
        """Seconds within which this share of them was done."""
        left = share * self.number
        for index in sorted(self._bins):
            left -= self._bins[index]
            if left <= 0:
                return min(self.longest, (index + 1) * BIN)
        return self.longest

    def summary(self) -> dict[str, float]:
        """p50, p99 and the longest, in seconds."""
        return {
            "p50": round(self.quantile(0.5), 1),
            "p99": round(self.quantile(0.99), 1),
            "max": round(self.longest, 1),
        }


@dataclass
class Results:
    """What became of the ballots.

    `refused`: ballots that were not accepted, by what refused them; `waited`: ballot-seconds, by
    the setting that held them up.
    """

    offered: int = 0
    accepted: int = 0
    counted: int = 0
    shown: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    waited: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    until_counted: Latencies = field(default_factory=Latencies)
    until_shown: Latencies = field(default_factory=Latencies)
    # billed, named as in tools/bench/prices.json
    units: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    samples: list[dict[str, float]] = field(default_factory=list)
    in_system_seconds: float = 0.0  # ballots accepted and not yet counted, times seconds
