"""Watches a history as it happens, commit by commit and call by call.

What it knows of the past it knows from what took effect, never from what a function believes.
"""

import gzip
import json
from bisect import bisect, insort
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from harvest import messages, parcels, run_rows
from harvest.parcels import Parcel
from tools.simulation.aws.calls import Call
from tools.simulation.aws.messages import Message
from tools.simulation.aws.queues import Queue
from tools.simulation.broken import Broken
from tools.simulation.harvest import deployed
from tools.simulation.harvest.deployed import PACE, RATE

if TYPE_CHECKING:
    from tools.simulation.harvest.world import World

MS, SECOND = 1_000, 1_000_000
QUIET_US = 5 * SECOND  # after a pause, or a lower rate
KNOWN_US = (250 + PACE["way_ms"] + 3) * MS  # after a refusal is known
TOLD_US = 1_000 * MS  # after a refusal, where nothing is broken
STEP_MS = (1000 + 2 * PACE["clock_ms"] + PACE["way_ms"] + PACE["tolerance_ms"]) / RATE
PREFIX = parcels.PREFIX

Key = tuple[str, str]


@dataclass
class Doing:
    """What an invocation of work is at."""

    run_id: str
    parcel: str
    right: int = 0  # answers of finished calls
    is_committed: bool = False


@dataclass
class Known:
    """What is known of one run."""

    state: str = run_rows.RUNNING
    since: int = 0  # of this state (µs)
    rate: float | None = None
    rate_since: int = 0
    completed: int = 0
    calls: deque[int] = field(default_factory=lambda: deque[int](maxlen=RATE + 1))
    settled: dict[str, str] = field(default_factory=dict)
    right: dict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))


class Checker:
    """What is known of one history."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.runs: dict[str, Known] = defaultdict(Known)
        self.doing: dict[Any, Doing] = {}
        self.turns: dict[Any, int] = {}  # by the pacer's invocation
        self.named: set[Key] = set()  # rows that a commit names
        self.committed: set[Key] = set()
        self.slots: list[float] = []
        self.refusals: list[tuple[int, int]] = []  # when each took effect (µs), and until when (ms)
        self.refused: list[tuple[int, int]] = []  # when the vendor refused, and until when (µs)
        self.thrown_away = 0
        self._moving = False
        self._sent_before: set[str] = set()
        world.cloud.sqs.on_send(self._sent)

    # --- calls to the vendor ---

    def called(self, task: str, is_right: bool, is_limited: bool) -> None:
        """A call has reached the vendor."""
        world, now = self._world, self._world.stage.now
        context = world.stage.current.context if world.stage.current else None
        doing = self.doing[context]
        run = self.runs[doing.run_id]
        if is_limited and not world.is_closed():
            self._broken("rate", f"the vendor refuses {task}: more than it permits, by its own clock")
        if task in run.settled:
            self._broken("repeated", f"{task} is called again, which is settled: {run.settled[task]}")
        if run.state != run_rows.RUNNING and now > run.since + QUIET_US:
            self._broken("quiet", f"{task} is called {(now - run.since) / SECOND:.1f} s after the run was {run.state}")
        self._rate_of(run, now)
        if world.is_closed():
            self._while_closed(task, now, context)
        if is_right:
            doing.right += 1
            run.right[task] += 1

    def _rate_of(self, run: Known, now: int) -> None:
        run.calls.append(now)
        if run.rate is None or now < run.rate_since + QUIET_US + SECOND:
            return
        late = sum(at > now - SECOND for at in run.calls)
        if late > int(run.rate) + 1:
            self._broken("rate of a run", f"{late} calls in a second, of a run that may make {run.rate:g}")

    def _while_closed(self, task: str, now: int, context: Any) -> None:
        """Nobody calls when it is known that the vendor refuses all."""
        for at, until_ms in self.refusals:
            if at + KNOWN_US < now < (until_ms - 2 * PACE["clock_ms"]) * MS:
                since = (now - at) / SECOND
                self._broken("waits", f"{task} is called {since:.2f} s after it was known that nobody may")
        for at, until in self.refused:
            if at + TOLD_US + KNOWN_US < now < until:
                since = (now - at) / SECOND
                self._broken("told", f"{task} is called {since:.2f} s after a call was refused, which nobody told")
        if not context.is_hurt:
            self.refused.append((now, self._world.waits_until()))

    # --- messages ---

    def _sent(self, queue: Queue, message: Message) -> None:
        if queue.name == deployed.PARCEL and not self._moving and message.body not in self._sent_before:
            self._sent_before.add(message.body)  # a standard queue may deliver it again
            self._slots(messages.decode_parcel(message.body).slots)
        self._world.woken(queue)

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Messages leave one queue and join another in here, with the slots that they had."""
        self._moving = True
        yield
        self._moving = False

    def replaced(self, messages: Sequence[Message]) -> None:
        """They carry nothing that is not in the ledger."""

    def _slots(self, slots: Sequence[float]) -> None:
        """No slot is given twice, nor one before it is granted."""
        row = self._world.table("accounts").items[(deployed.ACCOUNT,)]
        granted = json.loads(row["granted"]["S"])[0] if "granted" in row else 0.0
        if max(slots) >= granted:
            self._broken("granted", f"a slot {max(slots) - granted:.0f} ms past what is granted is sent")
        for slot in slots:
            place = bisect(self.slots, slot)
            near = self.slots[max(0, place - 1) : place + 1]
            if any(abs(slot - other) < STEP_MS - 0.01 for other in near):
                self._broken("slots", f"slots are given {min(abs(slot - other) for other in near):.1f} ms apart")
            insort(self.slots, slot)

    # --- writes take effect ---

    def effect(self, call: Call, answer: dict[str, Any]) -> None:
        """A call took effect."""
        if call.operation == "UpdateItem":
            text = call.params["UpdateExpression"]
            if call.params["TableName"].endswith("-ledger"):
                self._ledger_updated(call, text)
            else:
                self._account_updated(call, text)
        elif call.operation == "BatchWriteItem":
            self._put(call)
        elif call.operation == "PutItem" and call.params["Item"].get("item", {}).get("S") == run_rows.ITEM:
            self._run_put(call.params["Item"])
        elif call.operation == "ChangeMessageVisibilityBatch":
            self._world.woken(self._world.cloud.sqs.queue(call.params["QueueUrl"]))

    def _ledger_updated(self, call: Call, text: str) -> None:
        key = call.params["Key"]
        run_id, item = key["run_id"]["S"], key["item"]["S"]
        if item == run_rows.ITEM:
            self._run_updated(run_id, call, text)
        elif "#state = :state" in text:
            self._commit(run_id, parcels.read(self._world.table("ledger").items[run_id, item]))

    def _run_put(self, row: Any) -> None:
        if "state" in row:
            run = self.runs[row["run_id"]["S"]]
            run.state, run.since = row["state"]["S"], self._world.stage.now

    def _run_updated(self, run_id: str, call: Call, text: str) -> None:
        run, now = self.runs[run_id], self._world.stage.now
        row = self._world.table("ledger").items[run_id, run_rows.ITEM]
        if "rate" in text:
            rate = float(row["rate"]["N"]) if "rate" in row else None
            if rate != run.rate:
                run.rate, run.rate_since = rate, now
                run.calls.clear()
        if row["state"]["S"] != run.state:
            run.state, run.since = row["state"]["S"], now
            self._world.led(run_id, run.state)
        if ":over" in call.params["ExpressionAttributeValues"] and "counts" in text:
            run.completed += 1
            self._completed(run_id, run)

    def _completed(self, run_id: str, run: Known) -> None:
        """It is true, and it is said once."""
        if run.completed > 1:
            self._broken("completed", f"run {run_id} is completed {run.completed} times")
        proof = self._world.proof(run_id)
        if not proof.is_complete:
            self._broken("true", f"run {run_id} is said to be complete: open {proof.still_open}, {proof.problems}")

    # --- the ledger ---

    def _put(self, call: Call) -> None:
        """Rows that a commit names are nobody's to put again."""
        for table, requests in call.params["RequestItems"].items():
            for place, request in enumerate(requests):
                item = request["PutRequest"]["Item"]
                key = (item["run_id"]["S"], item["item"]["S"])
                if table.endswith("-ledger") and place not in call.refused and key in self.named:
                    self._broken("overwritten", f"parcel {key[1]} is put again, which a commit names")

    def _commit(self, run_id: str, parcel: Parcel) -> None:
        """A parcel is settled: everything that it says is there, and nobody has said it before."""
        world, run = self._world, self.runs[run_id]
        if (run_id, parcel.id) in self.committed:
            self._broken("commit", f"parcel {parcel.id} is settled a second time")
        self.committed.add((run_id, parcel.id))
        context = world.stage.current.context if world.stage.current else None
        if (doing := self.doing.get(context)) is not None:
            doing.is_committed = True
        ledger = world.table("ledger").items
        for child in parcel.child_ids():
            if (run_id, PREFIX + child) not in ledger:
                self._broken("children", f"parcel {parcel.id} is settled, and its child {child} is not there")
            self.named.add((run_id, PREFIX + child))
        for task, outcome in zip(parcel.tasks, parcel.outcomes, strict=True):
            if outcome == "again":
                continue
            if task.id in run.settled:
                self._broken("twice", f"{task.id} is settled as {outcome}, and was before: {run.settled[task.id]}")
            run.settled[task.id] = outcome
        self._stored(parcel)

    def _stored(self, parcel: Parcel) -> None:
        ok = parcel.outcomes.count("ok")
        held = self._world.cloud.s3.buckets[deployed.RESULTS].get(parcel.object)
        if ok and (held is None or len(gzip.decompress(held.body).splitlines()) != ok):
            self._broken("stored", f"parcel {parcel.id} is settled with {ok} answers, which are not stored")

    # --- the account ---

    def _account_updated(self, call: Call, text: str) -> None:
        row = self._world.table("accounts").items[(deployed.ACCOUNT,)]
        context = self._world.stage.current.context if self._world.stage.current else None
        if "turn = :next" in text:
            self.turns[context] = int(row["turn"]["N"])
        elif "granted = :granted" in text and self.turns.get(context) != int(row["turn"]["N"]):
            self._broken("fence", f"turn {self.turns.get(context)} grants in turn {row['turn']['N']}")
        elif "#until = :until" in text:
            self.refusals.append((self._world.stage.now, int(row["until"]["N"])))

    # --- workers end ---

    def ended(self, context: Any, died: BaseException | None) -> None:
        """An invocation of work is over."""
        doing = self.doing.get(context)
        if doing is None or doing.is_committed or not doing.right:
            return
        self.thrown_away += 1
        if not context.is_hurt and died is None:
            self._broken("thrown away", f"{doing.right} answers of {doing.parcel}, though nothing was broken")

    def _broken(self, check: str, detail: str) -> NoReturn:
        self._world.stage.stop(Broken(check, detail))
