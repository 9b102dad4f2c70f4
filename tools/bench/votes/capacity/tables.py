"""Tables' capacity: on demand, provisioned with autoscaling, and of one key's partition.

What does not fit waits, and is reported as throttled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from tools.bench.votes.capacity import facts
from tools.bench.votes.capacity.settings import Units, kind_of

MINUTE = 60.0


def partition_of(name: str) -> str:
    """What a wait for one key's partition is called: of "journal write"."""
    return f"{name}, one partition"


class Capacity:
    """Reads or writes of one table.

    What comes faster than it bears is put off: calls are tried again until they are taken.
    """

    def __init__(self, units: Units) -> None:
        self._units = units
        self.limit = units.least  # units a second, now
        burst = facts.BURST_SECONDS if units.most is not None else 1.0
        self._most_tokens = burst  # in seconds of capacity
        self._tokens = units.least * burst
        self._at = 0.0
        self._used = 0.0  # in this minute
        self._minute = 0
        self._peaks: list[tuple[float, float]] = []  # when a minute ended, and units a second in it
        self._high = 0  # minutes in a row above the target
        self._grows: tuple[float, float] | None = None  # when, and to what
        self.used = 0.0  # units in all
        self.peak = 0.0  # units a second, of a minute
        self.throttled = 0.0  # units that had to wait
        self.minutes: list[float] = []  # units of each minute that has passed
        self.provisioned_seconds = 0.0  # unit seconds

    def take(self, at: float, units: float) -> float:
        """Use units at a time: seconds until the table has taken them all.

        Times may only grow a little unevenly.
        """
        self.advance(at)
        self._used += units
        self.used += units
        self._tokens -= units
        if self._tokens >= 0:
            return 0.0
        self.throttled += min(units, -self._tokens)
        return -self._tokens / self.limit

    def advance(self, at: float) -> None:
        """Let time pass: tokens come, and each minute it may scale."""
        if at <= self._at:
            return
        while self._minute_ends() <= at:
            self._pass(self._minute_ends())
            self._scale()
        self._pass(at)

    def _minute_ends(self) -> float:
        return (self._minute + 1) * MINUTE

    def _pass(self, at: float) -> None:
        if self._grows and self._grows[0] <= at:
            self.limit, self._grows = self._grows[1], None
        self._tokens = min(self.limit * self._most_tokens, self._tokens + (at - self._at) * self.limit)
        if self._units.most is not None:
            self.provisioned_seconds += (at - self._at) * self.limit
        self._at = at

    def _scale(self) -> None:
        """At the end of a minute."""
        self.minutes.append(self._used)
        rate, self._used = self._used / MINUTE, 0.0
        self._minute += 1
        served = min(rate, self.limit)
        self.peak = max(self.peak, served)
        if self._units.most is None:
            self._peaks.append((self._at, served))
            old = max((peak for ended, peak in self._peaks if ended <= self._at - facts.DOUBLES_AFTER), default=0.0)
            self.limit = max(self.limit, min(2 * old, facts.TABLE_QUOTA))
            return
        wanted = min(self._units.most, max(self._units.least, rate * 100 / self._units.target))
        self._high = self._high + 1 if rate > self.limit * self._units.target / 100 else 0
        if self._high >= facts.SCALING_MINUTES and self._grows is None and wanted > self.limit:
            self._grows = (self._at + facts.SCALING_TAKES, wanted)


class Partition:
    """Reads or writes of one key.

    A partition holds it, and takes so many units a second, whatever the table bears.
    """

    def __init__(self, limit: float) -> None:
        self._limit = self._tokens = limit  # a second's worth
        self._at = 0.0

    def take(self, at: float, units: float) -> tuple[float, float]:
        """Use units: seconds until all are taken, and how many of them had to wait."""
        self._tokens = min(self._limit, self._tokens + max(0.0, at - self._at) * self._limit)
        self._at = max(at, self._at)
        self._tokens -= units
        late = max(0.0, -self._tokens)
        return late / self._limit, min(units, late)


class Tables:
    """All of them, by "votes write"; those that are not named bear anything.

    `throttled_keys`: units that one key's partition did not take at once, by the same names.
    """

    def __init__(self, capacity: dict[str, Units]) -> None:
        self.by_name = {name: Capacity(units) for name, units in capacity.items()}
        self.throttled_keys: defaultdict[str, float] = defaultdict(float)
        self._partitions: dict[tuple[str, str], Partition] = {}

    def take(
        self, at: float, units: Mapping[str, float], of_keys: Mapping[str, Mapping[str, float]]
    ) -> tuple[float, str]:
        """Use units of several tables; `of_keys` says which are of keys that are used often.

        Returns the longest wait in seconds, and whose it was ("" where there was none).
        """
        waits = {name: self.by_name[name].take(at, number) for name, number in units.items() if name in self.by_name}
        for name, keys in of_keys.items():
            waits[partition_of(name)] = max(self._take_of_key(at, name, key, number) for key, number in keys.items())
        longest = max(waits, key=waits.__getitem__, default="")
        return (waits[longest], longest) if longest and waits[longest] > 0 else (0.0, "")

    def _take_of_key(self, at: float, name: str, key: str, units: float) -> float:
        if (name, key) not in self._partitions:
            self._partitions[name, key] = Partition(facts.PARTITION[kind_of(name)])
        seconds, throttled = self._partitions[name, key].take(at, units)
        self.throttled_keys[name] += throttled
        return seconds

    def advance(self, at: float) -> None:
        """Let time pass."""
        for capacity in self.by_name.values():
            capacity.advance(at)
