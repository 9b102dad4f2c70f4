"""The tick queue and tally: woken once a slot, folds epoch after epoch while half its time is left."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from bench.capacity.agenda import Agenda
from bench.capacity.count import Message
from bench.capacity.functions import Functions
from bench.capacity.setting import Setting
from bench.capacity.tables import Tables
from bench.capacity.told import Told
from bench.capacity.work import ENTRY_BYTES, Work, titles_of
from votes.tally import TURNS

BACKSTOP_SECONDS = 300.0
PAUSES = (1.5, 3.0)  # seconds until a tick comes again, on average: shared.queues.back_off's
EPOCH = "tally: more than it folds in a slot"


class Epoch(NamedTuple):
    """Entries that one fold takes in."""

    entries: list[Message]
    ballots: int


class Tallying:
    """A tick that comes while a tally runs waits for it (it may begin beside it, but folds nothing more). One that had not time enough
    for all comes again, as often as votes.tally lets it."""

    def __init__(self, setting: Setting, work: Work, agenda: Agenda, functions: Functions, tables: Tables, told: Told) -> None:
        self._setting, self._work, self._agenda, self._functions = setting, work, agenda, functions
        self._tables, self._told = tables, told
        self.entries: deque[Message] = deque()
        self.ballots = 0
        self._last_slot = -1
        self._awake, self._again = False, False
        self._turn = 0  # of the tick that runs; the schedule's has no other
        agenda.at(BACKSTOP_SECONDS, self._backstop)

    def append(self, entry: Message) -> None:
        """An entry stands; the first of a slot sends its tick."""
        self.entries.append(entry)
        self.ballots += entry.ballots
        slot = int(self._agenda.now / self._setting.slot_seconds)
        if slot > self._last_slot:
            self._last_slot = slot
            self._told.units["sqs_fifo_requests"] += 3  # sent, received, deleted
            self._agenda.at(self._agenda.now + self._setting.tick_delay, self._wake)

    def _backstop(self) -> None:
        self._agenda.at(self._agenda.now + BACKSTOP_SECONDS, self._backstop)
        self._wake(TURNS)

    def _wake(self, turn: int = 1) -> None:
        if self._awake:
            self._again = True
            return
        cold = self._functions.start("tally")
        if cold is None:
            self._agenda.at(self._agenda.now + 0.5, lambda: self._wake(turn))
            return
        self._awake, self._turn = True, turn
        self._told.units["lambda_requests"] += 1
        began = self._agenda.now
        self._agenda.at(began + (self._work.cold("tally") if cold else 0.0), lambda: self._fold(began))

    def _fold(self, began: float) -> None:
        epoch = self._epoch()
        now = self._agenda.now
        if not epoch.ballots:
            self._sleep(began)
            return
        waits, whose = self._tables.take(
            now,
            {
                "tallies write": titles_of(epoch.ballots) + 2,
                "tallies read": 1.0,
                "journal read": epoch.ballots * ENTRY_BYTES / 4096 + self._setting.shards,
            },
        )
        if waits:
            self._told.waited[whose] += epoch.ballots * waits
        done = now + waits + self._work.fold(epoch.ballots, len(epoch.entries))
        self._agenda.at(done, lambda: self._close(epoch, began))

    def _epoch(self) -> Epoch:
        """As many entries as an epoch may hold; one at least."""
        taken: list[Message] = []
        ballots = 0
        while self.entries and (not taken or ballots + self.entries[0].ballots <= self._setting.epoch_changes):
            taken.append(self.entries.popleft())
            ballots += taken[-1].ballots
        self.ballots -= ballots
        return Epoch(taken, ballots)

    def _close(self, epoch: Epoch, began: float) -> None:
        told, now = self._told, self._agenda.now
        told.shown += epoch.ballots
        for entry in epoch.entries:
            told.until_shown.add(entry.first, entry.last, entry.ballots, now)
        capped = bool(self.entries) and epoch.ballots + self.entries[0].ballots > self._setting.epoch_changes
        if capped and now < began + self._setting.tally_timeout / 2:
            self._fold(began)
        else:
            if capped:
                told.waited[EPOCH] += self.ballots * self._setting.slot_seconds
                if (turn := self._turn) < TURNS:
                    told.units["sqs_fifo_requests"] += 2  # its visibility, and another receive
                    self._agenda.at(now + PAUSES[turn - 1], lambda: self._wake(turn + 1))
            self._sleep(began)

    def _sleep(self, began: float) -> None:
        self._functions.end("tally")
        self._awake = False
        seconds = self._agenda.now - began
        self._told.units["lambda_gb_seconds"] += seconds * self._work.setting.memory_mb["tally"] / 1024
        if self._again:
            self._again = False
            self._wake()
