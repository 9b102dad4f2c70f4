"""start and runs on simulated services, at a clock that a test moves; nobody paces."""

from __future__ import annotations

import json
import random
from typing import Any

from harvest import messages
from harvest.accounts import Accounts
from harvest.ledger import Ledger
from harvest.limits import Declaration
from harvest.mending import Mending
from harvest.parcels import Task
from harvest.run_ledger import RunLedger
from harvest.run_rows import Run
from harvest.runs import Runs
from harvest.settings import Pacing, RunsSettings, StartSettings, Vendor
from harvest.start import Start
from tests.lambda_src.stack import Answer, request
from tools.simulation.aws.cloud import Cloud

Json = dict[str, Any]
NOW_MS = 1_795_000_000_000
ACCOUNT = "acme"
SETTINGS: Json = {
    "ledger_table": "ledger",
    "accounts_table": "accounts",
    "turn_queue_url": "https://sqs.us-east-1.amazonaws.com/000000000000/turn.fifo",
    "vendor": Vendor(name="toy", url="https://example.com", account=ACCOUNT),
    "limits": Declaration.model_validate({"limits": [{"calls": 50, "seconds": 1}]}),
    "pace": Pacing(clock_ms=4, way_ms=12, tolerance_ms=10),
}


class Roots:
    """A vendor's roots."""

    def roots(self) -> list[Task]:
        return [Task("groups")]

    def group(self, name: str) -> Task:
        return Task("hosts", (name,))


class Steered:
    """Both functions, and what they wrote."""

    def __init__(self, patch: Any) -> None:
        self.now_ms = NOW_MS
        patch.setattr("shared.clock.now_us", lambda: self.now_ms * 1000)
        self.cloud = Cloud(lambda: self.now_ms * 1000, random.Random(1))
        self.cloud.dynamodb.create_table("ledger", ("run_id", "S"), ("item", "S"))
        self.cloud.dynamodb.create_table("accounts", ("account", "S"))
        self.queue = self.cloud.sqs.create_queue("turn.fifo", {"FifoQueue": "true"})
        dynamodb, sqs = self.cloud.client("dynamodb"), self.cloud.client("sqs")
        self.ledger, self.ledgers = Ledger(dynamodb, "ledger"), RunLedger(dynamodb, "ledger")
        self.accounts = Accounts(dynamodb, "accounts")
        secret = self.cloud.secrets.create("vendor", "{}").arn
        mending = Mending(dynamodb, self.cloud.client("secretsmanager"), "accounts", ACCOUNT, secret)
        self.start = Start(StartSettings.model_construct(**SETTINGS), Roots(), mending, dynamodb, sqs)
        self.runs = Runs(RunsSettings.model_construct(**SETTINGS), dynamodb, sqs)

    def post(self, body: object = None, **fields: object) -> Answer:
        """POST /v1/runs."""
        return Answer(self.start.handle(request(fields or body, path="/v1/runs")))

    def begun(self, **fields: object) -> str:
        """The id of a run that was started."""
        answer = self.post(**({"name": "nightly"} | fields))
        assert answer.status == 201, answer.text
        return str(answer.body["run_id"])

    def do(self, run_id: str, what: str = "", body: object = None, method: str = "") -> Answer:
        """GET the run, or POST one of its acts."""
        path = f"/v1/runs/{run_id}" + (f"/{what}" if what else "")
        method = method or ("POST" if what else "GET")
        event = request(body, method=method, path=path, pathParameters={"run_id": run_id})
        return Answer(self.runs.handle(event))

    def run(self, run_id: str) -> Run:
        """The run's row."""
        run = self.ledgers.run(run_id)
        assert run is not None
        return run

    def turns(self) -> list[int]:
        """The turns that were asked for and not taken yet."""
        return [messages.decode_turn(message.body).turn for message in self.queue.messages.values()]

    def paced(self) -> int:
        """A pacer takes the turn: its number."""
        taken = self.accounts.take_turn(self.accounts.get(ACCOUNT), self.now_ms)
        assert taken is not None
        self.queue.purge()
        return taken.turn

    def end(self, run_id: str) -> None:
        """The pacer completes a run of which nothing is expected."""
        run = self.run(run_id)
        assert self.ledgers.adopt(run_id, run.turn + 1)
        assert self.ledgers.complete(run_id, run.turn + 1, run.roots, run.counts)


def shown(answer: Answer) -> str:
    """What an answer says, in a line."""
    return json.dumps(answer.body)
