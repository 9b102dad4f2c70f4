"""Runs a design: its functions get what the API and the queues would give them.

Units, CPU and what was counted in the end are noted.
"""

from __future__ import annotations

import gc
import io
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from botocore.httpsession import URLLib3Session

from shared import clock
from tools.bench.run import Run
from tools.bench.votes.contenders import Build, Design, Sizing, Stage
from tools.bench.votes.http_requests import ANSWER_HEAD, request_event
from tools.bench.votes.load import NOW, Ballot, Tallies, requests
from tools.bench.votes.storage import GbMonths
from tools.bench.votes.waits import Waits
from tools.simulation.aws import pollers
from tools.simulation.aws.meter import Meter
from tools.simulation.aws.wire import Killed, Message, Services

ENVIRON = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
}
API_CHUNK = 512 * 1024
FAILED_ROUNDS = 6


class _Log(io.TextIOBase):
    """Counts what is written, as CloudWatch would bill it."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def write(self, text: str) -> int:
        self._meter.add("log_bytes", len(text.encode()))
        if '"_aws"' in text:
            for directive in json.loads(text)["_aws"]["CloudWatchMetrics"]:
                self._meter.metrics.update(metric["Name"] for metric in directive["Metrics"])
        return len(text)


class Context:
    """What Lambda gives a handler, as far as handlers look."""

    function_name, function_version, aws_request_id, memory_limit_in_mb = "bench", "1", "request", 1769
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:bench"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass
class CountedRun(Run):
    """What ballots took, and what was counted of them in the end."""

    counted: Tallies = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """How a run goes.

    `a_request`: ballots a request (0: messages are put on the queue as receive would); `wave`:
    ballots between two folds; `rate`: what sizes batches (None: a backlog); `redelivered`: the
    share of batches that come twice.
    """

    a_request: int = 1
    wave: int = 50_000
    rate: float | None = None
    redelivered: float = 0.0
    seed: int = 1


class World:
    """One design deployed on services of its own."""

    def __init__(self, services: Services, design: Design, shape: Shape) -> None:
        self._services, self.design, self._shape = services, design, shape
        self._rng = random.Random(shape.seed)  # noqa: S311
        self._batches = 0
        self.run = CountedRun(design.name, 0, services.meter, {stage.name: stage.memory_mb for stage in design.stages})
        self._waits = Waits()
        services.heard = self._waits.hear
        self._storage = GbMonths(services.dynamodb, design)

    def take(self, drawn: Sequence[Ballot], advance: Callable[[], None]) -> CountedRun:
        """Let all ballots through, wave by wave; `advance` moves the services' clock by a slot."""
        self.run.items += len(drawn)
        for start in range(0, len(drawn), self._shape.wave):
            self.enter(drawn[start : start + self._shape.wave])
            set_aside()
            for stage in self.design.stages:
                if stage.queue:
                    self._consume(stage, stage.queue)
            advance()
        self.run.counted = self.design.counted()
        self._storage.charge(self._services.meter)
        return self.run

    def forget(self) -> None:
        """Begin to count anew; what is in the tables stays."""
        self.run.items = 0
        self.run.cpu.clear()
        self.run.wait.clear()
        self._services.meter.units.clear()
        self._storage.forget()

    def enter(self, drawn: Sequence[Ballot], a_request: int | None = None) -> None:
        """The ballots reach the first queue; `a_request` overrides the shape's."""
        together = self._shape.a_request if a_request is None else a_request
        meter, first = self._services.meter, self.design.stages[0]
        if not together and first.queue is None:
            assert self.design.message is not None
            ingest = self.design.stages[1].queue
            assert ingest is not None
            self._services.queues[ingest].messages += [Message(self.design.message(ballot)) for ballot in drawn]
            return
        for body in requests(drawn, max(1, together)):
            meter.stage = "api"
            meter.add("api_requests", 1 + len(body) // API_CHUNK)
            meter.add("access_log_bytes", self.design.access_line_bytes)
            if self.design.api_queue:
                meter.sqs(False, len(body))
                self._services.queues[self.design.api_queue].messages.append(Message(body))
                said = self.design.api_answer
            else:
                answer = self._invoke(first, request_event(body))
                assert answer["statusCode"] == 202, answer
                said = answer["body"]
            meter.stage = "api"
            meter.add("answer_bytes", len(ANSWER_HEAD) + len(said.encode()))

    def _consume(self, stage: Stage, url: str) -> None:
        """Give the function its queue, until nothing is left.

        A FIFO queue without a delay has no window: what one batch sent is taken before the next.
        """
        queue = self._services.queues[url]
        follows = [one for one in self.design.stages if one.at_once and one is not stage]
        for _ in range(FAILED_ROUNDS):
            messages, queue.messages = queue.messages, []
            if not messages:
                return
            for batch in self._batches_of(stage, queue.fifo, messages):
                queue.messages += self._deliver(stage, url, batch)
                if not stage.at_once:
                    for one in follows:
                        self._consume(one, one.queue or "")
        assert not queue.messages, (
            f"{self.design.name}: {stage.name} left {len(queue.messages)} messages after {FAILED_ROUNDS} rounds"
        )

    def _batches_of(self, stage: Stage, fifo: bool, messages: list[Message]) -> Iterator[list[Message]]:
        mapping, rate = stage.mapping, self._message_rate()
        if fifo:
            return pollers.fifo(messages, mapping.batch_size)
        return pollers.standard(messages, mapping.batch_size if rate is None else mapping.batch_at(rate))

    def _message_rate(self) -> float | None:
        """Messages a second on the first queue; None: a backlog."""
        rate = self._shape.rate
        return None if rate is None else rate / max(1, self._shape.a_request)

    def _deliver(self, stage: Stage, url: str, batch: list[Message]) -> list[Message]:
        """Give the function a batch, once or twice; the messages that it failed."""
        self._batches += 1
        queue = self._services.queues[url]
        self._services.meter.stage = stage.name
        first = next(one for one in self.design.stages if one.queue)
        a_receive = pollers.a_receive(self._message_rate() if stage is first else None)
        event = pollers.event(
            batch, self._batches, "arn:aws:sqs:us-east-1:000000000000:queue", self._services.now_us() // 1000
        )
        pollers.charge(self._services.meter, batch, a_receive, is_fifo=queue.fifo)
        if self._rng.random() < self._shape.redelivered:
            if self._rng.random() < 0.5:  # the worker died, somewhere
                self._services.kill_in = self._rng.randrange(1, 2 * max(2, len(batch)))
            try:
                self._invoke(stage, event)
            except Killed:
                self.design.restart()
            self._services.kill_in = None
        answer = self._invoke(stage, event)
        failed = {one["itemIdentifier"] for one in (answer or {}).get("batchItemFailures", ())}
        return [
            message for message, record in zip(batch, event["Records"], strict=True) if record["messageId"] in failed
        ]

    def _invoke(self, stage: Stage, event: dict[str, Any]) -> Any:
        meter = self._services.meter
        meter.stage = stage.name
        meter.add("lambda_requests")
        began, spent = time.process_time(), self._services.spent
        try:
            return stage.handler(event, Context())
        finally:
            self.run.cpu[stage.name] += time.process_time() - began - (self._services.spent - spent)  # type: ignore[assignment]
            self.run.wait[stage.name] += self._waits.take()  # type: ignore[assignment]


def set_aside() -> None:
    """Keep what the services hold by now out of the handlers' garbage collection.

    Real services hold it elsewhere.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def deployed(build: Build, sizing: Sizing, shape: Shape) -> Iterator[tuple[World, Services, Callable[[], None]]]:
    """A world with a design in it, and what moves its clock by a slot.

    Clocks, HTTP and output are the bench's meanwhile.
    """
    now = [round(NOW.timestamp() * 1_000_000)]

    def advance() -> None:
        now[0] += sizing.slot_seconds * 1_000_000

    meter = Meter()
    services = Services(lambda: now[0], meter)
    with (
        mock.patch.dict(os.environ, ENVIRON),
        mock.patch.object(URLLib3Session, "send", lambda _, request: services.send(request)),
        mock.patch.object(clock, "now_us", services.now_us),
        mock.patch.object(clock, "sleep", return_value=None),
        mock.patch.object(sys, "stdout", _Log(meter)),
    ):
        design = build(services, sizing)
        try:
            yield World(services, design, shape), services, advance
        finally:
            design.restart()
            gc.unfreeze()


def run(build: Build, sizing: Sizing, drawn: Sequence[Ballot], shape: Shape, warm: int = 0) -> CountedRun:
    """All ballots through a new deployment of the design.

    The first `warm` of them count, but not in units and CPU.
    """
    with deployed(build, sizing, shape) as (world, _, advance):
        if warm:
            world.take(drawn[:warm], advance)
            world.forget()
        return world.take(drawn[warm:], advance)
