"""Load curves: [(seconds, ballots a second), …], straight between the points."""

from __future__ import annotations

import csv
import math
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tools.bench.dollars import MONTH_HOURS
from tools.common.errors import CommandError
from tools.common.text import visible

Point = tuple[float, float]
STEP, STEP_LASTS = 20_000.0, 600.0
PEAK = 5_000.0  # of the daily curve
HOUR, DAY = 3_600.0, 86_400.0
MONTH = MONTH_HOURS * HOUR
# of a CSV: what it says sets how long the model works
MOST_POINTS, MOST_BYTES, MOST_NAME = 10_000, 1_000_000, 100
MOST_SECONDS, MOST_RATE = 7 * DAY, 1e7


class Curve:
    """A load, from its first point to its last; nothing before and after.

    It comes `times_a_month`, which decides in which tier of a price its units are.
    """

    def __init__(self, name: str, points: list[Point], times_a_month: float = 1.0) -> None:
        self.name, self.points, self.times_a_month = name, points, times_a_month
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
        index = bisect_right(self._times, at)
        if index == 0 or index == len(self.points):
            return 0.0
        (since, low), (until, high) = self.points[index - 1], self.points[index]
        return low + (high - low) * (at - since) / (until - since)

    def hours(self) -> list[float]:
        """Ballots of each hour, the last one perhaps a part of one."""
        marks = [*(hour * HOUR for hour in range(math.ceil(self.lasts / HOUR))), self.lasts]
        return [self._between(since, until) for since, until in pairwise(marks)]

    def _between(self, since: float, until: float) -> float:
        inside = [at for at in self._times if since < at < until]
        marks = [since, *inside, until]
        return sum((self.rate(a) + self.rate(min(b, self.lasts - 1e-9))) / 2 * (b - a) for a, b in pairwise(marks))

    def steepest(self) -> Curve:
        """The hour before its peak and half an hour after; all of it where it is shorter."""
        if self.lasts <= 2 * HOUR:
            return self
        top = max(self.points, key=lambda point: point[1])[0]
        since, until = max(0.0, top - HOUR), min(self.lasts, top + HOUR / 2)
        inside = [(at - since, rate) for at, rate in self.points if since < at < until]
        ends = self.rate(min(until, self.lasts - 1e-9))
        return Curve(self.name, [(0.0, self.rate(since)), *inside, (until - since, ends)])

    def arrivals(self, step: float) -> Iterator[tuple[float, int]]:
        """(time, ballots that come in the step that begins then); whole ballots, no part of one is
        lost.
        """
        due = 0.0
        for number in range(math.ceil(self.lasts / step - 1e-9)):
            at = number * step
            due += self.rate(at + step / 2) * step
            whole = int(due + 1e-9)
            due -= whole
            yield at, whole


def named(load: str) -> Curve:
    """The curve of LOAD: `step` or `step:20000` (once a month), `daily` or `daily:5000` (ballots a
    second at the peak), `steady:100` (all month, of which ten minutes are played), or a CSV's path.

    Raises CommandError with what to write instead.
    """
    name, _, number = load.partition(":")
    if name in ("step", "daily", "steady"):
        try:
            peak = float(number) if number else {"step": STEP, "daily": PEAK}[name]
            if not 0 < peak < MOST_RATE:
                raise ValueError
        except (ValueError, KeyError):
            raise CommandError(
                f"LOAD={load}: after the colon comes the peak in ballots a second, as in {name}:20000"
            ) from None
        said = f"{name} of {peak:,.0f} ballots a second"
        if name == "daily":
            return Curve(said, daily(peak), MONTH / DAY)
        return Curve(said, step(peak), MONTH / STEP_LASTS if name == "steady" else 1.0)
    path = Path(load)
    if not path.is_file():
        raise CommandError(
            f"LOAD={load} is no curve: write step, step:20000, daily, daily:5000, "
            "steady:100, or the path of a CSV of seconds,ballots_per_second"
        )
    points = _read(path)
    curve = Curve(path.name, points)
    said = f"{len(points)} points, peak {curve.peak:,.0f} ballots a second, {curve.lasts:,.0f} s"
    return Curve(f"{visible(path.name, MOST_NAME)} ({said})", points)


def step(peak: float, lasts: float = STEP_LASTS) -> list[Point]:
    """From nothing to `peak` at once, for `lasts` seconds."""
    return [(0.0, peak), (lasts, peak)]


def daily(peak: float) -> list[Point]:
    """A day from 04:00, when least is cast (a twentieth of the peak), with a steep evening and its
    peak at 20:00.
    """
    # % of the peak, an hour each
    from_four = [5, 6, 10, 18, 25, 28, 30, 33, 38, 36, 34, 35, 40, 50, 70, 92, 100, 95, 80, 60, 45, 25, 12, 7, 5]
    return [(hour * DAY / 24, peak * share / 100) for hour, share in enumerate(from_four)]


def _read(path: Path) -> list[Point]:
    """The points of a CSV of seconds,ballots_per_second, with or without a first line of names."""
    points: list[Point] = []
    for number, row in enumerate(_rows(path), 1):
        if not row or (number == 1 and _are_names(row)):
            continue
        try:
            at, rate = (float(cell) for cell in row)
        except ValueError:
            raise CommandError(
                f"{path}, line {number}: {visible(','.join(row), MOST_NAME)!r} is not seconds,ballots_per_second"
            ) from None
        grows = at > points[-1][0] if points else at >= 0
        if not (grows and 0 <= rate < MOST_RATE and at <= MOST_SECONDS):
            raise CommandError(
                f"{path}, line {number}: seconds must grow from 0 on, to {MOST_SECONDS:,.0f} at most, "
                f"and ballots a second be 0 or more, and fewer than {MOST_RATE:,.0f}"
            )
        points.append((at, rate))
        if len(points) > MOST_POINTS:
            raise CommandError(
                f"{path} has more than {MOST_POINTS:,} points: leave some out, it is straight between them"
            )
    if len(points) < 2:
        raise CommandError(f"{path} has {len(points)} points: a curve has two or more")
    return points


def _rows(path: Path) -> Iterator[list[str]]:
    """The rows of a CSV in UTF-8, with a byte order mark before it or without."""
    if path.stat().st_size > MOST_BYTES:
        raise CommandError(f"{path} is larger than {MOST_BYTES:,} bytes, which no curve of {MOST_POINTS:,} points is")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.reader(file)
    except (UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} cannot be read as CSV in UTF-8 ({error}): save it as that") from None


def _are_names(row: list[str]) -> bool:
    """Whether a first row names the columns: two words, without a digit that may be a number's."""
    letters = all(any(map(str.isalpha, cell)) for cell in row)
    return len(row) == 2 and letters and not any(map(str.isdigit, "".join(row)))
