"""work in virtual time: its own handler on simulated services; the stand-in's core as vendor."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

from harvest import messages, token
from harvest.accounts import Accounts
from harvest.calling import Calling
from harvest.ledger import Ledger, key_of
from harvest.messages import ParcelMessage
from harvest.parcels import Parcel, Task, parcel_of, place
from harvest.run_ledger import RunLedger
from harvest.run_rows import RUNNING, Run
from harvest.settings import WorkSettings
from harvest.token import Tokens
from harvest.vendors.monitor import Monitor
from harvest.work import Work
from shared import clock, fanout, logs
from tools.local_cloud.vendor.settings import Settings
from tools.local_cloud.vendor.vendor import Vendor
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud
from tools.simulation.harvest.beside import Actors, Calls
from tools.simulation.stage import Actor, Crash, Stage

Json = dict[str, Any]

NOW_US = 1_796_007_600_000_000
SECOND = 1_000_000
RUN, ACCOUNT = "run-1", "acme"
PACE: Json = {"tolerance_ms": 50, "clock_ms": 5, "call_ms": 5000, "grace_ms": 1000, "attempts": 3}
LIMITS: Json = {"limits": [{"calls": 100, "seconds": 1}]}
STEP_MS = 20.0


class World:
    """A ledger, an account, a vendor, and workers. `calls` of the services are kept."""

    def __init__(self, patch: pytest.MonkeyPatch, **vendor: Any) -> None:
        self.stage = Stage(NOW_US)
        self.calls: list[Call] = []
        self.kill_at: tuple[str, bool] | None = None  # an operation, and whether after its effect
        self.skew_us = 0
        self.slow_seconds = 0.005
        self.cloud = Cloud(lambda: self.stage.now, random.Random(1), self)
        self.dynamodb, self.s3, self.secrets, self.sqs = map(
            self.cloud.client, ("dynamodb", "s3", "secretsmanager", "sqs")
        )
        patch.setattr(clock, "now_us", lambda: self.stage.now + self.skew_us)
        patch.setattr(clock, "sleep", lambda seconds: self.stage.pause(int(seconds * SECOND)))
        patch.setattr(fanout, "each", lambda call, items: [call(item) for item in items])
        self.logged: list[tuple[str, Json]] = []
        patch.setattr(logs, "logger", lambda: self)
        patch.setattr(logs, "count", lambda counts: None)
        patch.setattr(logs, "count_always", lambda name, n: None)
        plain = {"groups": {"a": 30}, "limits": [{"calls": 10**6, "seconds": 1}], "latency": [0.1, 0.3], **vendor}
        self.vendor = Vendor(Settings().changed(plain), lambda: self.stage.now / SECOND, "s3cret")
        self.poisoned: set[str] = set()
        self._build()

    def _build(self) -> None:
        for name, keys in (("ledger", ("run_id", "item")), ("accounts", ("account",))):
            self.cloud.dynamodb.create_table(name, *((key, "S") for key in keys))
        for name in ("results", "quarantine"):
            self.s3.create_bucket(Bucket=name)
        for name in ("turn.fifo", "parcel"):
            self.cloud.sqs.create_queue(name, {"FifoQueue": "true"} if name.endswith("fifo") else {})
        text = json.dumps({"client_id": "sluice", "client_secret": "s3cret"})
        self.secret = self.cloud.secrets.create("vendor", text).arn
        self.ledger, self.runs = Ledger(self.dynamodb, "ledger"), RunLedger(self.dynamodb, "ledger")
        self.runs.create(Run(RUN, "daily", ACCOUNT, RUNNING, self.now_ms, 10_000))
        self.accounts = Accounts(self.dynamodb, "accounts")
        self.work = self.worker()

    def worker(self) -> Work:
        """A new worker."""
        config = WorkSettings.model_validate(
            {
                "ledger_table": "ledger",
                "accounts_table": "accounts",
                "turn_queue_url": self.cloud.sqs.url("turn.fifo"),
                "parcel_queue_url": self.cloud.sqs.url("parcel"),
                "results_bucket": "results",
                "quarantine_bucket": "quarantine",
                "vendor_secret_arn": self.secret,
                "vendor": json.dumps({"name": "monitor", "url": "https://vendor.example", "account": ACCOUNT}),
                "limits": json.dumps(LIMITS),
                "pace": json.dumps(PACE),
            }
        )
        calls = Calls(self.stage, self.vendor, 5.0, lambda: 0.001, lambda path: path in self.poisoned)
        tokens = Tokens(self.dynamodb, self.secrets, "accounts", ACCOUNT, self.secret, Monitor(), calls)
        calling = Calling(Monitor(), calls, tokens, Actors(self.stage), config.pace, 60.0)
        return Work(config, self.dynamodb, self.s3, self.sqs, calling)

    # what meddles with every call

    def before(self, call: Call) -> None:
        """Time passes, and the worker may be killed."""
        self.calls.append(call)
        if self.stage.current is not None:
            self.stage.pause(int(self.slow_seconds * SECOND))
        if self.kill_at == (call.operation, False):
            raise Crash

    def after(self, call: Call, answer: Json) -> None:
        """The worker may be killed once it took effect."""
        if self.kill_at == (call.operation, True):
            raise Crash

    # what the log says

    def info(self, message: str, extra: Json | None = None) -> None:
        """A line."""
        self.logged.append((message, extra or {}))

    warning = error = info

    # the pacer's part

    @property
    def now_ms(self) -> int:
        return self.stage.now // 1000

    def put(self, tasks: Sequence[Task], name: str = "p") -> Parcel:
        """An open parcel."""
        parcel = parcel_of(name, tasks)
        self.ledger.put_children(RUN, [parcel])
        return parcel

    def hosts(self, number: int, group: str = "a") -> list[Task]:
        """So many listings of data groups."""
        return [Task("data groups", (group, f"{group}-host-{n:05}")) for n in range(number)]

    def slots(self, number: int, lead_ms: float = 200, step_ms: float = STEP_MS) -> list[float]:
        return [self.now_ms + lead_ms + n * step_ms for n in range(number)]

    def record(self, parcel: Parcel, slots: Sequence[float], **more: Any) -> Json:
        """A message of the queue. `stops`, `receives`, `first_ms` are as they should be."""
        stops = more.get("stops", self.accounts.get(ACCOUNT).stops)
        body = messages.encode_parcel(ParcelMessage(RUN, parcel.id, tuple(slots), stops)).body
        attributes = {
            "SentTimestamp": str(self.now_ms),
            "ApproximateFirstReceiveTimestamp": str(more.get("first_ms", self.now_ms)),
            "ApproximateReceiveCount": str(more.get("receives", 1)),
        }
        return {"messageId": "m", "receiptHandle": "h", "body": body, "attributes": attributes}

    def handle(self, *records: Json, work: Work | None = None) -> list[Any]:
        """Have workers take these records, each its own, all at once; their answers, or what they
        died of.
        """
        ended: list[Any] = []
        for record in records:
            worker = work or (self.work if len(records) == 1 else self.worker())
            actor = Actor("work", lambda w=worker, r=record: w.handle({"Records": [r]}, None))  # type: ignore[misc]
            self.stage.start(actor, lambda answer, died: ended.append(died or answer))
        self.stage.run(self.stage.now + 120 * SECOND, lambda: len(ended) == len(records))
        return ended

    def do(self, tasks: Sequence[Task], name: str = "p", **more: Any) -> Parcel:
        """Let a parcel out, have it worked on: the parcel as it is then."""
        parcel = self.put(tasks, name)
        (answer,) = self.handle(self.record(parcel, self.slots(len(tasks)), **more))
        assert answer == {"batchItemFailures": []}, (answer, self.logged)
        return self.read(name)

    # what came of it

    def read(self, name: str = "p") -> Parcel:
        return self.ledger.parcels(RUN, [name])[name]

    def children(self, parcel: Parcel) -> list[Parcel]:
        """The children that a commit names."""
        found = self.ledger.parcels(RUN, list(parcel.child_ids()))
        return [found[one] for one in parcel.child_ids()]

    def lines(self, key: str) -> list[Json]:
        """What an object of answers holds."""
        body = self.cloud.s3.buckets["results"][key].body
        return [json.loads(line) for line in gzip.decompress(body).splitlines()]

    def quarantined(self) -> list[Json]:
        found = self.cloud.s3.buckets["quarantine"].values()
        return [json.loads(line) for item in found for line in item.body.splitlines()]

    def arrivals_ms(self) -> list[float]:
        """When calls reached the vendor, after the first slot of those in `slots`."""
        return [seen.at * 1000 for seen in self.vendor.log]

    def row(self, item: str) -> Json:
        """A raw row of the ledger."""
        asked = {"TableName": "ledger", "Key": key_of(RUN, place(item)), "ConsistentRead": True}
        found: Json = self.dynamodb.get_item(**asked)["Item"]
        return found

    def account_row(self) -> Json:
        return self.cloud.dynamodb.table("accounts").items.get((ACCOUNT,), {})

    def with_token(self) -> World:
        """Have a token before the test begins, and forget the calls that it took."""
        tokens = self.work._calling.tokens
        ended: list[Any] = []
        self.stage.start(Actor("t", lambda: tokens.current(token.State())), lambda a, d: ended.append(d or a))
        self.stage.run(self.stage.now + 60 * SECOND, lambda: bool(ended))
        assert isinstance(ended[0], token.Token), ended
        self.calls.clear()
        return self
