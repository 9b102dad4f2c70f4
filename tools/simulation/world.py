"""A seeded world: the very handlers of lambda_src on a simulated cloud, in virtual time, with
everything that may break.

Each pipeline's world adds what it is about: its history, its checker, what a worker of it is given.
"""

import json
import random
from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol

from shared import queues
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud
from tools.simulation.aws.messages import Message
from tools.simulation.aws.queues import Queue
from tools.simulation.broken import Broken
from tools.simulation.cells import Matrix
from tools.simulation.deployed import Deployed, Mapping
from tools.simulation.events import Events
from tools.simulation.faults import Faults, Sdk
from tools.simulation.lambdas import Invocation, Lambdas
from tools.simulation.mappings import Poller
from tools.simulation.notifications import Notifier
from tools.simulation.plan import Plan
from tools.simulation.services import Functions, LogGroups
from tools.simulation.stage import Actor, Stage
from tools.simulation.surroundings import Here, Release

SECOND = 1_000_000
SKEW_SECONDS = 300  # that workers' clocks are off at most
FAULTS_LAST = 500  # seconds after the last request: what is delivered again then meets them too
REDRIVE_EVERY = 600 * SECOND  # once faults are over
# once faults are over: sleepers wake within an hour, redrives and receives follow
DRAINS_WITHIN = 4 * 3600 * SECOND
CALM_DRAINS_WITHIN = 120 * SECOND  # where nothing went wrong at all
SHOWN = ("place", "kind", "at", "detail", "stopped", "shard")  # of a line of the log, in a trace
FIFO = {"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}


class Checker(Protocol):
    """What watches a history as it happens."""

    def effect(self, call: Call, answer: dict[str, Any]) -> None:
        """A call took effect."""

    def moving(self) -> AbstractContextManager[None]:
        """Messages leave one queue and join another in here."""

    def replaced(self, messages: Sequence[Message]) -> None:
        """These messages are not on their queue any more."""


class World:
    """One history. A pipeline's world sets `checker` and `events` when it is made."""

    deployed: ClassVar[Deployed]
    matrix: ClassVar[Matrix]
    checker: Checker
    events: Events

    def __init__(self, plan: Plan, started: int, trace: bool = False, meddler: type[Faults] = Faults) -> None:
        Here.world = self
        self.plan = plan
        self.rng = random.Random(plan.seed)
        self.started = started
        self.stage: Stage = Stage(started)
        self.stage.switched = _switched
        self.trace: list[str] | None = [] if trace else None
        self.calm = False
        self._ends = started
        self.lambdas = Lambdas(self)
        self.faults = meddler(self, plan)
        self.cloud: Cloud = Cloud(lambda: self.stage.now, random.Random(plan.seed + 1), self.faults)
        self.logs = LogGroups(self)
        self.cloud.services |= {"lambda": Functions(self), "logs": self.logs}
        self.pollers: dict[str, Poller] = {}
        self.notifiers: dict[str, Notifier] = {}  # by their bucket
        self._deploy()

    # --- what a pipeline's world says of itself ---

    def play(self) -> None:
        """The history itself. Raises Broken."""
        raise NotImplementedError

    def begin(self, act: int) -> None:
        """Plan all that is to come in an act, from now on."""
        raise NotImplementedError

    def waiting(self) -> int:
        """How many requests are still to come, or to be answered."""
        raise NotImplementedError

    def unfinished(self) -> str:
        """What of the pipeline's own is not done yet, for a person."""
        raise NotImplementedError

    def releases(self) -> tuple[Release, Release]:
        """This release and a later one."""
        raise NotImplementedError

    def settings(self, model: Any) -> Any:
        """A function's settings, as shared.settings loads them from its environment."""
        raise NotImplementedError

    def clock_error(self, function: str) -> int:
        """How far (µs) the clock of a new worker of a function is off."""
        return int(self.rng.uniform(-1, 1) * SKEW_SECONDS * SECOND) if self.plan.skew else 0

    def arguments(self, function: str, event: dict[str, Any], context: Invocation) -> tuple[Any, ...]:
        """What a function's handler hands on of the event and the context."""
        return (event, context)

    def answered(self, function: str, answer: Any) -> None:
        """A function that another one invoked has answered."""

    def left(self, context: Invocation, died: BaseException | None) -> None:
        """An invocation is over, and its process is gone where it died."""

    def counts(self) -> dict[str, int]:
        """What the history came to, for a person."""
        raise NotImplementedError

    def traffic(self) -> dict[str, int]:
        """What of it was on the queues, and how often."""
        delivered = [times for poller in self.pollers.values() for times in poller.delivered.values()]
        return {
            "messages": len(delivered),
            "redeliveries": sum(delivered) - len(delivered),
            "dead letters redriven": self.events.redriven,
            "sleepers that came back": self.lambdas.sleepers,
        }

    def befell(self) -> dict[str, int]:
        """How often each event had an effect."""
        return {**self.events.fired, "clock skew": int(self.plan.skew)}

    # --- what a worker has around it (see surroundings.Surroundings) ---

    def now_us(self) -> int:
        """The clock of whoever asks."""
        actor = self.stage.current
        worker = actor.context.worker if actor is not None else None
        return self.stage.now + (worker.skew if worker is not None else 0)

    def monotonic(self) -> float:
        """Seconds since the history began."""
        return (self.stage.now - self.started) / SECOND

    def sleep(self, seconds: float) -> None:
        """Virtual time passes."""
        self.stage.pause(int(seconds * SECOND))

    def client(self, service: str) -> Any:
        """A client for the worker that is being made."""
        return Sdk(self.cloud.client(service, self.lambdas.building), self)

    def witnessed(self, line: ReadOnly[str, Any]) -> None:
        """A witness's line was written."""
        if self.stage.current is not None:
            self.logs.write(self.stage.current.context.function, line)

    def logged(self, message: str, extra: ReadOnly[str, Any]) -> None:
        """A line of the log, for the trace."""
        if self.trace is not None:
            shown = {name: extra[name] for name in SHOWN if name in extra}
            self.note(f"log: {message} {shown}")

    # --- the run ---

    def run(self) -> None:
        """To the end. Raises Broken."""
        try:
            self.play()
        finally:
            self.stage.close()

    def act(self, number: int) -> None:
        """Requests come and things break; then faults are over, and all must drain."""
        self.calm = False
        self._ends = max(self._ends, self.stage.now)
        self.begin(number)
        self.stage.run(self._ends)
        last = self.stage.now
        self.stage.run(last + FAULTS_LAST * SECOND, self.drained)
        self.calm = True
        self.events.end()
        self.note("FAULTS ARE OVER")
        self.drain(last if self.plan.calm else self.stage.now)

    def drain(self, began: int) -> None:
        """Go on until nothing is on its way any more, with an operator who redrives what is dead.

        Raises Broken where it lasts too long after `began`.
        """
        bound = self.drains_within()
        while not self.drained():
            self.events.redrive()
            self.stage.run(min(self.stage.now + REDRIVE_EVERY, began + bound), self.drained)
            if self.stage.now >= began + bound and not self.drained():
                raise Broken("drains", f"{bound // SECOND} s after faults were over: {self._left()}")

    def drains_within(self) -> int:
        """How long (µs) it may take until nothing is on its way any more."""
        return CALM_DRAINS_WITHIN if self.plan.calm else DRAINS_WITHIN

    def drained(self) -> bool:
        """Whether nothing is on its way any more."""
        running = any(not actor.stays for actor in self.stage.actors)
        return not (running or self.waiting() or any(queue.messages for queue in self.cloud.sqs.queues.values()))

    def _left(self) -> str:
        queues = {name: len(queue.messages) for name, queue in self.cloud.sqs.queues.items() if queue.messages}
        actors = [actor.name for actor in self.stage.actors]
        return f"messages {queues}, running {actors}, {self.unfinished()}, requests {self.waiting()}"

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
        return self.cloud.dynamodb.tables[self.deployed.table(name)]

    def sleeping(self) -> bool:
        """Whether somebody runs whom Lambda has given up.

        A person waits for them to be gone before mending what they may be at.
        """
        return any(actor.context.given_up for actor in self.stage.actors)

    def note(self, text: str) -> None:
        """A line of the trace."""
        if self.trace is not None:
            actor = self.stage.current
            self.trace.append(f"{self.monotonic():12.3f}  {actor.name if actor else '·':<12} {text}")

    def _deploy(self) -> None:
        """Make queues, tables and buckets."""
        for name, schema in self.deployed.tables.items():
            indexes = self.deployed.indexes.get(name, ())
            self.cloud.dynamodb.create_table(self.deployed.table(name), *schema, indexes=indexes)
        for bucket in self.deployed.buckets:
            self.cloud.s3.create_bucket(bucket)
        for one in self.deployed.queues:
            kind = FIFO if one.fifo else {}
            self.cloud.sqs.create_queue(one.dead_letters, {**kind, "MessageRetentionPeriod": "1209600"})
            target = f"arn:aws:sqs:::{one.dead_letters}"
            settings = {
                "VisibilityTimeout": str(one.visibility),
                "DelaySeconds": str(one.delay),
                "MessageRetentionPeriod": str(one.kept),
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": one.most_receives}),
            }
            queue = self.cloud.sqs.create_queue(one.name, {**kind, **settings})
            if isinstance(one, Mapping):
                self.pollers[one.name] = Poller(self, one, queue)
        for notification in self.deployed.notifications:
            self.notifiers[notification.bucket] = Notifier(self, notification)


def _switched(left: Actor | None, entered: Actor | None) -> None:
    """Each worker is a process of its own: what its modules remember goes and comes with it."""
    if left is not None:
        left.look = queues._first_check
    if entered is not None:
        queues._first_check = entered.look
