"""The seeded world of votes: its clients, its checker, its operators.

`run(plan)` plays one history to its end and raises Broken where a promise does not hold.
"""

from collections.abc import Mapping
from typing import Any

from tools.simulation import world
from tools.simulation.aws.messages import Message
from tools.simulation.broken import Broken
from tools.simulation.faults import Faults
from tools.simulation.lambdas import Invocation
from tools.simulation.surroundings import Release
from tools.simulation.votes import deployed
from tools.simulation.votes.cells import MATRIX
from tools.simulation.votes.checker import Checker
from tools.simulation.votes.client import Clients, accepted_in, verdict
from tools.simulation.votes.deployed import START_US
from tools.simulation.votes.events import Events
from tools.simulation.votes.final import check_end
from tools.simulation.votes.plan import Plan
from tools.simulation.votes.standins import later_release, settings_of, this_release
from tools.simulation.votes.watch import Watch

SECOND = 1_000_000
DAY = 86_400 * SECOND
# the schedule, and what it does
FOLDED_WITHIN = (deployed.BACKSTOP_SECONDS + int(deployed.ENVIRONMENTS["tally"]["FOLD_SECONDS"]) + 60) * SECOND


class World(world.World):
    """One history of votes."""

    deployed = deployed.DEPLOYED
    matrix = MATRIX
    plan: Plan
    checker: Checker
    events: Events

    def __init__(self, plan: Plan, trace: bool = False, meddler: type[Faults] = Faults) -> None:
        super().__init__(plan, START_US, trace, meddler)
        self.shards: int = plan.shards
        self.checker = Checker(self)
        self.events = Events(self, plan.events)
        self.clients = Clients(self)
        self.watch = Watch(self)
        self._backstop_on, self._writers = True, 0
        self.stage.at(START_US + 1 * SECOND, self._backstop)

    # --- what the general part asks ---

    def play(self) -> None:
        """One or two acts, then what must be so in the end."""
        self.act(0)
        if self.clients.acts > 1:
            self._quiet_month()
            self.act(1)
        if self.events.fired["mended by hand"]:
            self.events.repair()
            self.stage.run(self.stage.now + 2 * deployed.BACKSTOP_SECONDS * SECOND)
        self.watch.end_of_probe()
        self.drain(self.stage.now)
        self._folded()
        check_end(self)

    def begin(self, act: int) -> None:
        """Clients send, and the schedules call."""
        self.clients.begin(act)
        self.watch.begin()

    def waiting(self) -> int:
        """Of the clients' requests."""
        return self.clients.waiting

    def unfinished(self) -> str:
        """Entries, and how many are counted, by shard."""
        lengths = {shard: len(entries) for shard, entries in self.checker.entries.items()}
        return f"entries {lengths}, counted {self.checker.upto()}"

    def releases(self) -> tuple[Release, Release]:
        """Of votes."""
        return this_release(), later_release()

    def settings(self, model: Any) -> Any:
        """As environments/local has them, with this history's shards; of writers, every other one
        packs votes: as while a release is replaced, and after it was gone back from.
        """
        found = settings_of(model, self.shards)
        if model.__name__ != "WriteSettings":
            return found
        self._writers += 1
        return found.model_copy(update={"packed_votes": (self.plan.seed + self._writers) % 2 == 0})

    def arguments(self, function: str, event: dict[str, Any], context: Invocation) -> tuple[Any, ...]:
        """As the handlers hand them on."""
        match function:
            case "probe":
                return ()
            case "conservation" | "rank":
                return (context,)
            case "receive" | "results" | "vote":
                return (event,)
        return (event, context)

    def answered(self, function: str, answer: Any) -> None:
        """The probe's ballot was accepted."""
        self.checker.accept(accepted_in(answer))

    def witnessed(self, line: Mapping[str, Any]) -> None:
        """A witness's line was written."""
        self.checker.witnessed(line["witness"], line["hashes"])
        super().witnessed(line)

    def logged(self, message: str, extra: Mapping[str, Any]) -> None:
        """A line of the log."""
        self.watch.heard(message)
        super().logged(message, extra)

    def counts(self) -> dict[str, int]:
        """What the history came to."""
        checker, clients = self.checker, self.clients
        verdicts = checker.verdicts.values()
        return {
            "ballots": clients.ballots,
            "accepted": len(checker.accepted),
            "counted or superseded": sum("count" in verdict for verdict in verdicts),
            "quarantined": len(checker.quarantined),
            "recovered": len(checker.known.keys() - checker.accepted - clients.by_hand),
            "put on queues by hand": len(clients.by_hand),
            **self.traffic(),
            "entries": sum(map(len, checker.entries.values())),
            "epochs": checker.epochs,
            "invocations": self.lambdas.invocations,
            "service calls": self.faults.made.total(),
        }

    def befell(self) -> dict[str, int]:
        """How often each event had an effect."""
        return {**super().befell(), "repeated late by a client": self.clients.repeated_late}

    def drained(self) -> bool:
        """Whether nothing is anywhere but in the tables, and all of it is shown."""
        return (
            not self.events.damaged
            and super().drained()
            and self._all_in(self.checker.upto() | self.checker.views.seen)
        )

    def _folded(self) -> None:
        """What views have seen is in the titles' rows when the schedule has come by.

        Raises Broken.
        """
        bound = FOLDED_WITHIN if self.plan.calm else self.drains_within()
        self.stage.run(self.stage.now + bound, lambda: self._all_in(self.checker.upto()))
        if not self._all_in(self.checker.upto()):
            raise Broken("drains", f"not folded {bound // SECOND} s after all was shown: {self.unfinished()}")

    def _all_in(self, bounds: Mapping[int, int]) -> bool:
        """Whether every entry is within the bounds, and no epoch is open."""
        row = self.table("tallies").items.get(("#fold",), {})
        lengths = {shard: len(entries) for shard, entries in self.checker.entries.items() if entries}
        return "open" not in row and all(bounds.get(shard, 0) == n for shard, n in lengths.items())

    # --- what its own parts ask ---

    def verdict(self, row: Any, message: Message) -> tuple[str, Any]:
        """What must become of a ballot of an ingest message."""
        return verdict(row, message)

    def undisturbed(self) -> bool:
        """Whether nothing goes wrong but damaged entries."""
        return not (self.plan.faults or self.plan.skew or set(self.events.fired) - {"damage", "mended by hand"})

    def _quiet_month(self) -> None:
        """Nobody votes for 31 days: what has expired is gone, if DynamoDB has come to it."""
        self.stage.run(self.stage.now + 2 * deployed.BACKSTOP_SECONDS * SECOND)
        self._backstop_on = False
        self.stage.run(self.stage.now + 31 * DAY)
        journal = self.table("journal").items
        for key in sorted(journal):
            if (
                "expires" in journal[key]
                and int(journal[key]["expires"]["N"]) * SECOND < self.stage.now
                and self.rng.random() < 0.8
            ):
                del journal[key]
                self.events.fired["expired"] += 1
        self.note("A QUIET MONTH")
        self.events.fired["quiet month"] += 1
        self._backstop_on = True
        self._backstop()

    def _backstop(self) -> None:
        """The schedule calls tally."""
        if not self._backstop_on:
            return
        self.stage.at(self.stage.now + deployed.BACKSTOP_SECONDS * SECOND, self._backstop)
        self.lambdas.invoke("tally", {"source": "schedule"}, lambda answer, died: None)
