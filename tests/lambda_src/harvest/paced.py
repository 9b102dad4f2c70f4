"""Runs in virtual time: the real pacer, and workers that do what the protocol asks of them, around
simulated services and a vendor in memory that notes each call.

Whatever takes time lets others go on meanwhile; whoever waits may be killed.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from harvest import messages, pace, parcels, proof
from harvest.accounts import Accounts
from harvest.ledger import Ledger
from harvest.parcels import Parcel, Task, parcel_of
from harvest.proof import Proof
from harvest.run_ledger import RunLedger
from harvest.run_rows import Run
from harvest.settings import PaceSettings
from harvest.turns import Turns
from tests.lambda_src.harvest.toy_vendor import SECOND, Vendor
from tests.lambda_src.harvest.toy_worker import ACCOUNT, Killed, ToyWorker
from tests.support.captured import Log
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud
from tools.simulation.aws.meter import Meter, Touched, charge_reads
from tools.simulation.stage import Actor, Stage

Json = dict[str, Any]
START = 1_795_000_000 * SECOND
RUN = "run-1"
URL = "https://sqs.us-east-1.amazonaws.com/000000000000/"
# The model's bounds: J is 30 ms.
PACING = {"tolerance_ms": 10, "clock_ms": 4, "way_ms": 12, "call_ms": 1000, "grace_ms": 3000, "turn_seconds": 20}


def config(limits: Json, **pacing: Any) -> PaceSettings:
    """pace's settings."""
    return PaceSettings.model_validate(
        {
            "ledger_table": "ledger",
            "accounts_table": "accounts",
            "turn_queue_url": f"{URL}turn.fifo",
            "parcel_queue_url": f"{URL}parcel",
            "store_queue_url": f"{URL}store",
            "quarantine_bucket": "quarantine",
            "vendor": json.dumps({"name": "toy", "url": "https://example.com", "account": ACCOUNT}),
            "limits": json.dumps(limits),
            "pace": json.dumps(PACING | pacing),
        }
    )


class World:
    """One account with a pacer, workers and runs."""

    def __init__(
        self,
        vendor: Vendor,
        limits: Json,
        *,
        seed: int = 1,
        patch: Any,
        tasks: int | None = None,
        **pacing: Any,
    ) -> None:
        self.rng, self.vendor = random.Random(seed), vendor
        self.stage = Stage(START)
        self.cloud = Cloud(lambda: self.stage.now, self.rng, self)
        self.cloud.dynamodb.create_table("ledger", ("run_id", "S"), ("item", "S"))
        self.cloud.dynamodb.create_table("accounts", ("account", "S"))
        self.cloud.s3.create_bucket("quarantine")
        fifo = {"FifoQueue": "true"}
        for name in ("turn.fifo", "parcel", "store"):
            self.cloud.sqs.create_queue(name, fifo if name.endswith(".fifo") else {})
        self.cloud.sqs.on_send(lambda queue, message: self._sent(queue.name, message.body))
        self.config = config(limits, **pacing)
        self.tasks = tasks or self.config.pace.tasks_of(self.config.limits)
        self.meter, self.writing = Meter(), Counter[str]()
        self.stored: list[str] = []
        self.deaf = False  # no parcel's message reaches a worker
        self.skew_ms = 0.0  # of the next actors' clocks
        self.hooks: dict[str, Callable[[Call], None]] = {}  # by operation, before its effect
        client = self.cloud.client
        self.ledger, self.runs = Ledger(client("dynamodb"), "ledger"), RunLedger(client("dynamodb"), "ledger")
        self.accounts = Accounts(client("dynamodb"), "accounts")
        self.turns = Turns(client("sqs"), f"{URL}turn.fifo", self.config.pace.silent_ms)
        self.delay = (0.02, 0.2)  # of a parcel's message (s)
        self.pacers = 0
        self.may_die_of: tuple[type[BaseException], ...] = ()
        self.log = Log()
        random.seed(seed)
        self._replace_clock(patch)

    def _replace_clock(self, patch: Any) -> None:
        for name, stand_in in (
            ("now_us", lambda: self.stage.now + int(getattr(self.stage.current, "skew", 0) * 1000)),
            ("sleep", lambda seconds: self.stage.pause(int(seconds * SECOND))),
            ("monotonic", lambda: self.stage.now / SECOND),
        ):
            patch.setattr(f"shared.clock.{name}", stand_in)

    # What steps in at each call of a service.

    def before(self, call: Call) -> None:
        if self.stage.current is not None:
            self.stage.pause(self.rng.randrange(4_000, 15_000))
        if hook := self.hooks.get(call.operation):
            hook(call)
        if call.service == "dynamodb" and call.operation in ("UpdateItem", "PutItem", "BatchWriteItem"):
            known = {name: value for name, value in call.params.items() if name != "ReturnValues"}
            Touched(self.cloud.dynamodb, call.operation, known).charge(self.meter)

    def after(self, call: Call, answer: Json) -> None:
        if call.service == "dynamodb":
            charge_reads(self.meter, call.operation, call.params, answer)

    # Who is started by what.

    def start(self, name: str, work: Callable[[], object], delay: float = 0.0) -> Actor:
        """Let an actor come on after so many seconds."""
        actor = Actor(name, work)
        actor.skew = self.rng.uniform(-1, 1) * self.config.pace.clock_ms + self.skew_ms  # type: ignore[attr-defined]
        self.at(delay, lambda: self.stage.start(actor, self._ended))
        return actor

    def at(self, seconds: float, what: Callable[[], object]) -> None:
        """Do something so many seconds from now."""

        def do() -> None:
            what()

        self.stage.at(self.stage.now + int(seconds * SECOND), do)

    def _ended(self, result: object, died: BaseException | None) -> None:
        if died is not None and not isinstance(died, (Killed, *self.may_die_of)):
            self.stage.stop(died)

    def _sent(self, queue: str, body: str) -> None:
        delay = self.rng.uniform(*self.delay if queue == "parcel" else (0.02, 0.2))
        if queue == "turn.fifo":
            record = {"messageId": "m", "body": body}
            self.start("pace", lambda: self.pace(record), delay)
        elif queue == "store":
            self.stored.append(messages.decode_store(body).group)
        elif not self.deaf:
            self.start("work", lambda: ToyWorker(self).work(messages.decode_parcel(body)), delay)

    def pace(self, record: Json) -> None:
        """An invocation of pace."""
        self.pacers += 1
        client = self.cloud.client
        means = pace.means_of(self.config, client("dynamodb"), client("sqs"), client("s3"))
        answer = pace.Pace(self.config, means).handle({"Records": [record]}, self)
        assert answer == {"batchItemFailures": []}

    def get_remaining_time_in_millis(self) -> int:
        return 60_000

    def kill(self, *names: str) -> int:
        """End actors where they are, by name; all if none is named."""
        killed = [actor for actor in self.stage.actors if not names or actor.name in names]
        self.stage.actors.difference_update(killed)
        return len(killed)

    def stops(self) -> int:
        """What the account's row says, read beside the calls: it takes them no time."""
        row = self.cloud.dynamodb.tables["accounts"].items[(ACCOUNT,)]
        return int(row["stops"]["N"]) if "stops" in row else 0

    def now_ms(self) -> float:
        """The clock of whoever asks."""
        return self.stage.now / 1000 + float(getattr(self.stage.current, "skew", 0))

    # What people do.

    def begin(
        self,
        run_id: str = RUN,
        *,
        groups: list[str] | None = None,
        named: list[Parcel] | None = None,
        rate: float | None = None,
        cap: int = 10**6,
    ) -> None:
        """Start a run of all groups, of some, or of parcels made for it."""
        named = named or [parcel_of(parcels.group_id(group), [Task("hosts", (group,))]) for group in groups or ()]
        self.ledger.put_root(run_id, 0, "start", named, [] if named else [[Task("groups")]])
        now = self.stage.now // 1000
        assert self.runs.create(Run(run_id, run_id, ACCOUNT, "running", now, cap, roots=1, rate=rate))
        self.accounts.add_run(ACCOUNT, run_id)
        self.wish()

    def wish(self) -> None:
        """What start and runs do after each change."""
        self.accounts.stop(ACCOUNT)
        self.turns.wake_unless_paced(self.accounts.get(ACCOUNT), self.stage.now // 1000)

    def add_group(self, group: str, hosts: int, run_id: str = RUN) -> None:
        """A group that the vendor has now, given by hand."""
        self.vendor.groups[group] = hosts
        assert self.runs.add_groups(run_id, group, [parcel_of(parcels.group_id(group), [Task("hosts", (group,))])])

    @property
    def let_out(self) -> int:
        """Parcels that were let out, each time counted."""
        return len(self.cloud.sqs.queues["parcel"].messages)

    def every_minute(self) -> None:
        """The schedule's last resort."""
        self.turns.wake_if_missed(self.accounts.get(ACCOUNT), self.stage.now // 1000)
        self.at(60, self.every_minute)

    # How it went.

    def run(self, run_id: str = RUN) -> Run:
        """The run's row."""
        run = self.runs.run(run_id)
        assert run is not None
        return run

    def proven(self, run_id: str = RUN) -> Proof:
        """The sum of the tree, which must be whole."""
        made = proof.prove(self.ledger, run_id)
        assert made is not None
        assert made.problems == []
        assert made.is_complete
        return made

    def play(self, seconds: float, until: Callable[[], bool] | None = None) -> float:
        """Go on for so long, or until something is so: how many seconds it took."""
        began = self.stage.now
        self.stage.run(began + int(seconds * SECOND), until or (lambda: False))
        return (self.stage.now - began) / SECOND

    def finish(self, seconds: float = 600, *run_ids: str) -> float:
        """Go on until the runs are over: how many seconds it took."""
        rows = self.cloud.dynamodb.tables["ledger"].items
        keys = [(run_id, "#run") for run_id in run_ids or (RUN,)]

        def over() -> bool:
            return all(rows[key]["state"]["S"] not in ("running", "paused", "stopped") for key in keys)

        took = self.play(seconds, over)
        assert over(), f"not over after {seconds} s: {[self.run(key[0]) for key in keys]}"
        return took

    def close(self) -> None:
        """Clear everybody away."""
        self.stage.close()

    def expected(self) -> Counter[str]:
        """Calls that there are at each level, by the vendor's own word."""
        count = Counter[str]()
        todo = [Task("groups")] + [Task("hosts", (group,)) for group in self.vendor.groups]
        seen = set[str]()
        while todo:
            task = todo.pop()
            if task.id not in seen:
                seen.add(task.id)
                count[task.level] += 1
                todo += self.vendor.named(task)
        return count

    def times_of(self, group: str) -> list[float]:
        """When calls of a group came, in seconds since the start."""
        return [(at - START) / SECOND for at, task in self.vendor.asked if task.group == group]
