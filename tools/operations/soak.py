"""`make soak`: for so many minutes after an apply, the invariants of each pipeline hold.

The first that does not ends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from tools.common.errors import CommandError
from tools.common.text import visible
from tools.operations.deployment import Deployment, words_of
from tools.operations.findings import Finding
from tools.operations.invariants import Look, Watch
from tools.operations.pipeline import Pipeline

Say = Callable[[str], None]
Watches = Sequence[tuple[Deployment, Watch]]

MOST_MINUTES = 24 * 60.0
ON_AWS, HERE = 15.0, 2.0  # seconds between two looks
PRINTED_EVERY = 60.0  # seconds
NOT_SEEN_HERE = (
    "the local cloud has no CloudWatch metrics of queues and no alarms: "
    "ages are read from the queues, alarms are not looked at"
)


@dataclass(frozen=True)
class Options:
    """For how long to look, in minutes, and how often, in seconds (None: as it fits)."""

    minutes: float
    every: float | None = None


def run(watched: Sequence[tuple[Deployment, Pipeline]], console: Console, options: Options) -> int:
    """Look at one pipeline or several of an environment, at each in each round, until the time is
    over; 1 at the first violation, with how to go back.

    Raises CommandError for a time that makes no sense.
    """
    name, endpoint = watched[0][0].name, watched[0][0].endpoint
    words = words_of([of for of, _ in watched])
    if not 0 < options.minutes <= MOST_MINUTES:
        raise CommandError(
            f"MINUTES must be more than 0 and at most {MOST_MINUTES:.0f}, as in `make soak {words} MINUTES=10`"
        )
    every = options.every or (HERE if endpoint else ON_AWS)
    began = time.monotonic()

    def say(text: str) -> None:
        minutes = (time.monotonic() - began) / 60
        console.print(f"{minutes:5.1f} min  {visible(text)}", soft_wrap=True, highlight=False, markup=False)

    looks, printed = 0, -PRINTED_EVERY
    try:
        watches = [(of, Watch(of, pipeline)) for of, pipeline in watched]
        _say_before(watches, say)
        while True:
            looks, seen = looks + 1, _seen(watches, say)
            if seen is None:
                return 1
            now = time.monotonic() - began
            if now - printed >= PRINTED_EVERY:
                say(seen)
                printed = now
            if now >= options.minutes * 60:
                say(f"all held for {options.minutes:g} minutes, {looks} looks; at the last: {seen}")
                return 0
            time.sleep(min(every, options.minutes * 60 - now))
    except (ClientError, BotoCoreError) as error:
        raise CommandError(f"nobody knows whether {name} is well: it cannot be looked at ({error})") from error


def _say_before(watches: Watches, say: Say) -> None:
    for of, watch in watches:
        for finding in watch.wrong():
            say(f"{of.pipeline}: before this began: {finding.told()}")
    if watches[0][0].endpoint:
        say(NOT_SEEN_HERE)


def _seen(watches: Watches, say: Say) -> str | None:
    """What a look at each shows; None at the first that does not hold, of which all is said."""
    seen = []
    for of, watch in watches:
        look = _look(watch)
        if look.findings:
            _failed(of, words_of([one for one, _ in watches]), say, look)
            return None
        seen.append(f"{of.pipeline}: {look.seen}")
    return "; ".join(seen)


def _look(watch: Watch) -> Look:
    """A look; a check that itself cannot work is a violation: nobody knows then."""
    try:
        return watch.look()
    except CommandError as error:
        return Look([Finding(str(error))], "")


def _failed(deployment: Deployment, words: str, say: Say, look: Look) -> None:
    for finding in look.findings:
        say(f"VIOLATED in {deployment.pipeline}: {finding.told()}")
    if look.seen:
        say(f"seen besides: {look.seen}")
    say(
        f"go back: `make rollback {words}`, then `make smoke {words}`; "
        f"what to look at: `make status {deployment.words}`"
    )
