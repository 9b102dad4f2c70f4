"""What a worker of harvest does side by side, in virtual time: actors in the place of threads, and
the stand-in of a vendor in the place of its address.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from harvest.threads import Flight
from harvest.vendor import Answer, Request
from tools.local_cloud.vendor.vendor import Vendor
from tools.simulation.stage import Actor, Crash, Stage

T = TypeVar("T")

SECOND = 1_000_000


class Acted(Generic[T]):
    """Something that an actor does for another."""

    def __init__(self, stage: Stage) -> None:
        self.waited_for_by: Actor | None = None
        self._stage, self._ended = stage, False
        self._result: Any = None
        self._died: BaseException | None = None

    def end(self, result: Any, died: BaseException | None) -> None:
        """It has ended, or has died of that."""
        self._ended, self._result, self._died = True, result, died
        if self.waited_for_by is not None:
            self._stage.wake(self.waited_for_by)

    def done(self) -> bool:
        """Whether it has ended."""
        return self._ended

    def result(self) -> T:
        """What it came to; what it died of is raised."""
        if self._died is not None:
            raise self._died
        result: T = self._result
        return result


class Actors:
    """In the place of `harvest.threads.Threads`.

    What one begins shares its deadline and context: they die together.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage, self._numbers = stage, itertools.count()

    def begin(self, act: Callable[[], T]) -> Acted[T]:
        """Have it done from now on."""
        parent, acted = self._stage.current, Acted[T](self._stage)
        actor = Actor(f"{parent.name if parent else 'test'}/{next(self._numbers)}", act)
        if parent is not None:
            actor.deadline, actor.context = parent.deadline, parent.context
        self._stage.start(actor, acted.end)
        return acted

    def wait(self, flights: Sequence[Flight[object]], seconds: float) -> None:
        """Until one has ended, or so long."""
        acted = [flight for flight in flights if isinstance(flight, Acted)]
        if any(flight.done() for flight in acted):
            return
        for flight in acted:
            flight.waited_for_by = self._stage.current
        self._stage.pause(int(seconds * SECOND))
        for flight in acted:
            flight.waited_for_by = None


class Calls:
    """In the place of `harvest.caller.Caller`: calls the stand-in's core.

    `way`: gives the seconds that a call is on its way to the vendor. `poisoned`: calls that kill
    their worker, by path and query.
    """

    def __init__(
        self,
        stage: Stage,
        vendor: Vendor,
        call_seconds: float,
        way: Callable[[], float] = lambda: 0.0,
        poisoned: Callable[[str], bool] = lambda target: False,
    ) -> None:
        self._stage, self._vendor, self._seconds = stage, vendor, call_seconds
        self._way, self._poisoned = way, poisoned

    def call(self, request: Request) -> Answer:
        """Send a request once."""
        self._stage.pause(int(self._way() * SECOND))
        headers = {name.lower(): value for name, value in request.headers.items()}
        told = self._vendor.answer(request.method, request.target, headers, request.body)
        self.arrived(request, in_time=told.latency <= self._seconds)
        if told.latency > self._seconds:
            self._stage.pause(int(self._seconds * SECOND))
            return Answer(0, cause="timeout")
        self._stage.pause(int(told.latency * SECOND))
        if self._poisoned(urlsplit(request.target).path):
            raise Crash
        return Answer(told.status, told.headers, told.body)

    def arrived(self, request: Request, *, in_time: bool) -> None:
        """A call has reached the vendor, which answers in time or not."""
