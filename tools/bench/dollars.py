"""Dollars: units times the list prices in prices.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tools.bench.run import Run

MILLION = 1_000_000
# the memory at which a function has one whole core; with less it has that share of one
CORE_MB = 1769
SERVICES = ("API", "Lambda", "SQS", "DynamoDB", "Logs")


@cache
def prices() -> dict[str, Any]:
    """The price list."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text())
    return found


def price(unit: str) -> float:
    """Dollars of one unit."""
    one = prices()["dollars"][unit]
    return float(one["price"] / one["per"])


def a_million(run: Run) -> dict[str, float]:
    """Dollars a million items by service.

    Lambda's time is the CPU that was measured: waiting comes on top, for every design.
    """
    found = dict.fromkeys(SERVICES, 0.0)
    for unit, one in prices()["dollars"].items():
        if one["service"] not in found:
            continue
        number = gb_seconds(run) if unit == "lambda_gb_seconds" else run.meter.total(unit)
        found[one["service"]] += number * price(unit) / run.items * MILLION
    return found


def by_service(units: Mapping[str, float]) -> dict[str, float]:
    """Dollars of so many units, by service, the dearest first."""
    found: dict[str, float] = {}
    for unit, number in units.items():
        service = str(prices()["dollars"][unit]["service"])
        found[service] = found.get(service, 0.0) + number * price(unit)
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def table_a_million(run: Run) -> float:
    """Dollars a million items of the tables alone."""
    return a_million(run)["DynamoDB"]


def behind_the_api(by_service: dict[str, float]) -> float:
    """Dollars of everything but the API itself."""
    return sum(by_service.values()) - by_service["API"]


def gb_seconds(run: Run) -> float:
    """Of all stages.

    It is each invocation's CPU at the memory's share of a core, rounded up to a millisecond.
    """
    total = 0.0
    for stage, memory_mb in run.memory_mb.items():
        invocations = run.meter.total("lambda_requests", stage)
        if invocations:
            seconds = run.cpu[stage] / invocations * max(1.0, CORE_MB / memory_mb)
            total += invocations * math.ceil(seconds * 1000) / 1000 * memory_mb / 1024
    return total
