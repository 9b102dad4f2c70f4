"""The one place where time is read and spent, so that tests and simulations can replace it."""

import time


def now_us() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


def monotonic() -> float:
    """Seconds of a clock that never goes back, for ages of cached things."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait `seconds`; callers bound how often."""
    time.sleep(seconds)
