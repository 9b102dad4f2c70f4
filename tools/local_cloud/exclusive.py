"""How a command ends that starts a local cloud, whatever happens."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tools.local_cloud import emulator, stack
from tools.local_cloud.runs import Run

STOPPED = "what it started is stopped"


@contextmanager
def exclusive_run(run: Run) -> Iterator[None]:
    """Hold the run's folder; stop what the run started, however it ends.

    What an earlier run left that was killed is stopped first.
    """
    with run.locked(), interrupted_once():
        stack.down(run)
        try:
            try:
                yield
            finally:
                stack.down(run)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(STOPPED) from None


@contextmanager
def lasting_run(run: Run) -> Iterator[None]:
    """Hold the run's folder; what the run starts stays, unless it is interrupted meanwhile.

    A local cloud that was up before stays all the same.
    """
    with run.locked(), interrupted_once():
        was_up = emulator.alive(run)
        try:
            yield
        except KeyboardInterrupt:
            if was_up:
                raise KeyboardInterrupt("the local cloud runs on as it was left, `make down` stops it") from None
            stack.down(run)
            raise KeyboardInterrupt(STOPPED) from None


@contextmanager
def interrupted_once() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the run as Ctrl-C does: through every `finally`.

    One of the three is enough: a second must not end those.
    """

    def interrupt(*_: object) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
