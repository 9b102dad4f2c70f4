"""The seeded world of receipts: its customers, its reader, its checker.

`run(plan)` plays one history to its end and raises Broken where a promise does not hold.
"""

from collections.abc import Callable
from typing import Any

from tools.simulation import world
from tools.simulation.aws.queues import Queue
from tools.simulation.faults import Faults
from tools.simulation.lambdas import Invocation
from tools.simulation.plan import MINUTE
from tools.simulation.receipts import deployed
from tools.simulation.receipts.agents import Agents
from tools.simulation.receipts.cells import MATRIX
from tools.simulation.receipts.checker import Checker
from tools.simulation.receipts.client import Clients
from tools.simulation.receipts.deployed import START_US
from tools.simulation.receipts.events import Events
from tools.simulation.receipts.people import People
from tools.simulation.receipts.plan import Plan
from tools.simulation.receipts.premises import Connection, Server
from tools.simulation.receipts.reader import Reader
from tools.simulation.receipts.reconciled import check_deliveries
from tools.simulation.receipts.rest import check_end
from tools.simulation.receipts.site import Site
from tools.simulation.receipts.standins import later_release, settings_of, this_release
from tools.simulation.stage import Actor
from tools.simulation.surroundings import Release

MS, SECOND = 1_000, 1_000_000
ALONE = 2  # a plan's `by_agent`: there is no lane but the agent's
LEAST_SECONDS = 0.001  # that a sleep takes: who waits for a fraction of a microsecond waits for ever
IDLE_SECONDS = 100  # in which lanes are woken though nothing waits
# a pointer that was sent again several times is looked at again after six hours at most
DRAINS_WITHIN = 14 * 3600 * SECOND
# an upload that never comes is waited for an hour after its address has expired, and that is later
# where a client asks again
CALM_DRAINS_WITHIN = 4 * 3600 * SECOND


class World(world.World):
    """One history of receipts."""

    deployed = deployed.DEPLOYED
    matrix = MATRIX
    plan: Plan
    checker: Checker
    events: Events

    def __init__(self, plan: Plan, trace: bool = False, meddler: type[Faults] = Faults) -> None:
        super().__init__(plan, START_US, trace, meddler)
        self.reader = Reader(self)
        self.cloud.services["textract"] = self.reader
        self.expired: set[str] = set()  # keys of objects that were taken away
        self.server = Server(self)
        self.site, self.agents = Site(self), Agents(self)
        self.cloud.sqs.wait = self._poll
        self._polling: dict[str, list[Actor]] = {}  # by queue, who waits for a message
        self.checker = Checker(self)
        self.events = Events(self, plan.events)
        self.clients, self.people = Clients(self), People(self)
        for notifier in self.notifiers.values():
            notifier.test()
        self.stage.at(START_US + SECOND, self._sweep)
        self.stage.at(START_US + 2 * SECOND, self._wake)
        self.agents.begin()

    # --- what the general part asks ---

    def play(self) -> None:
        """All that is sent, then what must be so in the end."""
        self.act(0)
        self.drain(self.stage.now)
        check_end(self)
        check_deliveries(self)

    def begin(self, act: int) -> None:
        """Clients send, and people look."""
        self.clients.begin()
        self.people.begin()
        self.lasts_until(self.started + max(batch.at for batch in self.plan.batches) * MS)
        self.lasts_until(self.started + self.plan.minutes * MINUTE * MS)

    def waiting(self) -> int:
        """Of the requests of clients and people, and of what the bucket has to tell."""
        return (
            self.clients.waiting + self.people.waiting + sum(notifier.waiting for notifier in self.notifiers.values())
        )

    def unfinished(self) -> str:
        """Files that are neither read nor refused, by batch."""
        return f"open {self.checker.open_batches()}"

    def releases(self) -> tuple[Release, Release]:
        """Of receipts."""
        return this_release(), later_release()

    def settings(self, model: Any) -> Any:
        """As environments/local has them, with small limits."""
        return settings_of(model, 0 if self.plan.by_agent == 2 else deployed.LANES)

    def arguments(self, function: str, event: dict[str, Any], context: Invocation) -> tuple[Any, ...]:
        """As the handlers hand them on."""
        match function:
            case "accept" | "account" | "review" | "report":
                return (event,)
            case "sweep":
                return (context,)
            case "wake":
                return ()
        return (event, context)

    def sleep(self, seconds: float) -> None:
        """Virtual time passes; for an agent whose database is away for weeks, hours of it."""
        actor = self.stage.current
        if actor is not None and actor.stays and self.events.for_weeks():
            self.stage.pause(deployed.SELDOM_US)
        else:
            super().sleep(max(seconds, LEAST_SECONDS))

    def left(self, context: Invocation, died: BaseException | None) -> None:
        """Its connection goes with its process."""
        self.checker.lanes.left(context, died)
        self.server.left(context)

    def counts(self) -> dict[str, int]:
        """What the history came to."""
        states = self.checker.states()
        return {
            "batches asked for": len(self.plan.batches),
            "batches opened": len(self.clients.parcels),
            "batches over a limit": len(self.clients.refused),
            "uploads": self.clients.uploads,
            **{f"files {state}": states[state] for state in ("delivered", "quarantined")},
            "documents": len(self.checker.documents),
            "pages read": self.reader.calls,
            "throttled": self.reader.throttled,
            "rows in the database": len(self.server.rows),
            "rows refused": len(self.checker.standing.refused),
            "rows sent": self.checker.standing.sent.total(),
            "transactions": self.server.transactions,
            "connections in vain": self.checker.lanes.failures,
            "reviews closed": self.people.closed,
            "reports": self.people.reports,
            "accounts asked for": self.clients.asked,
            **self.traffic(),
            "invocations": self.lambdas.invocations,
            "service calls": self.faults.made.total(),
        }

    def befell(self) -> dict[str, int]:
        """How often each event had an effect."""
        lost = sum(notifier.lost for notifier in self.notifiers.values())
        return {**super().befell(), "asked again by a client": self.clients.again, "event never sent": lost}

    def drains_within(self) -> int:
        """As long as a sweep may take to find what is lost."""
        return CALM_DRAINS_WITHIN if self.plan.calm else DRAINS_WITHIN

    def drained(self) -> bool:
        """Whether nothing is on its way, and every file of every batch has come to something."""
        return super().drained() and not self.checker.open_batches()

    # --- what its own parts ask ---

    def connect(self, port: Any, lane: str, password: str) -> Connection:
        """A connection to the database, whose errors are of that module."""
        return Connection(self, port, lane, password)

    def _poll(self, queue: Queue, seconds: int) -> None:
        """Whoever asks an empty queue waits until something comes, or so long."""
        actor = self.stage.current
        if actor is None:
            return
        if actor.stays and not self._is_something_to_deliver():
            seconds = IDLE_SECONDS  # hours of it would show nothing
        waiting = self._polling.setdefault(queue.name, [])
        waiting.append(actor)
        try:
            self.stage.pause(seconds * SECOND)
        finally:
            waiting.remove(actor)

    def came(self, queue: Queue) -> None:
        """A message has come."""
        for actor in self._polling.get(queue.name, ()):
            self.stage.wake(actor)

    def _wake(self) -> None:
        """The schedule calls wake; where nothing waits it would show nothing."""
        self._later(deployed.WAKE_SECONDS, self._wake)
        if self.plan.by_agent != ALONE and self._is_something_to_deliver():
            self.lambdas.invoke("wake", {"source": "schedule"}, lambda answer, died: None)

    def _later(self, seconds: int, call: Callable[[], None]) -> None:
        pause = deployed.SELDOM_US if self.events.for_weeks() else seconds * SECOND
        self.stage.at(self.stage.now + pause, call)

    def _is_something_to_deliver(self) -> bool:
        waits = self.cloud.sqs.queues[deployed.DELIVERY.name].messages or self.checker.ledger.to_deliver
        return bool(waits) or self.monotonic() < IDLE_SECONDS

    def _sweep(self) -> None:
        """The schedule calls sweep."""
        self._later(deployed.SWEEP_SECONDS, self._sweep)
        self.lambdas.invoke("sweep", {"source": "schedule"}, self._swept)

    def _swept(self, answer: Any, died: BaseException | None) -> None:
        if died is not None and self.plan.calm:
            self.checker.broken("sweep", f"it died of {type(died).__name__} {died} though nothing went wrong")
