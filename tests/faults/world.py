"""The seeded world: the very handlers of lambda_src on a simulated cloud, in virtual time, with everything that may break.

`run(plan)` plays one history to its end and raises Broken where a promise does not hold.
"""

import json
import random
from typing import Any

from shared import queues
from tests.faults import deployed
from tests.faults.broken import Broken
from tests.faults.checker import Checker
from tests.faults.client import Clients, verdict
from tests.faults.deployed import START_US
from tests.faults.events import Events
from tests.faults.faults import Faults, Sdk
from tests.faults.final import check_end
from tests.faults.lambdas import Lambdas
from tests.faults.mappings import Poller
from tests.faults.plan import Plan
from tests.faults.services import Functions, LogGroups
from tests.faults.stage import Actor, Stage
from tests.faults.standins import Here
from tests.faults.watch import Watch
from tests.support.aws.cloud import Cloud
from tests.support.aws.queues import Message, Queue

SECOND = 1_000_000
DAY = 86_400 * SECOND
FAULTS_LAST = 500  # seconds after the last request: what is delivered again then meets them too
REDRIVE_EVERY = 600 * SECOND  # once faults are over
DRAINS_WITHIN = 4 * 3600 * SECOND  # once faults are over: sleepers wake within an hour, redrives and receives follow
CALM_DRAINS_WITHIN = 120 * SECOND  # where nothing went wrong at all
SHOWN = ("place", "kind", "at", "detail", "stopped", "shard")  # of a line of the log, in a trace


class World:
    """One history."""

    def __init__(self, plan: Plan, trace: bool = False, meddler: type[Faults] = Faults) -> None:
        Here.world = self
        self.plan: Plan = plan
        self.shards: int = plan.shards
        self.rng = random.Random(plan.seed)
        self.started = START_US
        self.stage: Stage = Stage(START_US)
        self.stage.switched = _switched
        self.trace: list[str] | None = [] if trace else None
        self.calm = False
        self._ends = START_US
        self.lambdas = Lambdas(self)
        self.faults = meddler(self, plan)
        self.cloud: Cloud = Cloud(lambda: self.stage.now, random.Random(plan.seed + 1), self.faults)
        self.logs = LogGroups(self)
        self.cloud.services |= {"lambda": Functions(self), "logs": self.logs}
        self.pollers: dict[str, Poller] = {}
        self._deploy()
        self.checker = Checker(self)
        self.events = Events(self, plan.events)
        self.clients = Clients(self)
        self.watch = Watch(self)
        self._backstop_on = True
        self.stage.at(START_US + 1 * SECOND, self._backstop)

    # --- what a worker has around it (see standins.Surroundings) ---

    def now_us(self) -> int:
        """The clock of whoever asks."""
        actor = self.stage.current
        worker = actor.context.worker if actor is not None else None
        return self.stage.now + (worker.skew if worker is not None else 0)

    def monotonic(self) -> float:
        """Seconds since the history began."""
        return (self.stage.now - START_US) / SECOND

    def sleep(self, seconds: float) -> None:
        """Virtual time passes."""
        self.stage.pause(int(seconds * SECOND))

    def client(self, service: str) -> Any:
        """A client for the worker that is being made."""
        return Sdk(self.cloud.client(service, self.lambdas.building), self)

    def witnessed(self, stage: str, outcome: str, hashes: Any) -> None:
        """A witness's line was written."""
        self.checker.witnesses[stage].update(hashes)
        if self.stage.current is not None:
            self.logs.write(self.stage.current.context.function, stage, outcome, hashes)

    def logged(self, message: str, extra: Any) -> None:
        """A line of the log, for the trace."""
        self.watch.heard(message)
        if self.trace is not None:
            shown = {name: extra[name] for name in SHOWN if name in extra}
            self.note(f"log: {message} {shown}")

    # --- the run ---

    def run(self) -> None:
        """To the end. Raises Broken."""
        try:
            self._act(0)
            if self.clients.acts > 1:
                self._quiet_month()
                self._act(1)
            if self.events.fired["mended by hand"]:
                self.events.repair()
                self.stage.run(self.stage.now + 2 * deployed.BACKSTOP_SECONDS * SECOND)
            self.watch.end_of_probe()
            self._drain(self.stage.now, CALM_DRAINS_WITHIN if self.plan.calm else DRAINS_WITHIN)
            check_end(self)
        finally:
            self.stage.close()

    def _act(self, act: int) -> None:
        """Requests come and things break; then faults are over, and all must drain."""
        self.calm = False
        self._ends = max(self._ends, self.stage.now)
        self.clients.begin(act)
        self.watch.begin()
        self.stage.run(self._ends)
        last = self.stage.now
        self.stage.run(last + FAULTS_LAST * SECOND, self.drained)
        self.calm = True
        self.events.end()
        began, bound = last if self.plan.calm else self.stage.now, CALM_DRAINS_WITHIN if self.plan.calm else DRAINS_WITHIN
        self.note("FAULTS ARE OVER")
        self._drain(began, bound)

    def _drain(self, began: int, bound: int) -> None:
        """Go on until nothing is on its way any more, with an operator who redrives what is dead."""
        while not self.drained():
            self.events.redrive()
            self.stage.run(min(self.stage.now + REDRIVE_EVERY, began + bound), self.drained)
            if self.stage.now >= began + bound and not self.drained():
                raise Broken("drains", f"{bound // SECOND} s after faults were over: {self._left()}")

    def _quiet_month(self) -> None:
        """Nobody votes for 31 days: what has expired is gone, if DynamoDB has come to it."""
        self._backstop_on = False
        self.stage.run(self.stage.now + 31 * DAY)
        journal = self.table("journal").items
        for key in sorted(journal):
            if "expires" in journal[key] and int(journal[key]["expires"]["N"]) * SECOND < self.stage.now and self.rng.random() < 0.8:
                del journal[key]
                self.events.fired["expired"] += 1
        self.note("A QUIET MONTH")
        self.events.fired["quiet month"] += 1
        self._backstop_on = True
        self._backstop()

    def drained(self) -> bool:
        """Whether nothing is anywhere but in the tables, and all of it is counted."""
        if (
            self.stage.actors
            or self.clients.waiting
            or self.events.damaged
            or any(queue.messages for queue in self.cloud.sqs.queues.values())
        ):
            return False
        upto = self.checker.upto()
        heads = {shard: int(row["done"]["N"]) for (shard, n), row in self.table("journal").items.items() if n == 0}
        row = self.table("tallies").items.get(("#fold",), {})
        lengths = {shard: len(entries) for shard, entries in self.checker.entries.items() if entries}
        return "open" not in row and all(upto.get(shard, 0) == heads.get(shard) == n for shard, n in lengths.items())

    def _left(self) -> str:
        queues = {name: len(queue.messages) for name, queue in self.cloud.sqs.queues.items() if queue.messages}
        lengths = {shard: len(entries) for shard, entries in self.checker.entries.items()}
        actors = [actor.name for actor in self.stage.actors]
        return f"messages {queues}, running {actors}, entries {lengths}, counted {self.checker.upto()}, requests {self.clients.waiting}"

    # --- small things ---

    def woken(self, queue: Queue) -> None:
        """Something on a queue changed: its mapping looks when it may be received."""
        if poller := self.pollers.get(queue.name):
            poller.look_again()

    def lasts_until(self, time: int) -> None:
        """Faults are not over before."""
        self._ends = max(self._ends, time)

    def table(self, name: str) -> Any:
        """A table of the simulated DynamoDB."""
        return self.cloud.dynamodb.tables[f"{deployed.NAME}-{name}"]

    def verdict(self, row: Any, message: Message) -> tuple[str, Any]:
        """What must become of a ballot of an ingest message."""
        return verdict(row, message)

    def sleeping(self) -> bool:
        """Whether somebody runs whom Lambda has given up: a person waits for him to be gone before he mends what he may be at."""
        return any(actor.context.given_up for actor in self.stage.actors)

    def undisturbed(self) -> bool:
        """Whether nothing goes wrong but damaged entries."""
        return not (self.plan.faults or self.plan.skew or set(self.events.fired) - {"damage", "mended by hand"})

    def note(self, text: str) -> None:
        """A line of the trace."""
        if self.trace is not None:
            actor = self.stage.current
            self.trace.append(f"{(self.stage.now - START_US) / SECOND:12.3f}  {actor.name if actor else '·':<12} {text}")

    def _deploy(self) -> None:
        """Make queues, tables and the bucket."""
        for name, schema in deployed.TABLES.items():
            self.cloud.dynamodb.create_table(f"{deployed.NAME}-{name}", *schema)
        self.cloud.s3.create_bucket(deployed.BUCKET)
        fifo = {"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
        for mapping in deployed.MAPPINGS:
            kind = fifo if mapping.fifo else {}
            self.cloud.sqs.create_queue(mapping.dead_letters, {**kind, "MessageRetentionPeriod": "1209600"})
            policy = json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:::{mapping.dead_letters}", "maxReceiveCount": mapping.most_receives})
            settings = {"VisibilityTimeout": str(mapping.visibility), "DelaySeconds": str(mapping.delay), "RedrivePolicy": policy}
            self.pollers[mapping.name] = Poller(self, mapping, self.cloud.sqs.create_queue(mapping.name, {**kind, **settings}))

    def _backstop(self) -> None:
        """The schedule calls tally."""
        if not self._backstop_on:
            return
        self.stage.at(self.stage.now + deployed.BACKSTOP_SECONDS * SECOND, self._backstop)
        self.lambdas.invoke("tally", {"source": "schedule"}, lambda answer, died: None)


def _switched(left: Actor | None, entered: Actor | None) -> None:
    """Each worker is a process of its own: what its modules remember goes and comes with it."""
    if left is not None:
        left.look = queues._first_look
    if entered is not None:
        queues._first_look = entered.look
