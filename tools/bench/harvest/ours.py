"""The harvest itself, in virtual time: its own functions on simulated services."""

from __future__ import annotations

import json
import logging
import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from harvest import pace, run_rows
from harvest.calling import Calling
from harvest.mending import Mending
from harvest.settings import PaceSettings, StartSettings, StoreSettings, WorkSettings
from harvest.start import Start
from harvest.store import Store
from harvest.token import Tokens
from harvest.vendor import Answer, Request
from harvest.vendors.monitor import Monitor
from harvest.work import Work
from shared import clock, fanout, logs
from tools.bench.harvest.billing import Billing
from tools.bench.harvest.trial import LATE, NOW, SECRET, SMALL, WAY, Came, Misfortunes, Terms, chance, judged
from tools.local_cloud.vendor.tokens import CLIENT_ID
from tools.simulation.aws.cloud import Cloud
from tools.simulation.harvest.beside import Actors, Calls
from tools.simulation.stage import Actor, Stage

SECOND = 1_000_000
ACCOUNT, NAME = "bench", "bench"
# J: what one call may be longer on its way than another, and how late a slot may be used
PACE = {"way_ms": round(WAY * 1000), "tolerance_ms": 10, "clock_ms": 0}
MOST_AT_ONCE = 10  # workers, as environments/local has them
MEMORY_MB = {"start": 256, "pace": 512, "work": 512, "store": 1024}  # the pipeline's defaults
POLL_SECONDS, COLD_SECONDS, CALL_SECONDS = 0.05, 0.5, 10.0
WAKE_SECONDS = 60.0
AGAIN_SECONDS = 5.0  # until what store gave back comes again
MOST_SECONDS = 3600

Json = dict[str, Any]


class Watched(Calls):
    """Calls of the vendor, after each of which misfortunes may come."""

    def __init__(self, stage: Stage, vendor: Any, rng: random.Random, look: Callable[[], None]) -> None:
        super().__init__(stage, vendor, CALL_SECONDS, lambda: rng.uniform(0, WAY))
        self._look = look

    def call(self, request: Request) -> Answer:
        """Send a request once."""
        answer = super().call(request)
        self._look()
        return answer


class Harvest:
    """A harvest at work, from the start of its run to its end."""

    def __init__(self, terms: Terms) -> None:
        self._terms, self._rng = terms, chance(terms)
        self.stage = Stage(int(NOW * SECOND))
        self.billing = Billing(self.stage)
        self._cloud = Cloud(lambda: self.stage.now, self._rng, self.billing)
        self.billing.dynamodb = self._cloud.dynamodb
        self._vendor = terms.vendor(lambda: self.stage.now / SECOND)
        self._waiting: deque[str] = deque()  # messages of the parcel queue
        self._free: list[Work] = []  # workers that are warm and have nothing to do
        self._busy = self._kills = 0
        self._misfortunes = Misfortunes(terms, self._vendor, self._add_small, self._kill)
        self._run_id = ""
        self._make()

    def run(self) -> Came:
        """Until the run is over and stored."""
        with _virtual(self.stage, self._rng):
            self.stage.at(self.stage.now, lambda: self._do("start", lambda: self._begin({"name": NAME})))
            self.stage.at(self.stage.now + int(WAKE_SECONDS * SECOND), self._wake)
            self.stage.run(self.stage.now + MOST_SECONDS * SECOND, self._is_over)
            self.stage.close()
        self.billing.meter.add("schedule_calls", self.stage.now / SECOND // WAKE_SECONDS - NOW // WAKE_SECONDS)
        return judged(self._terms, self._vendor, self._misfortunes.times, self.billing.units())

    def _make(self) -> None:
        """Tables, buckets, queues, the secret, and the functions."""
        cloud = self._cloud
        for name, keys in (("ledger", ("run_id", "item")), ("accounts", ("account",))):
            cloud.dynamodb.create_table(name, *((key, "S") for key in keys))
        for bucket in ("results", "quarantine"):
            cloud.client("s3").create_bucket(Bucket=bucket)
        for name in ("turn.fifo", "parcel", "store"):
            cloud.sqs.create_queue(name, {"FifoQueue": "true"} if name.endswith("fifo") else {})
        cloud.sqs.on_send(lambda queue, message: self._sent(queue.name, message.body))
        secret = cloud.secrets.create("vendor", json.dumps({"client_id": CLIENT_ID, "client_secret": SECRET})).arn
        self._settings = _settings(self._terms, cloud, secret)
        clients = {name: cloud.client(name) for name in ("dynamodb", "sqs", "s3", "secretsmanager")}
        dynamodb, sqs, s3 = clients["dynamodb"], clients["sqs"], clients["s3"]
        mending = Mending(dynamodb, clients["secretsmanager"], "accounts", ACCOUNT, secret)
        self._start = Start(_read(StartSettings, self._settings), Monitor(), mending, dynamodb, sqs)
        config = _read(PaceSettings, self._settings)
        self._pacer = pace.Pace(config, pace.means_of(config, dynamodb, sqs, s3))
        self._store = Store(_read(StoreSettings, self._settings), dynamodb, s3, sqs)
        self._clients = clients

    def _worker(self) -> Work:
        """A worker, new."""
        config = _read(WorkSettings, self._settings)
        calls = Watched(self.stage, self._vendor, self._rng, lambda: self._misfortunes.look(self.stage.now / SECOND))
        services = self._clients["dynamodb"], self._clients["secretsmanager"]
        tokens = Tokens(*services, "accounts", ACCOUNT, config.vendor_secret_arn, Monitor(), calls)
        calling = Calling(Monitor(), calls, tokens, Actors(self.stage), config.pace, self._terms.window)
        return Work(config, self._clients["dynamodb"], self._clients["s3"], self._clients["sqs"], calling)

    def _sent(self, queue: str, body: str) -> None:
        """A message is delivered a moment later, to a worker that is there or made."""
        if queue == "parcel":
            self._waiting.append(body)
            self._later(POLL_SECONDS, self._next)
        elif queue == "turn.fifo":
            event = {"Records": [{"messageId": "m", "body": body}]}
            self._later(POLL_SECONDS, lambda: self._do("pace", lambda: self._pacer.handle(event, self)))
        else:
            self._later(POLL_SECONDS, lambda: self._merge(body))

    def _merge(self, body: str) -> None:
        """Have store take a message, and again a while later where it gives it back."""
        event = {"Records": [_record(body, self.stage.now)]}

        def ended(answer: Any) -> None:
            if answer["batchItemFailures"]:
                self._later(AGAIN_SECONDS, lambda: self._merge(body))

        self._do("store", lambda: self._store.handle(event, self), ended)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self.stage.at(self.stage.now + int(seconds * SECOND), act)

    def _next(self) -> None:
        """Let a worker take the next parcel, if one is free or may be made."""
        if not self._waiting or self._busy >= MOST_AT_ONCE:
            return
        body, kills = self._waiting.popleft(), self._kills
        received = self.stage.now
        cold = 0.0 if self._free else COLD_SECONDS
        worker = self._free.pop() if self._free else self._worker()
        self._busy += 1

        def ended(_: object) -> None:
            if kills == self._kills:
                self._busy -= 1
                self._free.append(worker)
                self._next()

        event = {"Records": [_record(body, received)]}
        self._later(cold, lambda: self._do("work", lambda: worker.handle(event, None), ended))

    def _do(self, function: str, work: Callable[[], object], ended: Callable[[Any], None] = lambda _: None) -> None:
        """An invocation of a function."""
        began = self.stage.now

        def over(answer: object, died: BaseException | None) -> None:
            if died is not None:
                raise died
            self.billing.invoked((self.stage.now - began) / SECOND, MEMORY_MB[function])
            ended(answer)

        self.stage.start(Actor(function, work), over)

    def _begin(self, asked: Json) -> None:
        said = self._start.handle(asked)
        self._run_id = self._run_id or said.get("run_id", "")

    def _wake(self) -> None:
        self._do("start", lambda: self._start.handle({"wake": True}))
        self._later(WAKE_SECONDS, self._wake)

    def _add_small(self) -> None:
        asked = {"name": NAME, "groups": [SMALL], "if_running": "add"}
        self._later(0.0, lambda: self._do("start", lambda: self._begin(asked)))

    def _kill(self) -> None:
        """Everything that runs is gone; the small group was added just before."""
        self._later(0.1, self._gone)

    def _gone(self) -> None:
        self._kills += 1
        self.stage.actors.clear()
        self._free.clear()
        self._busy = 0
        self._next()

    def _is_over(self) -> bool:
        row = self._cloud.dynamodb.tables["ledger"].items.get((self._run_id, run_rows.ITEM))
        return row is not None and row["state"]["S"] in run_rows.OVER and "stored" in row

    def get_remaining_time_in_millis(self) -> int:
        """Of an invocation: enough for a turn."""
        return 80_000


def _settings(terms: Terms, cloud: Cloud, secret: str) -> Json:
    """What Terraform would give the functions."""
    limits = {"limits": [{"calls": round(terms.rate * terms.window), "seconds": terms.window}]}
    found = {f"{name}_queue_url": cloud.sqs.url(queue) for name, queue in _QUEUES.items()}
    found |= {"ledger_table": "ledger", "accounts_table": "accounts", "vendor_secret_arn": secret}
    found |= {"results_bucket": "results", "quarantine_bucket": "quarantine"}
    vendor = {"name": "monitor", "url": "https://vendor.example", "account": ACCOUNT}
    return found | {name: json.dumps(of) for name, of in (("vendor", vendor), ("limits", limits), ("pace", PACE))}


_QUEUES = {"turn": "turn.fifo", "parcel": "parcel", "store": "store"}


def _read(model: Any, settings: Json) -> Any:
    """Of all settings those that a function has."""
    return model.model_validate({name: settings[name] for name in model.model_fields if name in settings})


def _record(body: str, received_us: int) -> Json:
    at = str(received_us // 1000)
    attributes = {"SentTimestamp": at, "ApproximateFirstReceiveTimestamp": at, "ApproximateReceiveCount": "1"}
    return {"messageId": "m", "receiptHandle": "h", "body": body, "attributes": attributes}


@contextmanager
def _virtual(stage: Stage, rng: random.Random) -> Iterator[None]:
    """The functions' clock is the stage's, and nobody hears their logs."""

    def sleep(seconds: float) -> None:
        stage.pause(int((seconds + rng.expovariate(1 / LATE)) * SECOND))

    quiet = mock.Mock(spec=logging.Logger)
    with ExitStack() as patched:
        for module, name, value in (
            (clock, "now_us", lambda: stage.now),
            (clock, "sleep", sleep),
            (fanout, "each", lambda call, items: [call(item) for item in items]),
            (logs, "logger", lambda: quiet),
            (logs, "metrics", mock.Mock),
            (logs, "count", mock.Mock()),
            (logs, "count_always", mock.Mock()),
        ):
            patched.enter_context(mock.patch.object(module, name, value))
        yield
