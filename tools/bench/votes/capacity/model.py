"""The whole way in small time steps: arrivals, throttles and pollers step by step.

Ends of calls and ticks come at their exact times.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.bench.votes.capacity.api import Api
from tools.bench.votes.capacity.curves import Curve
from tools.bench.votes.capacity.durations import Durations
from tools.bench.votes.capacity.event_queue import EventQueue
from tools.bench.votes.capacity.functions import FUNCTIONS, Functions
from tools.bench.votes.capacity.ingest import Ingest
from tools.bench.votes.capacity.results import Results
from tools.bench.votes.capacity.settings import Settings
from tools.bench.votes.capacity.tables import Tables
from tools.bench.votes.capacity.tally import Tally
from tools.bench.votes.capacity.write import Write

# seconds: a step; a step of curves that last longer than `LONG`
STEP, LONG_STEP, LONG = 0.1, 0.5, 7_200.0
SAMPLES = 600
DRAINS_WITHIN = 4 * 3_600.0  # seconds after the load's end; then the run stops, drained or not


@dataclass
class Run:
    """A finished run."""

    settings: Settings
    durations: Durations
    curve: Curve
    results: Results
    tables: Tables
    functions: Functions
    # seconds, all counted and shown; None where that took longer than `DRAINS_WITHIN`
    drained_at: float | None


class Model:
    """One environment under one load."""

    def __init__(self, settings: Settings, durations: Durations, curve: Curve, step: float | None = None) -> None:
        self.settings, self.durations, self.curve = settings, durations, curve
        self._step = step or (LONG_STEP if curve.lasts > LONG else STEP)
        self.results, self.events = Results(), EventQueue()
        self.functions = Functions(settings.lambda_quota)
        self.tables = Tables(dict(settings.capacity))
        self.tally = Tally(settings, durations, self.events, self.functions, self.tables, self.results)
        self.write = Write(
            settings, durations, self.events, self.functions, self.tables, self.results, self.tally.append
        )
        self.ingest = Ingest(settings, durations, self.events, self.functions, self.results, self.write.send)
        self.api = Api(settings, durations, self.functions, self.results)
        self._sample_every = max(self._step, curve.lasts / SAMPLES)
        self._sampled = -1

    def run(self) -> Run:
        """To the end of the load, and on until all is shown."""
        at = 0.0
        for at, came in self.curve.arrivals(self._step):
            self._pass(at, came)
        ends = at + self._step
        steps = 0
        while not self._drained() and steps * self._step < DRAINS_WITHIN:
            at = ends + steps * self._step
            self._pass(at, 0)
            steps += 1
        drained = at + self._step if self._drained() else None
        return Run(self.settings, self.durations, self.curve, self.results, self.tables, self.functions, drained)

    def _pass(self, at: float, came: int) -> None:
        step = self._step
        self.functions.advance(at)
        self.tables.advance(at)
        accepted = self.api.take(at, step, came)
        self.ingest.step(at, step, accepted)
        self.write.step(at, step)
        self.results.in_system_seconds += (self.results.accepted - self.results.counted) * step
        if int(at / self._sample_every) > self._sampled:
            self._sampled = int(at / self._sample_every)
            self._sample(at, came, accepted * self.durations.a_request)
        self.events.run(at + step)

    def _drained(self) -> bool:
        return self.results.shown == self.results.accepted

    def _sample(self, at: float, came: int, accepted: int) -> None:
        ingest, each = self.ingest, self.durations.a_request
        held = [*ingest.gathering, *ingest.running]
        oldest = min(
            [self.write.oldest(at), *(batch.first for batch in held), *(one[0] for one in list(ingest.waiting)[:1])]
        )
        self.results.samples.append(
            {
                "at": round(at, 1),
                "offered": came / self._step,
                "accepted": accepted / self._step,
                "ingest": (ingest.backlog + ingest.in_flight) * each,
                "count": self.write.ballots,
                "journal": self.results.counted - self.results.shown,
                "oldest": round(at - oldest, 2),
                "throttled": round(sum(one.throttled for one in self.tables.by_name.values())),
                "refused": sum(self.results.refused.values()),
            }
            | {name: round(self.functions.running[name], 1) for name in FUNCTIONS}
        )
