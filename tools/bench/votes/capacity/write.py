"""The count queue and write, before the tables: one writer a shard, ten messages a batch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tools.bench.votes.capacity import facts
from tools.bench.votes.capacity.durations import COUNT_BYTES, Durations, most_in_a_message
from tools.bench.votes.capacity.event_queue import EventQueue
from tools.bench.votes.capacity.functions import QUOTA, Functions
from tools.bench.votes.capacity.results import Results
from tools.bench.votes.capacity.settings import Settings
from tools.bench.votes.capacity.tables import Tables
from tools.bench.votes.storage import OF_AN_ITEM
from tools.bench.votes.units import (
    CHANGED,
    ENTRY_BYTES,
    ENTRY_ROW_BYTES,
    HEAD_READS,
    LOG_BYTES,
    READ,
    ROW_BYTES,
    append_writes,
    shards_of,
)

CONCURRENCY, SHARDS = "write.maximum_concurrency", "counting.shards"


class Message(NamedTuple):
    """Ballots of one shard, accepted between `first` and `last`."""

    ballots: int
    first: float
    last: float


def _ballots(messages: Iterable[Message]) -> int:
    return sum(message.ballots for message in messages)


def requests_of(messages: list[int]) -> int:
    """Billed requests that send messages of so many ballots each, ten a request."""
    tens = range(0, len(messages), facts.REQUEST_ENTRIES)
    sent = [sum(messages[start : start + facts.REQUEST_ENTRIES]) for start in tens]
    return sum(max(1, -(-ballots * COUNT_BYTES // facts.CHUNK_BYTES)) for ballots in sent)


class Write:
    """The count queue, and its writers. `appended` gets what each entry holds."""

    def __init__(
        self,
        settings: Settings,
        durations: Durations,
        events: EventQueue,
        functions: Functions,
        tables: Tables,
        results: Results,
        appended: Callable[[Message], None],
    ) -> None:
        self._settings, self._durations, self._events, self._functions = settings, durations, events, functions
        self._tables, self._results, self._appended = tables, results, appended
        self.queues: list[deque[Message]] = [deque() for _ in range(settings.shards)]
        # shards with messages and without a writer, the longest waiting first
        self._ready: dict[int, None] = {}
        self._locked: set[int] = set()  # those with a writer
        self.ballots = 0  # in the queue
        self.running = 0
        self._throttled_until = (0.0, "")
        self._next_shard = 0

    def send(self, ballots: int, first: float, last: float) -> None:
        """Put a batch of process on the queue, a message a shard (or more).

        Ballots are dealt out evenly over as many shards as so many voters are expected to have.
        """
        shards = shards_of(ballots, self._settings.shards)
        few, more = divmod(ballots, shards)
        most = most_in_a_message()
        sent: list[int] = []
        for number in range(shards):
            shard = (self._next_shard + number) % self._settings.shards
            left = few + (number < more)
            while left:
                part = min(left, most)
                self.queues[shard].append(Message(part, first, last))
                sent.append(part)
                left -= part
            if shard not in self._locked:
                self._ready[shard] = None
        self._results.units["sqs_fifo_requests"] += requests_of(sent)
        self._next_shard = (self._next_shard + shards) % self._settings.shards
        self.ballots += ballots
        self.dispatch()

    def dispatch(self) -> None:
        """Give batches to write as long as a shard has messages and no writer, and there may be one
        more writer.
        """
        while self._ready and self.running < self._settings.write_concurrency:
            cold = self._functions.start("write")
            if cold is None:
                self._throttled_until = (self._events.now + 0.1, QUOTA)
                self._events.at(self._events.now + 0.1, self.dispatch)
                return
            self._begin(self._batch(), cold=cold)

    def _batch(self) -> dict[int, list[Message]]:
        """What one receive gives: ten messages, as many as there are of the group that comes first,
        then of the next.
        """
        batch: dict[int, list[Message]] = {}
        room = facts.REQUEST_ENTRIES
        while room and self._ready:
            shard = next(iter(self._ready))
            del self._ready[shard]
            self._locked.add(shard)
            queue = self.queues[shard]
            batch[shard] = [queue.popleft() for _ in range(min(room, len(queue)))]
            room -= len(batch[shard])
        return batch

    def _begin(self, batch: dict[int, list[Message]], *, cold: bool) -> None:
        self.running += 1
        by_shard = [_ballots(messages) for messages in batch.values()]
        ballots = sum(by_shard)
        self.ballots -= ballots
        now = self._events.now
        # A shard's entries and its head have one key, so one partition.
        entries = {str(shard): append_writes(n) for shard, n in zip(batch, by_shard, strict=True)}
        needs = {
            "votes write": CHANGED * ballots,
            "votes read": READ * ballots,
            "journal write": sum(entries.values()),
            "journal read": HEAD_READS * len(by_shard),
        }
        of_keys = {"journal write": entries, "journal read": dict.fromkeys(entries, HEAD_READS)}
        waits, whose = self._tables.take(now, needs, of_keys)
        if waits:
            self._throttled_until = (now + waits, whose)
            self._results.waited[whose] += ballots * waits
        seconds = self._durations.write(by_shard) + waits + (self._durations.cold("write") if cold else 0.0)
        units = self._results.units
        units["lambda_requests"] += 1
        units["lambda_gb_seconds"] += self._durations.billed("write", seconds, cold=cold)
        units["log_bytes"] += LOG_BYTES["write"]
        units["stored_bytes"] += CHANGED * ballots * (ROW_BYTES + OF_AN_ITEM)
        units["stored_bytes"] += ballots * ENTRY_BYTES + len(by_shard) * (ENTRY_ROW_BYTES + OF_AN_ITEM)
        # a receive and a delete
        units["sqs_fifo_requests"] += 1 + ballots * COUNT_BYTES // facts.CHUNK_BYTES + 1
        self._events.at(now + seconds, lambda: self._end(batch))

    def _end(self, batch: dict[int, list[Message]]) -> None:
        self.running -= 1
        self._functions.end("write")
        results, now = self._results, self._events.now
        for shard, messages in batch.items():
            for message in messages:
                results.counted += message.ballots
                results.until_counted.add(message.first, message.last, message.ballots, now)
            first, last = min(message.first for message in messages), max(message.last for message in messages)
            self._appended(Message(_ballots(messages), first, last))
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
        self._results.waited[why] += self.ballots * step

    def oldest(self, at: float) -> float:
        """When the oldest ballot in the queue was accepted; `at` when there is none."""
        return min((queue[0].first for queue in self.queues if queue), default=at)
