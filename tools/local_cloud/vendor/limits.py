"""The stand-in's limits, by its own clock."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Protocol

from tools.local_cloud.vendor.settings import Limit


class Window(Protocol):
    """Whether a call may pass; what it says when it may not."""

    def wait(self, now: float) -> float:
        """0 where a call may pass now, else the seconds until one may."""

    def take(self, now: float) -> None:
        """A call passes."""

    def left(self, now: float) -> int:
        """How many more may pass now."""


class Fixed:
    """So many calls between two fixed moments."""

    def __init__(self, limit: Limit) -> None:
        self._limit, self._window, self._used = limit, -math.inf, 0

    def _roll(self, now: float) -> float:
        """The end of the window that `now` is in."""
        number = math.floor((now - self._limit.phase) / self._limit.seconds)
        if number != self._window:
            self._window, self._used = number, 0
        return (number + 1) * self._limit.seconds + self._limit.phase

    def wait(self, now: float) -> float:
        end = self._roll(now)
        return 0.0 if self._used < self._limit.calls else end - now

    def take(self, now: float) -> None:
        self._roll(now)
        self._used += 1

    def left(self, now: float) -> int:
        self._roll(now)
        return max(0, self._limit.calls - self._used)


class Sliding:
    """So many calls in any stretch of time."""

    def __init__(self, limit: Limit) -> None:
        self._limit, self._taken = limit, deque[float]()

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0] <= now - self._limit.seconds:
            self._taken.popleft()

    def wait(self, now: float) -> float:
        self._forget(now)
        return 0.0 if len(self._taken) < self._limit.calls else self._taken[0] + self._limit.seconds - now

    def take(self, now: float) -> None:
        self._taken.append(now)

    def left(self, now: float) -> int:
        self._forget(now)
        return max(0, self._limit.calls - len(self._taken))


class Bucket:
    """A bucket of so many, filled evenly."""

    def __init__(self, limit: Limit) -> None:
        self._limit, self._rate = limit, limit.calls / limit.seconds
        self._held, self._at = float(limit.calls), -math.inf

    def _fill(self, now: float) -> None:
        self._held = min(self._limit.calls, self._held + max(0.0, now - self._at) * self._rate)
        self._at = max(self._at, now)

    def wait(self, now: float) -> float:
        self._fill(now)
        return 0.0 if self._held >= 1 else (1 - self._held) / self._rate

    def take(self, now: float) -> None:
        self._fill(now)
        self._held -= 1

    def left(self, now: float) -> int:
        self._fill(now)
        return int(self._held)


_KINDS: dict[str, Callable[[Limit], Window]] = {"fixed": Fixed, "sliding": Sliding, "bucket": Bucket}


def window(limit: Limit) -> Window:
    """A limit's window, in which nothing has passed yet."""
    return _KINDS[limit.window](limit)
