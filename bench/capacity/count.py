"""The count queue and write: one writer a shard at a time, up to ten messages a batch, and the tables behind it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from bench.capacity import facts
from bench.capacity.agenda import Agenda
from bench.capacity.functions import QUOTA, Functions
from bench.capacity.setting import Setting
from bench.capacity.tables import Tables
from bench.capacity.told import Told
from bench.capacity.work import CHANGED, READ, Work, entry_units, most_in_a_message

CONCURRENCY, SHARDS = "write.maximum_concurrency", "counting.shards"


class Message(NamedTuple):
    """Ballots of one shard, accepted between `first` and `last`."""

    ballots: int
    first: float
    last: float


class Count:
    """`appended` gets what each entry holds: (ballots, first, last)."""

    def __init__(
        self,
        setting: Setting,
        work: Work,
        agenda: Agenda,
        functions: Functions,
        tables: Tables,
        told: Told,
        appended: Callable[[Message], None],
    ) -> None:
        self._setting, self._work, self._agenda, self._functions = setting, work, agenda, functions
        self._tables, self._told, self._appended = tables, told, appended
        self.queues: list[deque[Message]] = [deque() for _ in range(setting.shards)]
        self._ready: dict[int, None] = {}  # shards with messages and without a writer, the longest waiting first
        self._locked: set[int] = set()  # those with a writer
        self.ballots = 0  # in the queue
        self.running = 0
        self._throttled_until = (0.0, "")
        self._next_shard = 0

    def send(self, ballots: int, first: float, last: float) -> None:
        """Put a batch of process on the queue, a message a shard (or more); ballots are dealt out evenly."""
        few, more = divmod(ballots, self._setting.shards)
        most = most_in_a_message()
        for place in range(min(ballots, self._setting.shards)):
            shard = (self._next_shard + place) % self._setting.shards
            left = few + (place < more)
            while left:
                part = min(left, most)
                self.queues[shard].append(Message(part, first, last))
                self._told.units["sqs_fifo_requests"] += part * 100 / facts.CHUNK_BYTES  # ten messages share a request
                left -= part
            if shard not in self._locked:
                self._ready[shard] = None
        self._next_shard = (self._next_shard + more) % self._setting.shards
        self.ballots += ballots
        self.dispatch()

    def dispatch(self) -> None:
        """Give batches to write as long as a shard has messages and no writer, and there may be one more writer."""
        while self._ready and self.running < self._setting.write_concurrency:
            cold = self._functions.start("write")
            if cold is None:
                self._throttled_until = (self._agenda.now + 0.1, QUOTA)
                self._agenda.at(self._agenda.now + 0.1, self.dispatch)
                return
            self._begin(self._batch(), cold=cold)

    def _batch(self) -> dict[int, list[Message]]:
        """What one receive gives: ten messages, as many as there are of the group that comes first, then of the next."""
        found: dict[int, list[Message]] = {}
        room = facts.REQUEST_ENTRIES
        while room and self._ready:
            shard = next(iter(self._ready))
            del self._ready[shard]
            self._locked.add(shard)
            queue = self.queues[shard]
            found[shard] = [queue.popleft() for _ in range(min(room, len(queue)))]
            room -= len(found[shard])
        return found

    def _begin(self, batch: dict[int, list[Message]], *, cold: bool) -> None:
        self.running += 1
        by_shard = [sum(message.ballots for message in messages) for messages in batch.values()]
        ballots = sum(by_shard)
        self.ballots -= ballots
        now = self._agenda.now
        needs = {
            "votes write": CHANGED * ballots,
            "votes read": READ * ballots,
            "journal write": float(sum(map(entry_units, by_shard))),
            "journal read": float(2 * len(by_shard)),
        }
        waits, whose = self._tables.take(now, needs)
        if waits:
            self._throttled_until = (now + waits, whose)
            self._told.waited[whose] += ballots * waits
        seconds = self._work.write(by_shard) + waits + (self._work.cold("write") if cold else 0.0)
        units = self._told.units
        units["lambda_requests"] += 1
        units["lambda_gb_seconds"] += seconds * self._work.setting.memory_mb["write"] / 1024
        units["sqs_fifo_requests"] += 1 + ballots * 100 // facts.CHUNK_BYTES + 1  # a receive and a delete
        self._agenda.at(now + seconds, lambda: self._end(batch))

    def _end(self, batch: dict[int, list[Message]]) -> None:
        self.running -= 1
        self._functions.end("write")
        told, now = self._told, self._agenda.now
        for shard, messages in batch.items():
            for message in messages:
                told.counted += message.ballots
                told.until_counted.add(message.first, message.last, message.ballots, now)
            first, last = min(message.first for message in messages), max(message.last for message in messages)
            self._appended(Message(sum(message.ballots for message in messages), first, last))
            self._locked.discard(shard)
            if self.queues[shard]:
                self._ready[shard] = None
        self.dispatch()

    def step(self, at: float, step: float) -> None:
        """Tell for what the queue waited."""
        if not self.ballots:
            return
        until, whose = self._throttled_until
        why = whose if until > at else CONCURRENCY if self._ready else SHARDS
        self._told.waited[why] += self.ballots * step

    def oldest(self, at: float) -> float:
        """When the oldest ballot in the queue was accepted; `at` when there is none."""
        return min((queue[0].first for queue in self.queues if queue), default=at)
