"""The two runs: the same January against the same database, by lanes and by functions."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from receipts.delivery import postgres
from receipts.delivery.credentials import Login
from receipts.delivery.pace import Budget
from receipts.delivery.port import Database
from tools.bench.receipts.peak.bystander import ROLE, Bystander
from tools.bench.receipts.peak.curve import Curve
from tools.bench.receipts.peak.direct import Functions, Queue
from tools.bench.receipts.peak.load import Sender
from tools.common import loopback
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.local_cloud import emulator, processes
from tools.local_cloud.premises.stand_in import StandIn
from tools.local_cloud.runs import Run
from tools.operations.queues import depth
from tools.traffic.receipts import deliveries
from tools.traffic.receipts.deliveries import TABLE, WAITING, Delivered, DeliveryWatch

BUDGET = Budget(most_rows=100, latency_ms=250, most_rest_ms=2_000, linger_seconds=2)
WAY_MS = 15.0  # that each statement takes longer: the way there, over a VPN
BUSY_MS = 100.0  # and while the client closes its month, on the peak's days
BUSY = (26 / 31, 29 / 31)
STOP_SECONDS = 15.0
MODULE = "tools.bench.receipts.peak.lane_process"

Json = dict[str, Any]


@dataclass
class Result:
    """What one of the two came to.

    `seconds` from the first arrival to the last row, or to the bound. `dead`: rows whose message
    became a dead letter. `failures` by reason. `asked` and `refused`: of the client's own
    application, `took` (milliseconds) where it was answered. `twice`: rows that stand twice.
    """

    seen: Delivered
    seconds: float = 0.0
    dead: int = 0
    twice: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    asked: int = 0
    refused: int = 0
    took: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class World:
    """The database, the emulator's run for the queues, the curve, and how long to wait for it."""

    run: Run
    premises: StandIn
    curve: Curve
    bound: float
    say: Callable[[str], None]

    def by_lanes(self, lanes: int) -> Result:
        """Deliver by so many lanes, through queues of the emulator."""
        self._begin("4")
        sqs = self._sqs()
        urls = {name: sqs.create_queue(QueueName=f"peak-{name}")["QueueUrl"] for name in ("delivery", "delivered")}
        sender = Sender(sqs, urls["delivery"], self.curve, lambda: depth(sqs, urls["delivery"]).total)
        watch = DeliveryWatch(self.premises, sender.waiting)
        with self._lanes(lanes, urls), self._bystander() as other, watch:
            sender.start()
            try:
                self._until(watch, lambda: sender.sent == self.curve.rows and not watch.last[WAITING])
            finally:
                sender.end()
            result = Result(watch.seen, watch.seconds)
        if sender.error:
            raise CommandError(f"the load did not get into the queue: {sender.error}")
        return self._read(watch, result, other)

    def by_functions(self) -> Result:
        """Deliver by functions that have a connection each."""
        self._begin("-1")  # whose file caps nobody
        queue = Queue(self.curve)
        connect = self._connecting("function", self.premises.role, self.premises.password)
        with self._bystander() as other, DeliveryWatch(self.premises, lambda: queue.waiting) as watch:
            with Functions(queue, connect) as functions:
                self._until(watch, lambda: queue.is_over)
            result = Result(watch.seen, watch.seconds, queue.dead, failures=dict(functions.failures))
        return self._read(watch, result, other)

    def _begin(self, limit: str) -> None:
        """An empty table, nothing counted, and so many connections for the role."""
        self.premises.cut()
        self.premises.begin()
        self.premises.ask(f"TRUNCATE {TABLE}")
        self.premises.ask(f"ALTER ROLE {self.premises.role} CONNECTION LIMIT {limit}")

    def _until(self, watch: DeliveryWatch, is_over: Callable[[], bool]) -> None:
        """Wait until it is over, or for the bound; the database is slower on the peak's days."""
        slow, quiet = -1.0, 0
        while watch.seconds < self.bound and quiet < 3:
            share = watch.seconds / self.curve.seconds
            due = BUSY_MS if BUSY[0] <= share < BUSY[1] else WAY_MS
            if due != slow:
                self.premises.change(slow_ms=due)
                slow = due
            quiet = quiet + 1 if is_over() else 0
            time.sleep(deliveries.EVERY_SECONDS)
            self.say(f"{watch.seconds:5.0f} s  {watch.last[WAITING]} wait")

    def _read(self, watch: DeliveryWatch, result: Result, other: Bystander) -> Result:
        result.seen = watch.read()
        result.twice = deliveries.twice(self.premises)
        result.asked, result.refused, result.took = other.asked, other.refused, other.took
        return result

    def _bystander(self) -> Bystander:
        password = secrets.token_urlsafe(16)
        self.premises.ask(f"DROP ROLE IF EXISTS {ROLE}; CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'")
        return Bystander(self._connecting(ROLE, ROLE, password))

    def _connecting(self, name: str, user: str, password: str) -> Callable[[], Database]:
        login = Login.model_validate({**self.premises.credentials, "username": user, "password": password})
        return lambda: postgres.connect(login, name, TABLE)

    def _sqs(self) -> Any:
        state = self.run.state()
        return loopback.session(state["region"]).client("sqs", endpoint_url=state["endpoint"], **emulator.ROOT_KEYS)

    @contextmanager
    def _lanes(self, lanes: int, urls: Mapping[str, str]) -> Iterator[None]:
        """Processes, each a lane; one that ends by itself is told."""
        state = self.run.state()
        told: Json = {
            "endpoint": state["endpoint"],
            "region": state["region"],
            "login": self.premises.credentials,
            "budget": BUDGET.model_dump(),
            "table": TABLE,
            **{f"{name}_queue_url": url for name, url in urls.items()},
        }
        started = [_started(self.run, told | {"name": f"lane-{number}"}) for number in range(lanes)]
        try:
            yield
            ended = [lane.returncode for lane in started if lane.poll() is not None]
        finally:
            for lane in started:
                _stop(lane)
        if ended:
            raise CommandError(f"{len(ended)} lanes ended by themselves: {self.run.folder / 'lanes.log'} says why")


def _started(run: Run, told: Json) -> subprocess.Popen[str]:
    environment = {**loopback.environment(), "PYTHONPATH": f"{ROOT}:{ROOT / 'lambda_src'}", run.mark[0]: run.mark[1]}
    with open(run.folder / "lanes.log", "a") as log:
        lane = subprocess.Popen(
            [sys.executable, "-m", MODULE], stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment, text=True
        )
    assert lane.stdin is not None
    lane.stdin.write(json.dumps(told) + "\n")
    lane.stdin.flush()
    return lane


def _stop(lane: subprocess.Popen[str]) -> None:
    """End a lane's input, and with it the lane."""
    if lane.stdin is not None:
        lane.stdin.close()
    try:
        lane.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        lane.kill()
        lane.wait(processes.POLL_SECONDS * 100)
