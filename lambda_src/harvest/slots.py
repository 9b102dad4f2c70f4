"""Slots: moments at which one call may be sent, so that every limit holds at once.

A slot is given once. Times are milliseconds since the epoch, with fractions.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence

from harvest.accounts import Used
from harvest.limits import Declaration, Limit, step_ms
from harvest.settings import Pacing

EPSILON = 1e-3  # a slot of a message is as exact
WINDOWS_KEPT = 2  # of a budget: the one that ends, and the one that begins


class Timeline:
    """The slots taken of one limit, at least `step` apart."""

    def __init__(self, step: float) -> None:
        self.step = step
        self._taken: list[float] = []

    def free(self, at: float) -> float:
        """The first free slot at this time or later."""
        index = bisect_left(self._taken, at)
        if index and at - self._taken[index - 1] < self.step - EPSILON:
            at = self._taken[index - 1] + self.step
        while index < len(self._taken) and self._taken[index] - at < self.step - EPSILON:
            at = max(at, self._taken[index] + self.step)
            index += 1
        return at

    def take(self, slot: float) -> None:
        """Let nobody else have it."""
        insort(self._taken, slot)

    def forget(self, before: float) -> None:
        """Drop what no later slot can come too close to."""
        del self._taken[: bisect_left(self._taken, before - self.step)]


class Slots:
    """The slots of an account in one turn. `used` is counted on, so that it can be written."""

    def __init__(self, declared: Declaration, pacing: Pacing, used: Used) -> None:
        self._declared, self._spread_ms, self.used = declared, pacing.spread_ms, used
        self._gap_ms = float(declared.latency_ms) if declared.concurrency else 0.0
        self._lines: dict[tuple[str, str, str], Timeline] = {}
        self.rate: float | None = None  # the adaptive one, calls a second
        self.granted = 0.0  # no slot was given at this time or later

    def give(
        self,
        run: str,
        level: str,
        tasks: int,
        *,
        start: float,
        horizon: float,
        rate: float | None = None,
    ) -> list[float] | None:
        """A slot for each task of a parcel, the first from `start` on and before `horizon`.

        Fewer where a budget has not so many calls left in that window, None when there is none.
        `rate` caps the run's own calls a second.
        """
        lines = self._lines_of(run, level, rate)
        budgets = [limit for limit in self._declared.budgets if limit.is_about(level)]
        slots = self._found(lines, tasks, start)
        for _ in budgets:
            slots = self._in_one_window(lines, budgets, level, slots)
        if slots[0] >= horizon or not self._are_in_one(budgets, slots):
            return None
        left = [limit.calls - self._used(limit, level, slots[0]) for limit in budgets]
        slots = slots[: max(0, min(left, default=tasks))]
        if not slots:
            return None
        for slot in slots:
            for line in lines:
                line.take(slot)
        for limit in budgets:
            windows = self.used.setdefault(_budget(limit, level), {})
            window = _window(limit, slots[0])
            windows[window] = windows.get(window, 0) + len(slots)
            for old in sorted(windows)[:-WINDOWS_KEPT]:
                del windows[old]
        step = max((line.step for line in lines), default=0.0)
        self.granted = max(self.granted, slots[-1] + step)
        return slots

    def is_full(self, start: float, horizon: float) -> bool:
        """Whether a limit of the whole account has no slot before `horizon`, whatever it is for."""
        return any(
            line.free(start) >= horizon for key, line in self._lines.items() if key[0] == "account"
        )

    def next_window(self, now: float) -> float:
        """When the next window of a budget that is used up begins; `now` where none is."""
        ends = [now]
        for limit in self._declared.budgets:
            window = _window(limit, now)
            for name, windows in self.used.items():
                if name.startswith(_budget(limit, "")) and windows.get(window, 0) >= limit.calls:
                    ends.append(_begin(limit, window + 1))
        return max(ends)

    def forget(self, before: float) -> None:
        """Drop what lies too long ago to matter."""
        for line in self._lines.values():
            line.forget(before)

    def _lines_of(self, run: str, level: str, rate: float | None) -> list[Timeline]:
        steps: dict[tuple[str, str, str], float] = {}
        for number, limit in enumerate(self._declared.paces):
            if limit.is_about(level):
                whole = limit.per == "account" and limit.levels is None
                of = level if limit.per == "endpoint" else ""
                key = ("account" if whole else "level", str(number), of)
                steps[key] = step_ms(limit, self._spread_ms)
        if self.rate:
            steps["account", "adaptive", ""] = 1000 / self.rate
        if rate:
            steps["run", run, ""] = 1000 / rate
        for key, step in steps.items():
            self._lines.setdefault(key, Timeline(step)).step = step
        return [self._lines[key] for key in steps]

    def _found(self, lines: Sequence[Timeline], tasks: int, start: float) -> list[float]:
        """Free slots for so many tasks, whatever the budgets."""
        slots: list[float] = []
        at = start
        step = max((line.step for line in lines), default=0.0)
        for _ in range(tasks):
            moved = True
            while moved:
                free = max((line.free(at) for line in lines), default=at)
                moved, at = free > at, free
            slots.append(at)
            at += max(step, self._gap_ms)
        return slots

    def _in_one_window(
        self, lines: Sequence[Timeline], budgets: Sequence[Limit], level: str, slots: list[float]
    ) -> list[float]:
        """The slots, later if need be: in a window that has calls left, and none near its end."""
        for limit in budgets:
            is_used = self._used(limit, level, slots[0]) >= limit.calls
            if is_used or not self._are_in_one([limit], slots):
                begin = _begin(limit, _window(limit, slots[0] - self._spread_ms) + 1)
                at = max(begin + 2 * self._spread_ms, slots[0])
                slots = self._found(lines, len(slots), at)
        return slots

    def _are_in_one(self, budgets: Sequence[Limit], slots: Sequence[float]) -> bool:
        """Whether each budget counts all these calls in one window, whenever they arrive."""
        first, last = slots[0] - self._spread_ms, slots[-1] + self._spread_ms
        return all(_window(limit, first) == _window(limit, last) for limit in budgets)

    def _used(self, limit: Limit, level: str, at: float) -> int:
        return self.used.get(_budget(limit, level), {}).get(_window(limit, at), 0)


def _budget(limit: Limit, level: str) -> str:
    """A budget's name in the account's row; of an account's budgets the same for all levels."""
    return f"{limit.seconds:g}:{level if limit.per == 'endpoint' else ''}"


def _window(limit: Limit, at: float) -> int:
    return int((at / 1000 - limit.offset_seconds) // limit.seconds)


def _begin(limit: Limit, window: int) -> float:
    return (window * limit.seconds + limit.offset_seconds) * 1000
