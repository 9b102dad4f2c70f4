"""The tick queue and tally: once a slot, epoch after epoch while half its time is left."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from tools.bench.votes.capacity.durations import Durations
from tools.bench.votes.capacity.event_queue import EventQueue
from tools.bench.votes.capacity.functions import Functions
from tools.bench.votes.capacity.results import Results
from tools.bench.votes.capacity.settings import Settings
from tools.bench.votes.capacity.tables import Tables
from tools.bench.votes.capacity.write import Message
from tools.bench.votes.units import (
    FOLD_READS,
    FOLD_WRITES,
    LOG_BYTES,
    fold_reads,
    fold_writes,
    verify_reads,
)
from votes.tally import TURNS

BACKSTOP_SECONDS = 300.0
PAUSES = (1.5, 3.0)  # seconds until a tick comes again, on average: shared.queues.back_off's
EPOCH = "tally: more than it folds in a slot"


class Epoch(NamedTuple):
    """Entries that one fold takes in."""

    entries: list[Message]
    ballots: int


class Tally:
    """The tick queue, and the one tally that folds.

    A tick that comes while a tally runs waits for it (it may begin beside it, but folds nothing
    more). One that had not time enough for all comes again, as often as votes.tally lets it.
    """

    def __init__(
        self,
        settings: Settings,
        durations: Durations,
        events: EventQueue,
        functions: Functions,
        tables: Tables,
        results: Results,
    ) -> None:
        self._settings, self._durations, self._events, self._functions = settings, durations, events, functions
        self._tables, self._results = tables, results
        self.entries: deque[Message] = deque()
        self.ballots = 0
        self._last_slot = -1
        self._awake, self._again, self._cold = False, False, False
        self._turn = 0  # of the tick that runs; the schedule's has no other
        events.at(BACKSTOP_SECONDS, self._backstop)

    def append(self, entry: Message) -> None:
        """An entry stands; the first of a slot sends its tick."""
        self.entries.append(entry)
        self.ballots += entry.ballots
        slot = int(self._events.now / self._settings.slot_seconds)
        if slot > self._last_slot:
            self._last_slot = slot
            self._results.units["sqs_fifo_requests"] += 3  # sent, received, deleted
            self._events.at(self._events.now + self._settings.tick_delay, self._wake)

    def _backstop(self) -> None:
        self._events.at(self._events.now + BACKSTOP_SECONDS, self._backstop)
        self._wake(TURNS)

    def _wake(self, turn: int = 1) -> None:
        if self._awake:
            self._again = True
            return
        cold = self._functions.start("tally")
        if cold is None:
            self._events.at(self._events.now + 0.5, lambda: self._wake(turn))
            return
        self._awake, self._turn, self._cold = True, turn, cold
        self._results.units["lambda_requests"] += 1
        began = self._events.now
        self._events.at(began + (self._durations.cold("tally") if cold else 0.0), lambda: self._fold(began))

    def _fold(self, began: float) -> None:
        epoch = self._epoch()
        now = self._events.now
        if not epoch.ballots:
            self._sleep(began)
            return
        shards = self._settings.shards
        entries = fold_reads(epoch.ballots, shards)
        needs = {
            "tallies write": fold_writes(epoch.ballots),
            "tallies read": FOLD_READS,
            "journal read": entries,
            "votes read": verify_reads(epoch.ballots, len(epoch.entries), shards),
        }
        # The row that every fold writes, and each shard's journal; a title's row is written once.
        of_keys = {
            "tallies write": {"#fold": FOLD_WRITES},
            "journal read": {str(shard): entries / shards for shard in range(shards)},
        }
        waits, whose = self._tables.take(now, needs, of_keys)
        if waits:
            self._results.waited[whose] += epoch.ballots * waits
        done = now + waits + self._durations.fold(epoch.ballots, len(epoch.entries))
        self._events.at(done, lambda: self._close(epoch, began))

    def _epoch(self) -> Epoch:
        """As many entries as an epoch may hold; one at least."""
        taken: list[Message] = []
        ballots = 0
        while self.entries and (not taken or ballots + self.entries[0].ballots <= self._settings.epoch_changes):
            taken.append(self.entries.popleft())
            ballots += taken[-1].ballots
        self.ballots -= ballots
        return Epoch(taken, ballots)

    def _close(self, epoch: Epoch, began: float) -> None:
        results, now = self._results, self._events.now
        results.shown += epoch.ballots
        for entry in epoch.entries:
            results.until_shown.add(entry.first, entry.last, entry.ballots, now)
        capped = bool(self.entries) and epoch.ballots + self.entries[0].ballots > self._settings.epoch_changes
        if capped and now < began + self._settings.tally_timeout / 2:
            self._fold(began)
        else:
            if capped:
                results.waited[EPOCH] += self.ballots * self._settings.slot_seconds
                if (turn := self._turn) < TURNS:
                    results.units["sqs_fifo_requests"] += 2  # its visibility, and another receive
                    self._events.at(now + PAUSES[turn - 1], lambda: self._wake(turn + 1))
            self._sleep(began)

    def _sleep(self, began: float) -> None:
        self._functions.end("tally")
        self._awake = False
        seconds = self._events.now - began
        self._results.units["lambda_gb_seconds"] += self._durations.billed("tally", seconds, cold=self._cold)
        self._results.units["log_bytes"] += LOG_BYTES["tally"]
        if self._again:
            self._again = False
            self._wake()
