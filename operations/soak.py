"""`make soak`: for so many minutes after an apply, the pipeline's invariants hold; the first that does not ends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from devcloud.runs import LocalCloudError
from operations.invariants import NOT_SEEN_HERE, Look, Watch
from operations.place import Place

MOST_MINUTES = 24 * 60.0
ON_AWS, HERE = 15.0, 2.0  # seconds between two looks
TOLD_EVERY = 60.0


@dataclass(frozen=True)
class Order:
    """For how long to look, in minutes, and how often, in seconds (None: as it fits the place)."""

    minutes: float
    every: float | None = None


def run(place: Place, console: Console, order: Order) -> int:
    """Look until the time is over; 1, with what is wrong and how to go back, as soon as an invariant does not hold.

    Raises LocalCloudError for a time that makes no sense.
    """
    if not 0 < order.minutes <= MOST_MINUTES:
        raise LocalCloudError(f"MINUTES must be more than 0 and at most {MOST_MINUTES:.0f}, as in `make soak ENV={place.name} MINUTES=10`")
    every = order.every or (HERE if place.endpoint else ON_AWS)
    began = time.monotonic()

    def tell(text: str) -> None:
        console.print(f"{(time.monotonic() - began) / 60:5.1f} min  {text}", soft_wrap=True, highlight=False, markup=False)

    looks, told = 0, -TOLD_EVERY
    try:
        watch = Watch(place)
        for trouble in watch.before():
            tell(f"before this began: {trouble}")
        if place.endpoint:
            tell(NOT_SEEN_HERE)
        while True:
            look, looks = _look(watch), looks + 1
            if look.violations:
                return _failed(place, tell, look)
            now = time.monotonic() - began
            if now - told >= TOLD_EVERY:
                tell(look.seen)
                told = now
            if now >= order.minutes * 60:
                tell(f"all held for {order.minutes:g} minutes, {looks} looks; at the last: {look.seen}")
                return 0
            time.sleep(min(every, order.minutes * 60 - now))
    except (ClientError, BotoCoreError) as error:
        raise LocalCloudError(f"nobody knows whether {place.name} is well: it cannot be looked at ({error})") from error


def _look(watch: Watch) -> Look:
    """A look; a check that itself cannot work is a violation: nobody knows then."""
    try:
        return watch.look()
    except LocalCloudError as error:
        return Look([str(error)], "")


def _failed(place: Place, tell: Callable[[str], None], look: Look) -> int:
    for violation in look.violations:
        tell(f"VIOLATED: {violation}")
    if look.seen:
        tell(f"seen besides: {look.seen}")
    tell(f"go back: `make rollback ENV={place.name}`, then `make smoke ENV={place.name}`; what to look at: `make status ENV={place.name}`")
    return 1
