"""Dollars: units times the list prices in prices.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from tools.bench.run import Run

MILLION = 1_000_000
MONTH_HOURS = 730.0
# the memory at which a function has one whole core; with less it has that share of one
CORE_MB = 1769
# What a bill of a design holds: Storage is the first month's.
SERVICES = ("API", "Lambda", "SQS", "DynamoDB", "Logs", "Access logs", "Data out", "Storage")
# What the design does not choose: it is the same for whatever stands behind the API.
OF_THE_DOOR = ("API", "Access logs", "Data out")


@cache
def prices() -> dict[str, Any]:
    """The price list."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text())
    return found


def price(unit: str) -> float:
    """Dollars of one unit, of the first that are used in a month."""
    one = prices()["dollars"][unit]
    return float(one["price"] / one["per"])


def cost(unit: str, number: float, times_a_month: float = 1.0) -> float:
    """Dollars of so many units that are used so many times a month, by the month's tiers."""
    one = prices()["dollars"][unit]
    tiers = [(0, one["price"]), *((step["past"], step["price"]) for step in one.get("then", ()))]
    used, paid = number * times_a_month, 0.0
    for (start, dollars), (end, _) in pairwise([*tiers, (math.inf, 0.0)]):
        paid += max(0.0, min(used, end) - start) * dollars
    return float(paid / one["per"] / times_a_month)


def a_million(run: Run) -> dict[str, float]:
    """Dollars a million items by service, at the prices of a month's first units."""
    found = dict.fromkeys(SERVICES, 0.0)
    for unit, one in prices()["dollars"].items():
        if one["service"] not in found:
            continue
        number = gb_seconds(run) if unit == "lambda_gb_seconds" else run.meter.total(unit)
        found[one["service"]] += number * price(unit) / run.items * MILLION
    return found


def by_service(units: Mapping[str, float], times_a_month: float = 1.0) -> dict[str, float]:
    """Dollars of so many units, by service, the dearest first."""
    found: dict[str, float] = {}
    for unit, number in units.items():
        service = str(prices()["dollars"][unit]["service"])
        found[service] = found.get(service, 0.0) + cost(unit, number, times_a_month)
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def table_a_million(run: Run) -> float:
    """Dollars a million items of the tables' units alone."""
    return a_million(run)["DynamoDB"]


def behind_the_api(by_service: dict[str, float]) -> float:
    """Dollars of everything that a design chooses: all but the API, its log and its answers."""
    return sum(number for service, number in by_service.items() if service not in OF_THE_DOOR)


def gb_seconds(run: Run) -> float:
    """Of all stages.

    It is each invocation's CPU at the memory's share of a core and what it waits for its calls,
    rounded up to a millisecond.
    """
    return sum(_billed(run, stage) * memory_mb / 1024 for stage, memory_mb in run.memory_mb.items())


def _billed(run: Run, stage: str) -> float:
    """Seconds of all of a stage's invocations."""
    invocations = run.meter.total("lambda_requests", stage)
    if not invocations:
        return 0.0
    seconds = (run.cpu[stage] * max(1.0, CORE_MB / run.memory_mb[stage]) + run.wait[stage]) / invocations
    return invocations * math.ceil(round(seconds * 1000, 6)) / 1000
