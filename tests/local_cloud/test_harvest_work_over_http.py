"""work with its own threads and HTTP, against the stand-in that is served: real time, real calls.

What is timed depends on the machine, and is printed; what is counted is held.
"""

from __future__ import annotations

import json
import random
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from harvest import messages
from harvest.caller import Caller
from harvest.calling import Calling
from harvest.ledger import Ledger
from harvest.messages import ParcelMessage
from harvest.parcels import Task, root_id
from harvest.run_ledger import RunLedger
from harvest.run_rows import RUNNING, Run
from harvest.settings import WorkSettings
from harvest.threads import Threads
from harvest.token import Tokens
from harvest.vendors.monitor import Monitor
from harvest.work import Work
from shared import logs
from tools.local_cloud import emulator
from tools.local_cloud import runs as local
from tools.local_cloud.vendor import stand_in
from tools.local_cloud.vendor.stand_in import StandIn
from tools.simulation.aws.cloud import Cloud

CALLS, SECONDS, WORKERS = 60, 2.0, 4
PACE = {"tolerance_ms": 60, "clock_ms": 0, "way_ms": 60, "call_ms": 3000, "lead_ms": 300}
STEP_MS = (1000 * SECONDS + 120) / CALLS


class Fleet:
    """Workers on simulated services in real time, and a plain pacer: slots one after the other."""

    def __init__(self, vendor: StandIn) -> None:
        self.cloud = Cloud(lambda: time.time_ns() // 1000, random.Random(1))
        self.dynamodb, self.s3 = self.cloud.client("dynamodb"), self.cloud.client("s3")
        for name, keys in (("ledger", ("run_id", "item")), ("accounts", ("account",))):
            self.cloud.dynamodb.create_table(name, *((key, "S") for key in keys))
        for name in ("results", "quarantine"):
            self.s3.create_bucket(Bucket=name)
        self.cloud.sqs.create_queue("turn.fifo", {"FifoQueue": "true"})
        self.secret = self.cloud.secrets.create("vendor", json.dumps(vendor.credentials)).arn
        self.ledger = Ledger(self.dynamodb, "ledger")
        now = time.time_ns() // 1_000_000
        RunLedger(self.dynamodb, "ledger").create(Run("r", "daily", "acme", RUNNING, now, 10_000))
        self.workers = [self._worker(vendor.address) for _ in range(WORKERS)]

    def _worker(self, url: str) -> Work:
        config = WorkSettings.model_validate(
            {
                "ledger_table": "ledger",
                "accounts_table": "accounts",
                "turn_queue_url": self.cloud.sqs.url("turn.fifo"),
                "parcel_queue_url": "https://queue",
                "results_bucket": "results",
                "quarantine_bucket": "quarantine",
                "vendor_secret_arn": self.secret,
                "vendor": json.dumps({"name": "monitor", "url": url, "account": "acme"}),
                "limits": json.dumps({"limits": [{"calls": CALLS, "seconds": SECONDS}]}),
                "pace": json.dumps(PACE),
            }
        )
        secrets, caller = self.cloud.client("secretsmanager"), Caller(url, 3.0, 25)
        tokens = Tokens(self.dynamodb, secrets, "accounts", "acme", self.secret, Monitor(), caller)
        calling = Calling(Monitor(), caller, tokens, Threads(26), config.pace, SECONDS)
        return Work(config, self.dynamodb, self.s3, self.cloud.client("sqs"), calling)

    def harvest(self, until: float) -> None:
        """Let parcels out until there are no more, by then (time.monotonic)."""
        self.ledger.put_root("r", 0, "k", tasks=[[Task("groups")]])
        waiting = deque(self.ledger.parcels("r", [root_id(0)])[root_id(0)].child_ids())
        free, slot = deque(self.workers), 0.0
        out: dict[str, tuple[Work, Future[Any]]] = {}
        with ThreadPoolExecutor(WORKERS) as pool:
            while (waiting or out) and time.monotonic() < until:
                while waiting and free and slot < time.time() * 1000 + 1000:
                    parcel = self.ledger.parcels("r", [waiting[0]])[waiting.popleft()]
                    first = max(slot, time.time() * 1000 + PACE["lead_ms"])
                    slots = tuple(first + n * STEP_MS for n in range(len(parcel.tasks)))
                    slot, worker = slots[-1] + STEP_MS, free.popleft()
                    record = _record(ParcelMessage("r", parcel.id, slots, 0))
                    out[parcel.id] = worker, pool.submit(worker.handle, {"Records": [record]}, None)
                time.sleep(0.01)
                for parcel_id in [one for one, (_, future) in out.items() if future.done()]:
                    worker, future = out.pop(parcel_id)
                    assert future.result() == {"batchItemFailures": []}
                    free.append(worker)
                    waiting.extend(self.ledger.parcels("r", [parcel_id])[parcel_id].child_ids())


def _record(message: ParcelMessage) -> dict[str, Any]:
    now = str(time.time_ns() // 1_000_000)
    attributes = {"ApproximateFirstReceiveTimestamp": now, "ApproximateReceiveCount": "1"}
    body = messages.encode_parcel(message).body
    return {"messageId": "m", "receiptHandle": "h", "body": body, "attributes": attributes}


def test_a_small_harvest_over_http_is_complete_and_repeats_nothing(
    run: local.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "count", lambda counts: None)
    emulator.start(run)
    vendor = stand_in.start(run)
    limits = [{"calls": CALLS, "seconds": SECONDS, "window": "sliding"}]
    vendor.ask("begin", groups={"small": 2, "large": 25}, limits=limits, latency=[0.05, 0.3], token_seconds=20)
    fleet = Fleet(vendor)
    began = time.monotonic()
    fleet.harvest(began + 30)
    found = vendor.ask("judge")
    log = vendor.ask("log")["calls"]
    rate = (len(log) - 1) / (log[-1][0] - log[0][0]) / (CALLS / SECONDS)
    print(f"{found['calls']} calls, {found['over']} over the limit, {rate:.3f} of what is permitted over all")
    assert all(there == answered for there, answered in found["complete"].values()), found["missing"]
    assert found["repeated"] == {}
    assert found["calls"] - found["throttled"] == sum(
        parcel.outcomes.count("ok") for parcel in fleet.ledger.read("r")[1].values()
    )
