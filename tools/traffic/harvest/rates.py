"""How much was made of what is permitted, from the times at which calls came to the vendor."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

EDGE_CALLS = 100  # before there is work to let out everywhere, and when there is hardly any left
BACK_SECONDS, BACK_SHARE = 1.0, 0.5  # a harvest is back when it makes half of its rate for so long


class Stretch(NamedTuple):
    """From when to when, in seconds since the epoch."""

    begin: float
    end: float


@dataclass
class Permitted:
    """Calls a second that were permitted, from a time on each."""

    steps: list[tuple[float, float]] = field(default_factory=list)

    def set(self, at: float, rate: float) -> None:
        """From then on it is that rate; times only grow."""
        self.steps.append((at, rate))

    def at(self, time: float) -> float:
        """The rate then; 0 before the first."""
        before = bisect_right(self.steps, time, key=lambda step: step[0])
        return self.steps[before - 1][1] if before else 0.0

    def calls(self, stretch: Stretch) -> float:
        """How many calls are permitted in a stretch of time."""
        ends = [at for at, _ in self.steps[1:]] + [float("inf")]
        total = 0.0
        for (begin, rate), end in zip(self.steps, ends, strict=True):
            total += rate * max(0.0, min(end, stretch.end) - max(begin, stretch.begin))
        return total


class Made(NamedTuple):
    """Calls made of those permitted in `seconds`."""

    calls: int
    permitted: float
    seconds: float

    @property
    def share(self) -> float:
        """Made of permitted."""
        return self.calls / self.permitted if self.permitted else 0.0


def made(arrivals: Sequence[float], permitted: Permitted, stretch: Stretch, gaps: Sequence[Stretch] = ()) -> Made:
    """What was made of what was permitted in a stretch, without the gaps in it and their calls."""
    inside = [gap for gap in gaps if gap.begin >= stretch.begin and gap.end <= stretch.end]
    calls = _within(arrivals, stretch) - sum(_within(arrivals, gap) for gap in inside)
    allowed = permitted.calls(stretch) - sum(map(permitted.calls, inside))
    return Made(calls, allowed, stretch.end - stretch.begin - sum(gap.end - gap.begin for gap in inside))


def whole(arrivals: Sequence[float]) -> Stretch:
    """From the first call to the last."""
    return Stretch(arrivals[0], arrivals[-1])


def fed(arrivals: Sequence[float]) -> Stretch:
    """Between the first and the last hundred calls: there is work to let out."""
    return Stretch(arrivals[EDGE_CALLS], arrivals[-EDGE_CALLS - 1])


def gap_after(arrivals: Sequence[float], permitted: Permitted, killed_at: float) -> Stretch:
    """From a kill of everything until calls are made again at half of the rate."""
    for at in arrivals[bisect_left(arrivals, killed_at) :]:
        later = Stretch(at, at + BACK_SECONDS)
        if _within(arrivals, later) >= BACK_SHARE * permitted.calls(later):
            return Stretch(killed_at, at)
    return Stretch(killed_at, arrivals[-1])


def _within(arrivals: Sequence[float], stretch: Stretch) -> int:
    return bisect_left(arrivals, stretch.end) - bisect_left(arrivals, stretch.begin)
