"""The whole way in small time steps: arrivals, throttles and pollers step by step; ends of calls and ticks at their exact times."""

from __future__ import annotations

from dataclasses import dataclass

from bench.capacity.agenda import Agenda
from bench.capacity.count import Count
from bench.capacity.curves import Curve
from bench.capacity.entrance import Entrance
from bench.capacity.functions import FUNCTIONS, Functions
from bench.capacity.ingest import Ingest
from bench.capacity.setting import Setting
from bench.capacity.tables import Tables
from bench.capacity.tallying import Tallying
from bench.capacity.told import Told
from bench.capacity.work import Work

STEP, LONG_STEP, LONG = 0.1, 0.5, 7_200.0  # seconds: a step; a step of curves that last longer than `LONG`
SAMPLES = 600
DRAINS_WITHIN = 4 * 3_600.0  # seconds after the load's end; then the run stops, drained or not


@dataclass
class Run:
    """A finished run."""

    setting: Setting
    work: Work
    curve: Curve
    told: Told
    tables: Tables
    functions: Functions
    drained_at: float | None  # seconds, all counted and shown; None where that took longer than `DRAINS_WITHIN`


class Model:
    """One environment under one load."""

    def __init__(self, setting: Setting, work: Work, curve: Curve, step: float | None = None) -> None:
        self.setting, self.work, self.curve = setting, work, curve
        self._step = step or (LONG_STEP if curve.lasts > LONG else STEP)
        self.told, self.agenda = Told(), Agenda()
        self.functions = Functions(setting.lambda_quota)
        self.tables = Tables(dict(setting.capacity))
        self.tallying = Tallying(setting, work, self.agenda, self.functions, self.tables, self.told)
        self.count = Count(setting, work, self.agenda, self.functions, self.tables, self.told, self.tallying.append)
        self.ingest = Ingest(setting, work, self.agenda, self.functions, self.told, self.count.send)
        self.entrance = Entrance(setting, work, self.functions, self.told)
        self._sample_every = max(self._step, curve.lasts / SAMPLES)
        self._sampled = -1

    def run(self) -> Run:
        """To the end of the load, and on until all is shown."""
        at = 0.0
        for at, came in self.curve.arrivals(self._step):
            self._pass(at, came)
        ends = at + self._step
        place = 0
        while not self._drained() and place * self._step < DRAINS_WITHIN:
            at = ends + place * self._step
            self._pass(at, 0)
            place += 1
        drained = at + self._step if self._drained() else None
        return Run(self.setting, self.work, self.curve, self.told, self.tables, self.functions, drained)

    def _pass(self, at: float, came: int) -> None:
        step = self._step
        self.functions.look(at)
        self.tables.look(at)
        accepted = self.entrance.take(at, step, came)
        self.ingest.step(at, step, accepted)
        self.count.step(at, step)
        self.told.in_system_seconds += (self.told.accepted - self.told.counted) * step
        if int(at / self._sample_every) > self._sampled:
            self._sampled = int(at / self._sample_every)
            self._sample(at, came, accepted * self.work.a_request)
        self.agenda.run(at + step)

    def _drained(self) -> bool:
        return self.told.shown == self.told.accepted

    def _sample(self, at: float, came: int, accepted: int) -> None:
        ingest, each = self.ingest, self.work.a_request
        held = [*ingest.gathering, *ingest.running]
        oldest = min([self.count.oldest(at), *(batch.first for batch in held), *(one[0] for one in list(ingest.waiting)[:1])])
        self.told.samples.append(
            {
                "at": round(at, 1),
                "offered": came / self._step,
                "accepted": accepted / self._step,
                "ingest": (ingest.backlog + ingest.in_flight) * each,
                "count": self.count.ballots,
                "journal": self.told.counted - self.told.shown,
                "oldest": round(at - oldest, 2),
                "throttled": round(sum(one.throttled for one in self.tables.by_name.values())),
                "refused": sum(self.told.refused.values()),
            }
            | {name: round(self.functions.running[name], 1) for name in FUNCTIONS}
        )
