"""What looking at a deployed environment costs: the requests of it, counted, at list prices.

Reading mappings and asking whose credentials these are costs nothing.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tools.bench import dollars

HOUR_SECONDS = 3600.0


class Meter:
    """Counts requests in the units of the price list; for several threads."""

    def __init__(self) -> None:
        self._units: Counter[str] = Counter()
        self._counting = threading.Lock()

    def watch(self, client: Any) -> None:
        """Count what a boto3 client asks from now on."""
        client.meta.events.register("provide-client-params.*.*", self._asked)

    @property
    def dollars(self) -> float:
        """Spent so far."""
        with self._counting:
            return spent(self._units)

    def _asked(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        unit, number = billed(model.service_model.service_name, model.name, params)
        with self._counting:
            self._units[unit] += number


def billed(service: str, operation: str, params: Mapping[str, Any]) -> tuple[str, int]:
    """The unit that a request is billed by, and how many of it; no unit ("") where it is free."""
    if service == "sqs":
        return ("sqs_fifo_requests" if params["QueueUrl"].endswith(".fifo") else "sqs_requests"), 1
    if service == "cloudwatch":
        if operation == "GetMetricData":
            return "metrics_read", len(params["MetricDataQueries"])
        return "metric_requests", 1
    return "", 0


def spent(units: Mapping[str, int]) -> float:
    """Dollars of so many units, at the prices of a month's first."""
    return sum(number * dollars.price(unit) for unit, number in units.items() if number)
