"""The real pacer and the real worker on the stand-in's core: whole runs in virtual time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harvest import messages, pace, proof
from harvest.mending import Mending
from harvest.proof import Proof
from harvest.settings import PaceSettings, StartSettings
from harvest.start import Start
from harvest.vendors.monitor import Monitor
from tests.lambda_src.harvest.working import ACCOUNT, LIMITS, PACE, SECOND, World
from tools.simulation.stage import Actor

Json = dict[str, Any]
VENDOR = json.dumps({"name": "monitor", "url": "https://vendor.example", "account": ACCOUNT})


class Together(World):
    """The worker's world, with start and pace in it and what their messages bring about."""

    def __init__(self, patch: pytest.MonkeyPatch, **vendor: Any) -> None:
        patch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
        super().__init__(patch, **vendor)
        self.cloud.sqs.create_queue("store")
        self.stored: list[str] = []
        self.cloud.sqs.on_send(lambda queue, message: self._sent(queue.name, message.body))
        url = self.cloud.sqs.url
        settings = {
            "ledger_table": "ledger",
            "accounts_table": "accounts",
            "turn_queue_url": url("turn.fifo"),
            "vendor": VENDOR,
            "limits": json.dumps(LIMITS),
            "pace": json.dumps(PACE | {"turn_seconds": 8}),
        }
        begin = StartSettings.model_validate(settings | {"vendor_secret_arn": self.secret})
        mending = Mending(self.dynamodb, self.secrets, "accounts", ACCOUNT, self.secret)
        self.start = Start(begin, Monitor(), mending, self.dynamodb, self.sqs)
        more = {"parcel_queue_url": url("parcel"), "store_queue_url": url("store"), "quarantine_bucket": "quarantine"}
        config = PaceSettings.model_validate(settings | more)
        self.pacer = pace.Pace(config, pace.means_of(config, self.dynamodb, self.sqs, self.s3))

    def get_remaining_time_in_millis(self) -> int:
        return 60_000

    def warning(self, message: str, extra: Json | None = None) -> None:
        self.info(message, extra)

    def _sent(self, queue: str, body: str) -> None:
        if queue == "store":
            self.stored.append(messages.decode_store(body).group)
        elif queue == "turn.fifo":
            event = {"Records": [{"messageId": "m", "body": body}]}
            self._later("pace", lambda: self.pacer.handle(event, self))
        else:
            self._later("work", lambda: self.worker().handle({"Records": [self._record(body)]}, None))

    def _record(self, body: str) -> Json:
        times = {"SentTimestamp": str(self.now_ms), "ApproximateFirstReceiveTimestamp": str(self.now_ms)}
        return {"messageId": "m", "body": body, "attributes": times | {"ApproximateReceiveCount": "1"}}

    def _later(self, name: str, work: Callable[[], object]) -> None:
        actor = Actor(name, work)
        self.stage.at(self.stage.now + 80_000, lambda: self.stage.start(actor, lambda answer, died: None))

    def finish(self, run_id: str, seconds: int) -> Proof:
        """Go on until the run is over; its proof."""
        key = run_id, "#run"
        rows = self.cloud.dynamodb.tables["ledger"].items
        self.stage.run(self.stage.now + seconds * SECOND, lambda: rows[key]["state"]["S"].startswith("completed"))
        made = proof.prove(self.ledger, run_id)
        assert made is not None
        assert made.is_complete, (made.run, self.logged[-5:])
        return made


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Together]]:
    made: list[Together] = []

    def make(**vendor: Any) -> Together:
        made.append(Together(monkeypatch, **vendor))
        return made[-1]

    yield make
    for one in made:
        one.stage.close()


def test_a_run_is_called_once_stored_and_proven(together: Callable[..., Together]) -> None:
    world = together(groups={"a": 30, "b": 3})
    run_id = world.start.handle({"name": "daily"})["run_id"]
    made = world.finish(run_id, 300)
    assert made.run.state == "completed"
    asked = Counter(seen.node for seen in world.vendor.log if seen.right and seen.level != "token")
    assert max(asked.values()) == 1, "no call was made twice"
    assert sum(asked.values()) == made.counts.calls == made.counts.expected
    lines = [line for key in made.objects for line in world.lines(key)]
    assert len(lines) == made.counts.expected
    world.stage.run(world.stage.now + 5 * SECOND)
    assert sorted(world.stored) == ["", "a", "b"]


def test_a_run_of_which_everything_was_killed_goes_on(together: Callable[..., Together]) -> None:
    world = together(groups={"a": 30, "b": 3})
    run_id = world.start.handle({"name": "daily"})["run_id"]
    world.stage.run(world.stage.now + 3 * SECOND)
    workers = sum(actor.name == "work" for actor in world.stage.actors)
    assert workers
    world.stage.actors.clear()
    world.stage.run(world.stage.now + 10 * SECOND)
    world.start.handle({"wake": True})
    made = world.finish(run_id, 300)
    asked = Counter(seen.node for seen in world.vendor.log if seen.right and seen.level != "token")
    assert sum(asked.values()) - len(asked) <= 25 * workers
    assert made.run.state == "completed"
