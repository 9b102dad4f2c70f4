"""The rate of a vendor that declares none: halved when it refuses, grown while it does not."""

from typing import NamedTuple

from harvest.limits import Adaptive

GROWTH = 1.05


class Found(NamedTuple):
    """The rate that was found, in calls a second.

    `since`: when its window began in which nothing was refused yet; `halved`: when it was last
    halved (both ms). `throttles`: those that were known then, so that none counts twice.
    """

    rate: float
    since: int
    halved: int
    throttles: int


def adapted(declared: Adaptive, found: Found | None, throttles: int, now_ms: int) -> Found:
    """The rate from now on, `throttles` being all that are known."""
    if found is None:
        return Found(declared.start, now_ms, 0, throttles)
    window_ms = declared.window_seconds * 1000
    if throttles > found.throttles:
        if now_ms - found.halved < window_ms:  # calls that were under way when it was halved
            return found._replace(since=now_ms, throttles=throttles)
        return Found(max(declared.least, found.rate / 2), now_ms, now_ms, throttles)
    if now_ms - found.since >= window_ms:
        return found._replace(rate=min(declared.most, found.rate * GROWTH), since=now_ms)
    return found
