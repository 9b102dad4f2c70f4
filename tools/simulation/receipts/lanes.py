"""The lanes of a history as the database and the queue of pointers see them: never a connection too
many, none too often while nobody gets through, and no pointer received before the database answers.
"""

from typing import TYPE_CHECKING, Any

from tools.simulation.aws.calls import Call
from tools.simulation.receipts import deployed

if TYPE_CHECKING:
    from tools.simulation.receipts.checker import Checker
    from tools.simulation.receipts.premises import Session

SECOND = 1_000_000
AGENT = "agent-"
APART_US = 58 * SECOND  # a minute, by a clock that may be a little fast
FIRST_REST_US = 100_000
MOST_TRIES = 2  # of a run: credentials that are denied are read once more


class Lanes:
    """Who connects, and when; what is received by whom."""

    def __init__(self, checker: "Checker") -> None:
        self._checker, self._world = checker, checker._world
        self._failed: dict[str, tuple[int, Any]] = {}  # by lane: when nobody got through, in which run
        self._tries: dict[Any, int] = {}  # by run
        self._reached: set[Any] = set()  # runs to which the database has answered, and is not lost
        self._rests: dict[Any, tuple[int, int]] = {}  # by session: until when, and for how long
        self.failures = self.received = 0

    def tries(self, lane: str, context: Any, password: str) -> None:
        """Somebody is about to connect."""
        if self._world.site.is_stale(lane, password):
            self._checker.broken("credentials", f"{lane} connects by a password that was changed long since")
        now, (at, before) = self._world.stage.now, self._failed.get(lane, (0, None))
        is_agent = lane.startswith(AGENT)
        self._tries[context] = self._tries.get(context, 0) + 1
        if not is_agent and self._tries[context] > MOST_TRIES:
            self._checker.broken("connections", f"{lane} connects {self._tries[context]} times in one run")
        # an agent that was started again tries at once
        if before is not None and (before is context) == is_agent and now - at < APART_US:
            self._checker.broken("a minute", f"{lane} connects again {(now - at) / SECOND:.1f} s after it was in vain")

    def fails(self, lane: str, context: Any, *, denied: bool) -> None:
        """Nobody got through, or the database was lost."""
        self._reached.discard(context)
        if not denied:
            self.failures += 1
            self._failed[lane] = self._world.stage.now, context

    def ticks_lost(self) -> None:
        """Somebody purged or replaced the lanes' queue: the ticks that were put off are gone, and
        the next of a lane is the schedule's, or one that an operator sends.
        """
        self._failed = {lane: one for lane, one in self._failed.items() if lane.startswith(AGENT)}

    def connected(self, session: "Session") -> None:
        """Somebody is connected."""
        held = self._world.server.sessions
        names = [one.lane for one in held]
        most = deployed.LANES + len({name for name in names if name.startswith(AGENT)})
        if self._world.events.lane_queue_replaced:
            return  # its locks are gone: AWS may run a lane twice for once
        if len(held) > most or names.count(session.lane) > 1:
            self._checker.broken("connections", f"{sorted(names)} are connected")

    def transacts(self, session: "Session") -> None:
        """A transaction begins: not before its lane has rested, where the last one was slow."""
        until, rest = self._rests.get(session, (0, 0))
        if self._world.stage.now < until:
            self._checker.broken("rests", f"{session.lane} goes on without the {rest / 1000:.0f} ms of rest")

    def transacted(self, session: "Session", took_us: int, *, is_new: bool) -> None:
        """A transaction took so long, by the server. Where nothing was new, no rest follows."""
        rest = 0
        if took_us > deployed.PACE["latency_ms"] * 1_000:
            rest = min(
                deployed.PACE["most_rest_ms"] * 1_000, max(FIRST_REST_US, 2 * self._rests.get(session, (0, 0))[1])
            )
        until = self._world.stage.now + rest if is_new else self._rests.get(session, (0, 0))[0]
        self._rests[session] = until, rest

    def effect(self, call: Call) -> None:
        """A call of the database took effect, or pointers were received."""
        context = self._context()
        if call.operation == "Ping":
            self._reached.add(context)
        elif call.operation == "ReceiveMessage" and call.params["QueueUrl"].endswith(deployed.DELIVERY.name):
            self.received += 1
            is_lane = context is not None and context.function != "operator"
            # what a run asked before it fell asleep is on its way, and nobody waits for it any more
            if is_lane and not context.given_up and context not in self._reached:
                self._checker.broken("ping first", "pointers are received by who does not know the database up")

    def left(self, context: Any, died: BaseException | None) -> None:
        """A run is over."""
        self._reached.discard(context)
        held = [one for one in self._world.server.sessions if one.context is context]
        if held and died is None:
            self._checker.broken("connections", f"{held[0].lane} ends and leaves its connection open")

    def _context(self) -> Any:
        actor = self._world.stage.current
        return actor.context if actor is not None else None
