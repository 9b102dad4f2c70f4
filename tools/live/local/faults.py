"""What the page can break: each fault with a fuse, what to expect of it, and what was seen then.

A fault ends by its fuse whether anybody looks or not, and with the server.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tools.live.source import Json, NotFound, Refused

SECONDS, MOST_SECONDS = 30.0, 300.0
SMALL = 5  # messages: what always lies about
LOOKS_SECONDS = 180.0  # after the end, until a pipeline that is not as before is left alone


@dataclass(frozen=True)
class Fault:
    """Something to break: `begin` breaks it for so many seconds, `end` mends it (twice does no
    harm). `expect`: in one sentence, before. One that is over at once has `lasts`, in seconds, for
    its band.
    """

    name: str
    label: str
    pipeline: str
    expect: str
    begin: Callable[[float], None]
    end: Callable[[], None] = lambda: None
    lasts: float | None = None


class Reading(NamedTuple):
    """How a pipeline is: messages in its queues, and items that are lost."""

    messages: int
    lost: int


class Observed:
    """What was seen of a pipeline since one of its faults began."""

    def __init__(self, before: Reading, now: float) -> None:
        self._before, self._began = before, now
        self._most, self._lost = before.messages, before.lost
        self._ended: float | None = None
        self._back: float | None = None

    def ended(self, now: float) -> None:
        """The fault is over."""
        self._ended = self._ended or now

    def see(self, reading: Reading, now: float) -> None:
        """Look once more, until all is as before."""
        if self.is_over(now):
            return
        self._most, self._lost = max(self._most, reading.messages), max(self._lost, reading.lost)
        if self._ended is not None and reading.messages <= max(self._before.messages, SMALL):
            self._back = now

    def is_over(self, now: float) -> bool:
        """Whether there is nothing more to see."""
        return self._back is not None or (self._ended is not None and now - self._ended > LOOKS_SECONDS)

    def sentence(self, now: float) -> str:
        """In one sentence; nothing while the fault is on."""
        if self._ended is None:
            return ""
        lost = self._lost - self._before.lost
        law = f"{lost:,} items were lost" if lost else "the law held"
        grew = f"grew to {self._most:,} messages" if self._most > self._before.messages else "the queues did not grow"
        if self._back is not None:
            return f"{grew}, as before {self._back - self._began:.0f} s after it began; {law}"
        return f"{grew}, not yet as before {now - self._began:.0f} s after it began; {law} so far"


class Faults:
    """Those that are offered, and those that are on. For several threads."""

    def __init__(self, offered: Iterable[Fault], clock: Callable[[], float] = time.monotonic) -> None:
        self._offered = {one.name: one for one in offered}
        self._clock, self._lock = clock, threading.RLock()
        self._until: dict[str, float] = {}
        self._fuses: dict[str, threading.Timer] = {}
        self._observed: dict[str, Observed] = {}
        self._readings: dict[str, Reading] = {}

    def mend(self) -> None:
        """Mend what an earlier page left broken that was killed."""
        for fault in self._offered.values():
            fault.end()

    def start(self, name: str, seconds: float = SECONDS) -> None:
        """Break it for so many seconds. Raises NotFound, Refused."""
        fault = self._named(name)
        if not 0 < seconds <= MOST_SECONDS:
            raise Refused(f"a fault lasts from 1 to {MOST_SECONDS:.0f} s: its fuse is no decoration")
        seconds = fault.lasts or seconds
        with self._lock:
            fault.begin(seconds)
            self._burn(name, seconds)
            self._observed[name] = Observed(self._readings.get(fault.pipeline, Reading(0, 0)), self._clock())

    def heal(self, name: str) -> None:
        """End it, if it is on. Raises NotFound."""
        fault = self._named(name)
        with self._lock:
            if name in self._fuses:
                self._fuses.pop(name).cancel()
            if name in self._until:
                fault.end()
                del self._until[name]
                self._observed[name].ended(self._clock())

    def heal_all(self) -> None:
        """End all that are on, even if one cannot be ended: the first error is raised last."""
        errors: list[Exception] = []
        for name in list(self._until):
            try:
                self.heal(name)
            except Exception as error:  # the others must be ended all the same
                errors.append(error)
        if errors:
            raise errors[0]

    def see(self, readings: Mapping[str, Reading]) -> None:
        """Take in how the pipelines are."""
        now = self._clock()
        with self._lock:
            self._readings.update(readings)
            for name, observed in self._observed.items():
                if reading := readings.get(self._offered[name].pipeline):
                    observed.see(reading, now)

    def plain(self) -> list[Json]:
        """As a snapshot has them."""
        with self._lock:
            return [self._plain(one, self._clock()) for one in self._offered.values()]

    def _plain(self, fault: Fault, now: float) -> Json:
        until, observed = self._until.get(fault.name), self._observed.get(fault.name)
        return {
            "name": fault.name,
            "label": fault.label,
            "pipelines": [fault.pipeline],
            "on": until is not None,
            "left_seconds": None if until is None else round(max(0.0, until - now), 1),
            "expect": fault.expect,
            "observed": observed.sentence(now) if observed else "",
        }

    def _burn(self, name: str, seconds: float) -> None:
        if name in self._fuses:
            self._fuses.pop(name).cancel()
        self._until[name] = self._clock() + seconds
        fuse = self._fuses[name] = threading.Timer(seconds, self.heal, (name,))
        fuse.daemon = True
        fuse.start()

    def _named(self, name: str) -> Fault:
        if name not in self._offered:
            raise NotFound(f"there is no fault {name!r}: {', '.join(self._offered)}")
        return self._offered[name]
