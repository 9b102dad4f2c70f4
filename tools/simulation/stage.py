"""A stage in virtual time: actors take turns in one thread, each running until it waits; the same
plan gives the same run.

An actor is a plain function in a greenlet of its own. Whatever it calls that takes time calls
`Stage.pause`; then whoever is due next goes on. Hours cost nothing.
"""

import heapq
from collections.abc import Callable
from typing import Any, NoReturn

from greenlet import GreenletExit, getcurrent, greenlet


class Crash(BaseException):
    """The process ends here. No `except Exception` of the code under test holds it up."""


class TimedOut(Crash):
    """The function's time is over: it is cut off."""


class Endless(Exception):
    """Time hardly passes, or what is to be done grows by what is done."""


class Actor:
    """One running function.

    `deadline` (µs) is when it is cut off; None: never. One that `stays` runs for ever, and nobody
    waits for its end.
    """

    def __init__(self, name: str, work: Callable[[], Any], deadline: int | None = None) -> None:
        self.name, self.work, self.deadline = name, work, deadline
        self.greenlet: greenlet | None = None
        self.waits = 0  # how often it has waited: what would wake it from an earlier time is stale
        self.is_killed = self.stays = False
        self.context: Any = None  # whatever the director keeps with it
        self.look: Any = (None, 0)  # see standins: module state of this actor's own worker


class Stage:
    """Virtual time, in µs, and who is due when."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.most_steps: int | None = None  # of `run` in all; None: as many as it takes
        self.actors: set[Actor] = set()
        self.current: Actor | None = None
        self.switched: Callable[[Actor | None, Actor | None], None] = lambda left, entered: None
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = self._steps = 0
        self._hub = getcurrent()
        self._stopped: BaseException | None = None

    def at(self, time: int, call: Callable[[], None]) -> None:
        """Call something at a time; what is due at one time goes in the order in which it was asked
        for.
        """
        self._order += 1
        heapq.heappush(self._due, (max(time, self.now), self._order, call))

    def start(self, actor: Actor, ended: Callable[[Any, BaseException | None], None]) -> None:
        """Bring an actor on; `ended` is called with its result, or with the Crash or error that it
        died of.
        """

        def play() -> None:
            result, died = None, None
            try:
                result = actor.work()
            except GreenletExit:
                return
            except (Crash, Exception) as error:  # whatever a handler raises is Lambda's business
                died = error
            self.actors.discard(actor)
            if isinstance(died, Crash) and actor.context is not None:
                self.kill(actor.context)
            self.at(self.now, lambda: ended(result, died))

        actor.greenlet = greenlet(play, self._hub)
        self.actors.add(actor)
        self.wake(actor)

    def pause(self, us: int) -> None:
        """Let `us` pass for the actor that runs; raises TimedOut at its deadline.

        Outside of any actor, time just passes.
        """
        actor = self.current
        if actor is None:
            self.now += us
            return
        if actor.is_killed:
            raise Crash
        wake, late = self.now + us, False
        if actor.deadline is not None and wake > actor.deadline:
            wake, late = max(self.now, actor.deadline), True
        if not self._due or wake < self._due[0][0]:
            self.now = wake  # nobody is due before
        else:
            actor.waits += 1
            self._wake_at(wake, actor)
            self._hub.switch()
            if actor.is_killed:
                raise Crash
        if late and self.now >= wake and actor.deadline is not None:
            actor.is_killed = True
            raise TimedOut

    def crash(self) -> NoReturn:
        """The process of the actor that runs ends here: whatever it still runs, it calls nobody."""
        if self.current is not None:
            self.current.is_killed = True
        raise Crash

    def wake(self, actor: Actor) -> None:
        """Let an actor go on now, though it waits for longer."""
        self._wake_at(self.now, actor)

    def kill(self, context: Any) -> None:
        """End all actors of a context where they are: their process is gone."""
        for actor in [one for one in self.actors if one.context is context]:
            actor.is_killed = True
            if actor is not self.current:
                self.wake(actor)

    def run(self, until: int, over: Callable[[], bool] = lambda: False) -> None:
        """Go on until then, or until it is over; raises what somebody stopped it with.

        Raises Endless past `most_steps`.
        """
        while self._due and self._due[0][0] <= until and not over():
            self._steps += 1
            if self.most_steps is not None and self._steps > self.most_steps:
                raise Endless(f"{self.most_steps:,} steps, and there is always more to do")
            time, _, call = heapq.heappop(self._due)
            self.now = max(self.now, time)
            call()
            if self._stopped:
                raise self._stopped
        if not over():
            self.now = max(self.now, until)

    def stop(self, error: BaseException) -> NoReturn:
        """End the run with this error; whatever the actor that runs would make of it."""
        self._stopped = self._stopped or error
        if self.current is None or getcurrent() is self._hub:
            raise self._stopped
        self._hub.switch()
        raise GreenletExit  # the actor is being cleared away

    def close(self) -> None:
        """Clear everybody away."""
        self._due.clear()
        for actor in list(self.actors):
            if actor.greenlet is not None and not actor.greenlet.dead:
                self._enter(actor)
                actor.greenlet.throw(GreenletExit)
        self.actors.clear()
        self._enter(None)

    def _wake_at(self, time: int, actor: Actor) -> None:
        waits = actor.waits
        self.at(time, lambda: self._go_on(actor, waits))

    def _go_on(self, actor: Actor, waits: int) -> None:
        if actor not in self.actors or actor.greenlet is None or actor.waits != waits:
            return
        self._enter(actor)
        actor.greenlet.switch()
        self._enter(None)

    def _enter(self, actor: Actor | None) -> None:
        if self.current is not actor:
            self.switched(self.current, actor)
            self.current = actor
