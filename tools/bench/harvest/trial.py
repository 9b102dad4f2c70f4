"""What every contender is told and does: a vendor, a limit, the same misfortunes.

Each is judged by the vendor's own log, in virtual time: so the same seed gives the same figures.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tools.local_cloud.vendor import estate
from tools.local_cloud.vendor.judge import Judgement, judge
from tools.local_cloud.vendor.settings import Limit, Settings
from tools.local_cloud.vendor.vendor import Vendor

NOW = 1_796_007_600.0  # when every trial begins, seconds since the epoch
SECRET = "s3cret"  # noqa: S105 (of a vendor that is not there)
SMALL, SMALL_HOSTS = "late-and-small", 3
GROUPS = 12
LATENCY = (0.05, 0.8)
WAY = 0.02  # a call is at most so long on its way to the vendor
LATE = 0.0015  # whoever waits for a moment is woken so much later, on average: measured on loopback


@dataclass(frozen=True)
class Terms:
    """What a contender is told: so many calls in so many seconds; and the size of the whole."""

    calls: int = 10_000
    seed: int = 1
    rate: int = 50
    window: float = 1.0

    def vendor(self, clock: Callable[[], float]) -> Vendor:
        """The vendor, new."""
        settings = Settings(
            seed=self.seed,
            groups=estate.unequal(self.seed, GROUPS, self.calls),
            limits=(Limit(round(self.rate * self.window), self.window),),
            latency=LATENCY,
            hosts_page=500,
        )
        return Vendor(settings, clock, SECRET)

    @property
    def known(self) -> int:
        """About how many calls it takes."""
        return sum(estate.calls_of(self.vendor(lambda: NOW).settings).values())


@dataclass
class Times:
    """When what befell it: a kill of everything, another group (seconds since the epoch)."""

    killed: float = 0.0
    small: float = 0.0
    faster: float = 0.0


@dataclass(frozen=True)
class Came:
    """What a contender came to. `lost`: things that it never fetched; `units` are what it used."""

    judged: Judgement
    seconds: float
    share: float
    share_without_gap: float
    small_seconds: float
    lost: int
    units: dict[str, float]

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        found = {name: getattr(self, name) for name in ("seconds", "share", "share_without_gap", "small_seconds")}
        found |= {"lost": self.lost, "units": self.units, "calls": self.judged.calls}
        throttled, again = self.judged.throttled, sum(self.judged.repeated.values())
        return found | {"throttled": throttled, "over": self.judged.over, "repeated": again}


class Misfortunes:
    """What befalls every contender at the same share of the calls: looked at after each call.

    The small group at 20 %, the kill of everything at 40 %, a vendor twice as fast from 60 % on.
    """

    def __init__(self, terms: Terms, vendor: Vendor, add_small: Callable[[], None], kill: Callable[[], None]) -> None:
        self.times = Times()
        self._vendor, self._known = vendor, terms.known
        self._add_small, self._kill = add_small, kill

    def look(self, now: float) -> None:
        """Do what is due, each once. Calls that were answered right count."""
        done = sum(seen.right for seen in self._vendor.log) if len(self._vendor.log) % 50 == 0 else 0
        if not self.times.small and done >= 0.2 * self._known:
            self.times.small = now
            self._vendor.estate.add(SMALL, SMALL_HOSTS, now - self._vendor.began)
            self._add_small()
        if not self.times.killed and done >= 0.4 * self._known:
            self.times.killed = now
            self._kill()
        if not self.times.faster and done >= 0.6 * self._known:
            self.times.faster = now
            self._vendor.change({"latency": [bound / 2 for bound in LATENCY]})


def judged(terms: Terms, vendor: Vendor, times: Times, units: dict[str, float]) -> Came:
    """What the vendor's log says."""
    found = judge(vendor)
    begin, end = vendor.log[0].at, max(seen.at for seen in vendor.log)
    right = sum(not seen.limited for seen in vendor.log) - sum(found.repeated.values())
    its = [
        seen.at for seen in vendor.log if seen.right and seen.node.startswith(f"/v1/groups/{quote(SMALL, safe='')}/")
    ]
    after = [seen.at for seen in vendor.log if seen.at > times.killed + 1.0]
    gap = min(after, default=end) - times.killed if times.killed else 0.0
    lost = sum(there - answered for there, answered in found.complete.values())
    seconds = end - begin
    small = max(its) - times.small if its else float("inf")
    return Came(found, seconds, right / terms.rate / seconds, right / terms.rate / (seconds - gap), small, lost, units)


def chance(terms: Terms) -> random.Random:
    """Chance of one contender: the same for each."""
    return random.Random(terms.seed)  # noqa: S311 (repeatable, not secret)
