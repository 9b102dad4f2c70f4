"""The seeded world of receipts: its customers, its reader, its checker.

`run(plan)` plays one history to its end and raises Broken where a promise does not hold.
"""

from typing import Any

from tools.simulation import world
from tools.simulation.faults import Faults
from tools.simulation.lambdas import Invocation
from tools.simulation.plan import MINUTE
from tools.simulation.receipts import deployed
from tools.simulation.receipts.cells import MATRIX
from tools.simulation.receipts.checker import Checker
from tools.simulation.receipts.client import Clients
from tools.simulation.receipts.deployed import START_US
from tools.simulation.receipts.events import Events
from tools.simulation.receipts.plan import Plan
from tools.simulation.receipts.reader import Reader
from tools.simulation.receipts.rest import check_end
from tools.simulation.receipts.standins import later_release, settings_of, this_release
from tools.simulation.surroundings import Release

MS, SECOND = 1_000, 1_000_000
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
        self.checker = Checker(self)
        self.events = Events(self, plan.events)
        self.clients = Clients(self)
        for notifier in self.notifiers.values():
            notifier.test()
        self.stage.at(START_US + SECOND, self._sweep)

    # --- what the general part asks ---

    def play(self) -> None:
        """All that is sent, then what must be so in the end."""
        self.act(0)
        self.drain(self.stage.now)
        check_end(self)

    def begin(self, act: int) -> None:
        """Clients send."""
        self.clients.begin()
        self.lasts_until(self.started + max(batch.at for batch in self.plan.batches) * MS)
        self.lasts_until(self.started + self.plan.minutes * MINUTE * MS)

    def waiting(self) -> int:
        """Of the clients' requests, and of what the bucket has to tell."""
        return self.clients.waiting + sum(notifier.waiting for notifier in self.notifiers.values())

    def unfinished(self) -> str:
        """Files that are neither read nor refused, by batch."""
        return f"open {self.checker.open_batches()}"

    def releases(self) -> tuple[Release, Release]:
        """Of receipts."""
        return this_release(), later_release()

    def settings(self, model: Any) -> Any:
        """As environments/local has them, with small limits."""
        return settings_of(model)

    def arguments(self, function: str, event: dict[str, Any], context: Invocation) -> tuple[Any, ...]:
        """As the handlers hand them on."""
        match function:
            case "accept" | "account":
                return (event,)
            case "sweep":
                return (context,)
        return (event, context)

    def counts(self) -> dict[str, int]:
        """What the history came to."""
        states = self.checker.states()
        return {
            "batches asked for": len(self.plan.batches),
            "batches opened": len(self.clients.parcels),
            "batches over a limit": len(self.clients.refused),
            "uploads": self.clients.uploads,
            **{f"files {state}": states[state] for state in ("read", "review", "quarantined")},
            "documents": len(self.checker.documents),
            "pages read": self.reader.calls,
            "throttled": self.reader.throttled,
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

    def _sweep(self) -> None:
        """The schedule calls sweep."""
        self.stage.at(self.stage.now + deployed.SWEEP_SECONDS * SECOND, self._sweep)
        self.lambdas.invoke("sweep", {"source": "schedule"}, self._swept)

    def _swept(self, answer: Any, died: BaseException | None) -> None:
        if died is not None and self.plan.calm:
            self.checker.broken("sweep", f"it died of {type(died).__name__} {died} though nothing went wrong")
