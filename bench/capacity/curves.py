"""Load curves: ballots a second over time, as [(seconds, ballots a second), …], straight between the points."""

from __future__ import annotations

import csv
import math
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

from devcloud.runs import LocalCloudError

Point = tuple[float, float]
STEP, STEP_LASTS = 20_000.0, 600.0
PEAK = 5_000.0  # of the daily curve
DAY = 86_400.0


class Curve:
    """A load, from its first point to its last; nothing before and after."""

    def __init__(self, name: str, points: list[Point]) -> None:
        self.name, self.points = name, points
        self._times = [at for at, _ in points]

    @property
    def lasts(self) -> float:
        """Seconds to its last point."""
        return self._times[-1]

    @property
    def peak(self) -> float:
        """The most ballots a second."""
        return max(rate for _, rate in self.points)

    def rate(self, at: float) -> float:
        """Ballots a second at a time."""
        place = bisect_right(self._times, at)
        if place == 0 or place == len(self.points):
            return 0.0
        (since, low), (until, high) = self.points[place - 1], self.points[place]
        return low + (high - low) * (at - since) / (until - since)

    def arrivals(self, step: float) -> Iterator[tuple[float, int]]:
        """(time, ballots that come in the step that begins then); whole ballots, no part of one is lost."""
        due = 0.0
        for number in range(math.ceil(self.lasts / step - 1e-9)):
            at = number * step
            due += self.rate(at + step / 2) * step
            whole = int(due + 1e-9)
            due -= whole
            yield at, whole


def named(load: str) -> Curve:
    """The curve of LOAD: `step` or `step:20000`, `daily` or `daily:5000` (ballots a second at the peak), or a CSV's path.

    Raises LocalCloudError with what to write instead.
    """
    name, _, number = load.partition(":")
    if name in ("step", "daily"):
        try:
            peak = float(number) if number else {"step": STEP, "daily": PEAK}[name]
            if not 0 < peak < 1e7:
                raise ValueError
        except ValueError:
            raise LocalCloudError(f"LOAD={load}: after the colon comes the peak in ballots a second, as in {name}:20000") from None
        return Curve(f"{name} of {peak:,.0f} ballots a second", step(peak) if name == "step" else daily(peak))
    path = Path(load)
    if not path.is_file():
        raise LocalCloudError(
            f"LOAD={load} is no curve: write step, step:20000, daily, daily:5000, or the path of a CSV of seconds,ballots_per_second"
        )
    return Curve(path.name, _read(path))


def step(peak: float, lasts: float = STEP_LASTS) -> list[Point]:
    """From nothing to `peak` at once, for `lasts` seconds."""
    return [(0.0, peak), (lasts, peak)]


def daily(peak: float) -> list[Point]:
    """A day from 04:00, when least is cast (a twentieth of the peak), with a steep evening and its peak at 20:00."""
    from_four = (5, 6, 10, 18, 25, 28, 30, 33, 38, 36, 34, 35, 40, 50, 70, 92, 100, 95, 80, 60, 45, 25, 12, 7, 5)  # % an hour
    return [(hour * DAY / 24, peak * share / 100) for hour, share in enumerate(from_four)]


def _read(path: Path) -> list[Point]:
    """The points of a CSV of seconds,ballots_per_second, with or without a first line of names."""
    points: list[Point] = []
    with path.open(newline="") as file:
        for number, row in enumerate(csv.reader(file), 1):
            if not row:
                continue
            try:
                at, rate = (float(cell) for cell in row)
            except ValueError:
                if number == 1 and not points:
                    continue  # names
                raise LocalCloudError(f"{path}, line {number}: {','.join(row)!r} is not seconds,ballots_per_second") from None
            if not (math.isfinite(at) and math.isfinite(rate)) or rate < 0 or at < 0 or (points and at <= points[-1][0]):
                raise LocalCloudError(f"{path}, line {number}: seconds must grow from 0 on, and ballots a second be 0 or more")
            points.append((at, rate))
    if len(points) < 2:
        raise LocalCloudError(f"{path} has {len(points)} points: a curve has two or more")
    return points
