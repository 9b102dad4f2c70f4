"""`make live MEASURE=yes`: what the page's server takes, with one page that looks."""

from __future__ import annotations

import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable

import psutil

WARM_SECONDS, SECONDS = 10.0, 30.0
ANSWER_SECONDS = 30.0
SNAPSHOT = b"event: snap"


class Measuring(threading.Thread):
    """Reads the stream at `address` as a page does, says what this process took meanwhile, and
    ends it as Ctrl-C does.
    """

    def __init__(self, address: str, say: Callable[[str], None]) -> None:
        super().__init__(daemon=True)
        self._address, self._say = address, say

    def run(self) -> None:
        """Warm up, measure, say it."""
        try:
            self._say(told(*self._measured()))
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    def _measured(self) -> tuple[float, float, int, int]:
        """Seconds, seconds of CPU, snapshots, and bytes of memory."""
        with urllib.request.urlopen(f"{self._address}/events", timeout=ANSWER_SECONDS) as stream:  # noqa: S310 (ours)
            self._read(stream, WARM_SECONDS)
            began, before = time.monotonic(), time.process_time()
            snapshots = self._read(stream, SECONDS)
            taken = time.process_time() - before
            return time.monotonic() - began, taken, snapshots, psutil.Process().memory_info().rss

    def _read(self, stream: Iterable[bytes], seconds: float) -> int:
        until, snapshots = time.monotonic() + seconds, 0
        for line in stream:
            snapshots += line.startswith(SNAPSHOT)
            if time.monotonic() > until:
                break
        return snapshots


def told(seconds: float, cpu: float, snapshots: int, memory: int) -> str:
    """In a line."""
    share = f"{100 * cpu / seconds:.1f} % of a core"
    return f"the server took {share} and {memory / 2**20:.0f} MB, at {snapshots / seconds:.1f} snapshots a second"
