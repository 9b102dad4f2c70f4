"""The functions' logs as they grow: how often each ran, how long, what failed, and every line.

The emulator has no metrics. It writes the lines of an invocation at its end, all at once, into a
stream of their own: so a stream that was seen is done with.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shared.logs import parsed
from tools.operations.failing import kind_of

OVERLAP_MS = 1_500  # lines may come so much later than others of a later time
RATE_SECONDS, ERROR_SECONDS = 5.0, 60.0
REPORT = re.compile(r"^REPORT RequestId: \S+\tDuration: ([\d.]+) ms")
LINE_BYTES = 26  # that CloudWatch adds to each
EVERY_SECONDS, IDLE_SECONDS = 1.0, 3.0  # between two looks at a log
MOST_IDLE_SECONDS = 6.0  # at one that said nothing for long
SHARE = 0.02  # of the time, that looking at one log may take at most

Line = Mapping[str, Any]
Listener = Callable[[str, Line, int], None]  # the function, a line of its log parsed, ms since 1970


class Ran(NamedTuple):
    """One invocation: when it ended (seconds since 1970), how long it took, if it failed."""

    at: float
    seconds: float


@dataclass
class Tail:
    """One function's log. `from_ms`: what was written earlier is left out; invocations that
    ended before `began_ms` are not counted.
    """

    function: str
    group: str
    from_ms: int
    began_ms: int
    ran: deque[Ran] = field(default_factory=lambda: deque(maxlen=20_000))
    failed: deque[float] = field(default_factory=lambda: deque(maxlen=20_000))
    invocations: int = 0
    log_bytes: int = 0
    last_error: str = ""
    _read_to: int = 0
    _seen: dict[str, int] = field(default_factory=dict)
    _next: float = 0.0
    _idle: float = IDLE_SECONDS
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def due(self, now: float) -> bool:
        """Whether it is to be read again."""
        return now >= self._next

    def read(self, client: Any, listen: Iterable[Listener]) -> None:
        """Take in what is new; for several threads."""
        with self._reading:
            self._read(client, listen)

    def _read(self, client: Any, listen: Iterable[Listener]) -> None:
        began = time.monotonic()
        start = max(self.from_ms, self._read_to - OVERLAP_MS)
        pages = client.get_paginator("filter_log_events").paginate(logGroupName=self.group, startTime=start)
        fresh: dict[str, int] = {}
        for page in pages:
            for event in page["events"]:
                if event["logStreamName"] not in self._seen:
                    fresh[event["logStreamName"]] = event["timestamp"]
                    self._add(str(event["message"]), int(event["timestamp"]), listen)
        self._seen |= fresh
        self._read_to = max([self._read_to, *fresh.values()])
        self._seen = {name: at for name, at in self._seen.items() if at >= self._read_to - 2 * OVERLAP_MS}
        self._forget()
        took = time.monotonic() - began
        self._next = began + max(EVERY_SECONDS if fresh else self._idle, took / SHARE)
        self._idle = IDLE_SECONDS if fresh else min(2 * self._idle, MOST_IDLE_SECONDS)

    def _forget(self) -> None:
        """Forget what is too old for any figure: each snapshot goes through what is kept."""
        newest = (self._read_to - OVERLAP_MS) / 1000
        while self.ran and self.ran[0].at < newest - RATE_SECONDS:
            self.ran.popleft()
        while self.failed and self.failed[0] < newest - ERROR_SECONDS:
            self.failed.popleft()

    def _add(self, message: str, at_ms: int, listen: Iterable[Listener]) -> None:
        self.log_bytes += len(message) + LINE_BYTES if at_ms >= self.began_ms else 0
        if found := REPORT.match(message):
            if at_ms < self.began_ms:
                return
            seconds = float(found[1]) / 1000
            self.ran.append(Ran(at_ms / 1000, seconds))
            self.invocations += 1
            return
        line = parsed(message) if message.startswith("{") else {}
        if kind := kind_of(line, message):
            self.failed.append(at_ms / 1000)
            self.last_error = kind
        if line:
            for one in listen:
                one(self.function, line, at_ms)

    def rate(self, now: float) -> float:
        """Invocations a second of late."""
        return round(sum(one.at > now - RATE_SECONDS for one in list(self.ran)) / RATE_SECONDS, 2)

    def busy(self, now: float) -> float:
        """How many ran at once on average of late."""
        seconds = sum(min(one.seconds, RATE_SECONDS) for one in list(self.ran) if one.at > now - RATE_SECONDS)
        return round(seconds / RATE_SECONDS, 2)

    def errors(self, now: float) -> int:
        """Failures of the last minute."""
        return sum(at > now - ERROR_SECONDS for at in list(self.failed))
