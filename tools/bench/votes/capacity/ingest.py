"""The ingest queue and its mapping: pollers gather batches for process.

They keep Lambda's rules for standard queues.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tools.bench.votes.capacity import facts
from tools.bench.votes.capacity.durations import Durations
from tools.bench.votes.capacity.event_queue import EventQueue
from tools.bench.votes.capacity.functions import QUOTA, Functions
from tools.bench.votes.capacity.results import Results
from tools.bench.votes.capacity.settings import Settings
from tools.bench.votes.units import LOG_BYTES, WINDOW_READS, WINDOW_SECONDS, titles_of
from tools.simulation.aws.pollers import EVENT_BYTES, receives

# What lets messages wait.
CONCURRENCY = "process.maximum_concurrency"
SCALING = "the mapping's scaling (+300 a minute)"
IN_FLIGHT = "SQS's messages in flight"
POLLERS = "1 MB/s a poller"


@dataclass
class Batch:
    """Messages that a poller gathers, or process has; accepted between `first` and `last`."""

    opened: float
    first: float = 0.0
    last: float = 0.0
    messages: int = 0


class Ingest:
    """`send` gets the ballots of each batch that process has done: (number, first, last)."""

    def __init__(
        self,
        settings: Settings,
        durations: Durations,
        events: EventQueue,
        functions: Functions,
        results: Results,
        send: Callable[[int, float, float], None],
    ) -> None:
        self._settings, self._durations, self._events = settings, durations, events
        self._functions, self._results, self._send = functions, results, send
        self._full = durations.batch_messages(EVENT_BYTES)
        self._limit = float(facts.FIRST_BATCHES)
        self.waiting: deque[list[float]] = deque()  # [accepted at, messages]
        self.backlog = 0  # messages in it
        self.gathering: list[Batch] = []
        self.running: list[Batch] = []
        self._begun = 0  # pollers
        self._minute, self._in_minute = 0, 0  # ballots whose titles were looked up in this minute

    @property
    def in_flight(self) -> int:
        """Messages received and not yet deleted."""
        return sum(batch.messages for batch in self.gathering) + sum(batch.messages for batch in self.running)

    def step(self, at: float, step: float, came: int) -> None:
        """`came` messages arrive; pollers receive; a batch that is full, or whose window is over,
        goes to process.
        """
        if came:
            self.waiting.append([at, came])
            self.backlog += came
        self._open(at)
        self._gather(step)
        self._scale(step)
        for batch in list(self.gathering):
            if batch.messages >= self._full or at + step >= batch.opened + self._settings.window_seconds - 1e-9:
                self._invoke(batch)

    def _most(self) -> int:
        return min(int(self._limit), self._settings.process_concurrency, facts.MOST_BATCHES)

    def _open(self, at: float) -> None:
        free = self._most() - len(self.gathering) - len(self.running)
        for _ in range(min(free, self.backlog)):
            self.gathering.append(Batch(at - self._ahead()))

    def _ahead(self) -> float:
        """Seconds by which a poller's window is over earlier: the first ones begin one after the
        other, and their windows stay apart.
        """
        self._begun += 1
        share = (self._begun - 1) / facts.FIRST_BATCHES
        return self._settings.window_seconds * share if share < 1 and not self._settings.in_step else 0.0

    def _gather(self, step: float) -> None:
        """Deal out what waits, evenly among the pollers, as far as each can take it.

        Who has least is the one that asks.
        """
        allowance = facts.IN_FLIGHT - self.in_flight
        fast = max(1, round(facts.POLLER_BYTES_A_SECOND * step / self._durations.event_bytes()))
        pollers = len(self.gathering)
        for served, batch in enumerate(sorted(self.gathering, key=lambda one: one.messages)):
            share = -(-self.backlog // (pollers - served))
            take = min(share, self._full - batch.messages, fast, allowance, self.backlog)
            if take <= 0:
                continue
            allowance -= take
            self.backlog -= take
            self._take(batch, take)
        self.gathering = [batch for batch in self.gathering if batch.messages]
        if self.backlog:
            self._results.waited[self._why(allowance)] += self.backlog * self._durations.a_request * step

    def _take(self, batch: Batch, number: int) -> None:
        first = self.waiting[0][0]
        if not batch.messages or first < batch.first:
            batch.first = first
        batch.messages += number
        while number:
            head = self.waiting[0]
            batch.last = max(batch.last, head[0])
            some = min(number, int(head[1]))
            head[1] -= some
            number -= some
            if not head[1]:
                self.waiting.popleft()

    def _why(self, allowance: int) -> str:
        if allowance <= 0:
            return IN_FLIGHT
        if len(self.gathering) + len(self.running) < self._most():
            return POLLERS
        return CONCURRENCY if self._most() >= self._settings.process_concurrency else SCALING

    def _scale(self, step: float) -> None:
        """More batches at a time while messages are left, else fewer (assumed: as fast)."""
        more = facts.MORE_BATCHES_A_MINUTE / 60 * step
        most = min(self._settings.process_concurrency, facts.MOST_BATCHES)
        self._limit = (
            min(most, self._limit + more) if self.backlog else max(min(most, facts.FIRST_BATCHES), self._limit - more)
        )

    def _invoke(self, batch: Batch) -> None:
        cold = self._functions.start("process")
        if cold is None:
            self._results.waited[QUOTA] += batch.messages * self._durations.a_request
            return  # tried again in the next step
        self.gathering.remove(batch)
        self.running.append(batch)
        ballots = batch.messages * self._durations.a_request
        seconds = self._durations.process(ballots) + (self._durations.cold("process") if cold else 0.0)
        units = self._results.units
        self._look_up(ballots)
        units["lambda_requests"] += 1
        units["lambda_gb_seconds"] += self._durations.billed("process", seconds, cold=cold)
        units["log_bytes"] += LOG_BYTES["process"]
        # receives and deletes
        gathered = self._events.now - batch.opened
        units["sqs_requests"] += receives(batch.messages, gathered) + -(-batch.messages // facts.REQUEST_ENTRIES)
        self._events.at(self._events.now + seconds, lambda: self._end(batch, ballots))

    def _look_up(self, ballots: int) -> None:
        """Titles' windows: each environment reads one again where it is a minute old."""
        minute = int(self._events.now / WINDOW_SECONDS)
        if minute > self._minute:
            readers = max(1, len(self.running))
            self._results.units["read_units"] += WINDOW_READS * readers * titles_of(self._in_minute // readers)
            self._minute, self._in_minute = minute, 0
        self._in_minute += ballots

    def _end(self, batch: Batch, ballots: int) -> None:
        self.running.remove(batch)
        self._functions.end("process")
        self._send(ballots, batch.first, batch.last)
