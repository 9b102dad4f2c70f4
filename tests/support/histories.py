"""A stage on which actors take turns at every step, as a seed decides: one runs at a time, so the same seed gives the same history.

Actors are plain functions in threads of their own; whatever they call that has an effect calls `Stage.step` before and after it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

Trace = list[str]


class Crash(BaseException):
    """The process ends here. No `except Exception` of the code under test holds it up."""


class Fault(Exception):
    """A call failed: before its effect, or after it (the answer was lost)."""


def _taken() -> threading.Lock:
    """A lock as a baton: taken from the start, released to hand the turn over."""
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass
class Actor:
    """One running function: how many steps it may still take, until which turn it sleeps, and what came of it."""

    name: str
    work: Callable[[], Any]
    ended: Callable[["Actor"], None]
    go: threading.Lock = field(default_factory=_taken)
    steps: int = 0
    sleeps_until: int = 0
    result: Any = None
    crashed: bool = False
    error: BaseException | None = None
    over: bool = False


class Stage:
    """Runs actors, some steps of one, then some of another. `meddle` is asked at every step: it may raise Crash or Fault."""

    def __init__(self, rng: Random, meddle: Callable[[Actor, str], None] = lambda *_: None, trace: Trace | None = None) -> None:
        self.rng, self.meddle, self.trace = rng, meddle, trace
        self.actors: list[Actor] = []
        self.turn = 0
        self._back = _taken()
        self._current: Actor | None = None
        self._closing = False

    def start(self, name: str, work: Callable[[], Any], ended: Callable[[Actor], None] = lambda _: None) -> Actor:
        """Bring on an actor; it runs from its first turn. `ended` is called when it is over, one way or another."""
        actor = Actor(name, work, ended)
        self.actors.append(actor)
        threading.Thread(target=self._play, args=(actor,), daemon=True).start()
        return actor

    def step(self, label: str) -> None:
        """A point where others may go first; called by the actor that runs. Outside of any actor it is nothing."""
        actor = self._current
        if actor is None:
            return
        if self.trace is not None:
            self.trace.append(f"{actor.name}: {label}")
        actor.steps -= 1
        if actor.steps <= 0:
            self._back.release()
            actor.go.acquire()
        if self._closing:
            raise Crash
        self.meddle(actor, label)

    def awake(self) -> list[Actor]:
        """The actors who may go on now."""
        return [actor for actor in self.actors if actor.sleeps_until <= self.turn]

    def take_turn(self) -> None:
        """Let one of the actors who are awake take some steps; if all sleep, time passes until one wakes."""
        self.turn += 1
        if not (awake := self.awake()):
            self.turn = min(actor.sleeps_until for actor in self.actors)
            awake = self.awake()
        self.resume(self.rng.choice(awake), self.rng.choice((1, 1, 2, 4, 8, 16)))

    def resume(self, actor: Actor, steps: int) -> None:
        """Let this actor take so many steps."""
        actor.steps = steps
        self._current = actor
        actor.go.release()
        self._back.acquire()
        self._current = None
        if actor.over:
            self.actors.remove(actor)
            if actor.error and not self._closing:
                raise actor.error
            actor.ended(actor)

    def close(self) -> None:
        """End whoever still runs."""
        self._closing = True
        while self.actors:
            self.resume(self.actors[0], 1)

    def _play(self, actor: Actor) -> None:
        actor.go.acquire()
        try:
            actor.result = actor.work()
        except (Crash, Fault):
            actor.crashed = True
        except BaseException as error:  # for the one who directs
            actor.error = error
        actor.over = True
        self._back.release()
