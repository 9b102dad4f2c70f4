"""A small world in which the real write and tally run on a store in memory, with queues that deliver again, crash and forget.

It promises no more than AWS does: messages come in any order and again, a worker dies at any call, an answer is lost, a
sleeper comes back late with what it knew, dead letters are redriven at the end, and folded entries expire in quiet times.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any
from unittest import mock

from botocore.exceptions import ClientError

from tests.support.ballots import START_US, ballots_of, expected, found
from tests.support.histories import Actor, Crash, Fault, Stage, Trace
from tests.support.memory_store import MemoryStore
from votes.ballot import Ballot, Rules
from votes.counting import Counting
from votes.folding import Folding
from votes.messages import CountMessage, encode_count
from votes.settings import TallySettings, WriteSettings
from votes.shards import shard_of
from votes.tally import Tally
from votes.write import Write

VOTING: dict[str, Any] = {"aspects": '["story","music"]', "scale": '{"lowest":1,"highest":3}'}
RULES = Rules(("story", "music"), 1, 3)
DAY_US = 86_400_000_000


class Settings(WriteSettings):
    """write's, with rules that are made once for all histories."""

    def rules(self) -> Rules:
        return RULES


@dataclass(frozen=True)
class Odds:
    """How often what goes wrong, a step or a message."""

    crash: float = 0.01
    fault: float = 0.01
    sleep: float = 0.01
    longest_sleep: int = 400
    again: float = 0.15
    dead: float = 0.3
    calm_after: int = 600


class Context:
    """The Lambda context of a function with a minute to go."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Queue:
    """What the functions call of SQS; every call steps, and may fail as a whole."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._step("send_tick before")
        self._world.ticks += [entry["MessageBody"] for entry in Entries]
        self._step("send_tick after")
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def change_message_visibility_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._step("back_off before")
        return {}

    def _step(self, label: str) -> None:
        try:
            self._world.stage.step(label)
        except Fault as fault:
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": str(fault)}}, label) from fault


class Shelf:
    """Quarantine in memory."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def put(self, reason: str, day_us: int, lines: Iterable[Any]) -> str:
        self.lines += lines
        return reason


class World:
    """Queues, workers and the clock around one store."""

    def __init__(self, seed: int, shards: int = 2, odds: Odds | None = None, epoch_changes: int = 12, trace: Trace | None = None) -> None:
        self.rng, self.odds, self.shards = Random(seed), odds or Odds(), shards
        self.stage = Stage(self.rng, self._meddle, trace)
        self.store = MemoryStore(self.stage.step)
        self.shelf = Shelf()
        self.now = START_US
        self.waiting: list[dict[str, Any]] = []
        self.dead: list[dict[str, Any]] = []
        self.ticks: list[str] = []
        self.writers: list[Write] = []
        self.tallies: list[Tally] = []
        self.fired: Counter[str] = Counter()
        self._epoch_changes = epoch_changes
        self._numbers = 0

    def clock(self) -> int:
        """Each look at the clock takes a moment."""
        self.now += 50
        return self.now

    def send(self, shard: int, ballots: list[Ballot]) -> None:
        """Put a count message on the queue."""
        self._numbers += 1
        body = encode_count(CountMessage(shard, self.shards, ballots))
        attributes = {"SentTimestamp": str(self.now // 1000), "ApproximateReceiveCount": "1", "MessageGroupId": str(shard)}
        self.waiting.append({"messageId": f"m{self._numbers}", "receiptHandle": "r", "body": body, "attributes": attributes})

    def run(self) -> None:
        """Until every message is settled, every fault over, and everything folded."""
        while self.waiting or self.dead or self.stage.actors:
            if self.waiting and self.rng.random() < 0.2:
                self._deliver()
            if self.rng.random() < 0.08 or (self.ticks and self.rng.random() < 0.3):
                self._wake_tally()
            if self.stage.actors:
                self.stage.take_turn()
            elif self.rng.random() < 0.5:
                self._quiet()
            elif not self.waiting:
                self.waiting, self.dead = self.dead, []
        for _ in range(200):
            self._wake_tally(schedule=True)
            while self.stage.actors:
                self.stage.take_turn()
            if self.folded():
                return
        raise AssertionError("the journal was never folded to its end")

    def folded(self) -> bool:
        """Whether everything up to the heads is in the tallies."""
        fold = self.store.fold_
        return fold is None or (not fold.open and all(fold.upto.get(s, 0) == head.done for s, head in self.store.heads_.items()))

    def _deliver(self) -> None:
        batch = [
            self.waiting.pop(self.rng.randrange(len(self.waiting))) for _ in range(min(len(self.waiting), self.rng.choice((1, 1, 2, 4))))
        ]
        writer = self.writers.pop(self.rng.randrange(len(self.writers))) if self.writers and self.rng.random() < 0.9 else self._writer()

        def ended(actor: Actor) -> None:
            if actor.crashed:
                self._again(batch)
                return
            self.writers.append(writer)
            failed = {failure["itemIdentifier"] for failure in actor.result["batchItemFailures"]}
            self._again([record for record in batch if record["messageId"] in failed])
            if self.stage.turn < self.odds.calm_after:
                self.waiting += [record for record in batch if self.rng.random() < self.odds.again]

        self.stage.start(f"write{self.stage.turn}", lambda: writer.handle({"Records": batch}, Context()), ended).batch = batch  # type: ignore[attr-defined]

    def _wake_tally(self, schedule: bool = False) -> None:
        tally = self.tallies.pop() if self.tallies and self.rng.random() < 0.7 else self._tally()
        records = [] if schedule else [self._tick_record(self.ticks.pop(0) if self.ticks else "{}")]

        def ended(actor: Actor) -> None:
            if not actor.crashed:
                self.tallies.append(tally)

        event = {"Records": records} if records else {"source": "schedule"}
        self.stage.start(f"tally{self.stage.turn}", lambda: tally.handle(event, Context()), ended)

    def _tick_record(self, body: str) -> dict[str, Any]:
        return {"messageId": "t", "receiptHandle": "r", "body": body, "attributes": {"ApproximateReceiveCount": "1"}}

    def _again(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            dies = self.stage.turn < self.odds.calm_after and self.rng.random() < self.odds.dead
            (self.dead if dies else self.waiting).append(record)

    def _quiet(self) -> None:
        """A month passes, nobody at work: entries that are folded are gone."""
        self.now += 31 * DAY_US
        upto = self.store.fold_.upto if self.store.fold_ else {}
        for shard, n in list(self.store.entries_):
            if n <= upto.get(shard, 0):
                del self.store.entries_[shard, n]

    def _meddle(self, actor: Actor, label: str) -> None:
        self.now += 1000
        if self.stage.turn >= self.odds.calm_after or actor.name.startswith("calm"):
            return
        luck = self.rng.random()
        if luck < self.odds.crash:
            self.fired[f"crash {label}"] += 1
            raise Crash
        luck -= self.odds.crash
        if luck < self.odds.fault:
            self.fired[f"fault {label}"] += 1
            raise Fault(label)
        if luck - self.odds.fault < self.odds.sleep and not actor.sleeps_until:
            self.fired[f"sleep {label}"] += 1
            actor.sleeps_until = self.stage.turn + self.rng.randrange(1, self.odds.longest_sleep)
            actor.steps = 1  # it stops before its next step
            self.waiting += getattr(actor, "batch", [])  # its visibility runs out meanwhile

    def _writer(self) -> Write:
        config = Settings(
            **VOTING, count_queue_url="q/count", tick_queue_url="q/tick", votes_table="v", journal_table="j", quarantine_bucket="b",
            shards=self.shards, slot_seconds=4, witness_share=1,
        )  # fmt: skip
        return Write(config, Counting(self.store, self.shards, self.clock), Queue(self), self.shelf)

    def _tally(self) -> Tally:
        config = TallySettings(
            tick_queue_url="q", journal_table="j", tallies_table="t", shards=self.shards, epoch_changes=self._epoch_changes
        )
        return Tally(config, Folding(self.store, self.store, self.shards, self._epoch_changes, self.clock), Queue(self))


@contextmanager
def quiet(world: World | None = None) -> Iterator[None]:
    """No log lines, no metrics, no waiting; and the world's clock, or one that stands."""
    silent = logging.Logger("silent")
    silent.disabled = True
    with (
        mock.patch("shared.logs.logger", return_value=silent),
        mock.patch("shared.logs.metrics"),
        mock.patch("shared.logs.count"),
        mock.patch("shared.logs.count_by"),
        mock.patch("shared.clock.sleep"),
        mock.patch("shared.clock.now_us", world.clock if world else lambda: START_US),
    ):
        yield


def history(seed: int, *, odds: Odds | None = None, shards: int = 2, trace: Trace | None = None) -> World:
    """One random history, run to its end; raises AssertionError where it does not come out right."""
    world = World(seed, shards, odds, trace=trace)
    ballots = ballots_of(world.rng)
    stream = ballots + world.rng.choices(ballots, k=8)
    world.rng.shuffle(stream)
    for shard in range(shards):
        mine = [ballot for ballot in stream if shard_of(ballot.voter_id, shards) == shard]
        for place in range(0, len(mine), 3):
            world.send(shard, mine[place : place + 3])
    with quiet(world):
        try:
            world.run()
        finally:
            world.stage.close()
    assert found(world.store) == expected(ballots), f"seed {seed}"
    return world
