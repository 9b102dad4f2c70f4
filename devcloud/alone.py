"""What every command with a local cloud of its own has in common: how it ends, and how it tells what it does."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from devcloud import stack
from devcloud.runs import Run


@contextmanager
def alone(run: Run) -> Iterator[None]:
    """Hold the run's folder; stop what the run started, however it ends, and what an earlier one left that was killed."""
    with run.locked(), _stopping_on_signals():
        stack.down(run)
        try:
            yield
        finally:
            stack.down(run)


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the run as Ctrl-C does: through every `finally`. One is enough: a second must not end those."""

    def interrupt(*_: object) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def teller(console: Console) -> Callable[[str], None]:
    """A function that prints what is done next, with the seconds since now."""
    began = time.monotonic()

    def say(step: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.1f} s[/dim]  {step}", soft_wrap=True, highlight=False)

    return say
