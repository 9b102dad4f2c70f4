"""What happens to harvest alone: all is killed, processes stand still, the vendor refuses all or
takes its tokens back, clocks are wrong.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tools.simulation import events
from tools.simulation.aws.calls import Call
from tools.simulation.harvest.plan import EVENTS, UNTOLD, WAITS
from tools.simulation.plan import Event

if TYPE_CHECKING:
    from tools.simulation.harvest.world import World

SECOND = 1_000_000
LONGEST_MS = 60_000  # of an event, but for a vendor that is closed
STILL = (0.5, 12.0)  # seconds that a process stands still


class Events(events.Events):
    """The events of one history of harvest."""

    _world: "World"

    def __init__(self, world: "World", planned: tuple[Event, ...]) -> None:
        self._still: dict[Any, int] = {}  # until when a process stands still (µs)
        self.wrong_clocks = 0
        self.killed = 0
        # who is not told for how long asks again each second: an hour of that shows no more
        is_told = WAITS[world.plan.vendor.wait % len(WAITS)] not in UNTOLD
        long = EVENTS.index("closed") if is_told else -1
        shorter = [one if one.kind % len(EVENTS) == long else _shorter(one) for one in planned]
        super().__init__(world, tuple(shorter), EVENTS)

    def meddle(self, call: Call) -> None:
        """What befalls any call."""
        self.stand_still()
        if ":over" in call.params.get("ExpressionAttributeValues", ()):
            self._world.people.instant()
        super().meddle(call)

    def stand_still(self) -> None:
        """The process that runs waits for as long as it stands still."""
        actor = self._world.stage.current
        until = self._still.get(actor.context, 0) if actor is not None else 0
        if until > self._world.stage.now:
            self._world.stage.pause(until - self._world.stage.now)

    def end(self) -> None:
        """Faults are over."""
        super().end()
        self.wrong_clocks = 0
        self._forget_clocks()
        self._world.vendor.settings = replace(self._world.vendor.settings, closed=(0.0, 0.0))

    def begin_own(self, kind: str, event: Event, end: int) -> None:
        """An event of harvest's own."""
        self.fired[kind] += 1
        match kind:
            case "kill all":
                self._kill()
            case "stall":
                self._stall()
                self._world.stage.at(self._world.stage.now + 2 * SECOND, self._stall)
            case "closed":
                vendor = self._world.vendor
                now = self._world.stage.now / SECOND - vendor.began
                vendor.settings = replace(vendor.settings, closed=(now, now + event.lasts / 1000))
            case "wrong clock":
                self.wrong_clocks += 1
                self._world.stage.at(end, self._right_again)
            case "revoked":
                self._world.vendor.tokens.revoke()

    def _contexts(self) -> list[Any]:
        """The processes that run, in an order of their own."""
        found = {actor.context.number: actor.context for actor in self._world.stage.actors}
        return [found[number] for number in sorted(found) if found[number].worker is not None]

    def _kill(self) -> None:
        for context in self._contexts():
            context.is_hurt = True
            self.killed += 1
            self._world.stage.kill(context)

    def _stall(self) -> None:
        if self._world.calm:
            return
        for context in self._contexts():
            if self._world.rng.random() < 0.5:
                context.is_hurt = True
                self._still[context] = self._world.stage.now + int(self._world.rng.uniform(*STILL) * SECOND)

    def _right_again(self) -> None:
        self.wrong_clocks = max(0, self.wrong_clocks - 1)

    def _forget_clocks(self) -> None:
        """Workers whose clocks are wrong are gone."""
        idle = self._world.lambdas.idle
        for function, workers in idle.items():
            idle[function] = [worker for worker in workers if abs(worker.skew) < SECOND]


def _shorter(event: Event) -> Event:
    return event._replace(lasts=min(event.lasts, LONGEST_MS))
