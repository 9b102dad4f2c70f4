"""A table on demand or provisioned with autoscaling: what each costs a month for the same use."""

from __future__ import annotations

import math
from typing import NamedTuple

from tools.bench.dollars import MONTH_HOURS, cost, prices
from tools.bench.standing import ALARMS_A_SCALING
from tools.bench.votes.capacity.curves import HOUR, MONTH
from tools.bench.votes.capacity.model import Run
from tools.bench.votes.capacity.settings import Units, kind_of
from tools.bench.votes.capacity.tables import MINUTE, Capacity

TARGET = 70.0  # %, the table module's
LEAST = (0.0, 0.1, 0.25, 0.5, 1.0)  # of the peak, that is there at the start
SPARE = 1.5  # times the peak: what it may scale to
STEPS = 6  # a minute's units are used in so many parts


class Mode(NamedTuple):
    """Reads or writes of a table in a mode; `units` None: on demand."""

    dollars: float
    units: Units | None


def on_demand(run: Run, name: str) -> Mode:
    """By what is used."""
    used = run.tables.by_name[name].used * run.curve.times_a_month
    return Mode(cost(f"{kind_of(name)}_units", used), None)


def provisioned(run: Run, name: str) -> Mode | None:
    """The cheapest that throttles nothing of what the run used; None where none does."""
    minutes = run.tables.by_name[name].minutes
    peak = max(minutes, default=0.0) / MINUTE
    found = [mode for share in LEAST if (mode := _played(run, name, minutes, _units(peak, share)))]
    return min(found, key=lambda mode: mode.dollars, default=None)


def _units(peak: float, share: float) -> Units:
    most = max(1, math.ceil(peak * 100 / TARGET * SPARE))
    return Units(max(1, math.ceil(peak * 100 / TARGET * share)), most, TARGET)


def _played(run: Run, name: str, minutes: list[float], units: Units) -> Mode | None:
    """A month of it: the load as often as it comes, and its least between."""
    table = Capacity(units)
    for number, used in enumerate(minutes):
        for step in range(STEPS):
            table.take((number + step / STEPS) * MINUTE, used / STEPS)
    if table.throttled >= 1:
        return None
    times = run.curve.times_a_month
    played = len(minutes) * MINUTE
    hours = (table.provisioned_seconds * times + units.least * max(0.0, MONTH - played * times)) / HOUR
    return Mode(hours * an_hour(name) + ALARMS_A_SCALING * prices()["monthly"]["alarm"]["price"], units)


def an_hour(name: str) -> float:
    """Dollars of an hour of one provisioned unit, of "votes write"."""
    return float(prices()["monthly"][f"{kind_of(name)}_capacity_unit"]["price"] / MONTH_HOURS)
