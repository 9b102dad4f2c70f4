"""Logs and metrics: Powertools, configured once a worker from its POWERTOOLS_* variables. No voter identifier, no body goes in."""

import json
import logging
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit, single_metric
from botocore.exceptions import BotoCoreError, ClientError


@cache
def logger() -> Logger:
    """The worker's logger; its service name is POWERTOOLS_SERVICE_NAME, its level POWERTOOLS_LOG_LEVEL.

    Lambda's own level must stay at INFO or below: it drops lines without a level, which metrics are, as if they were INFO
    (AWS: "Log-level filtering"). Powertools would take that level before ours, so ours is set on the logger underneath.
    """
    made = Logger()
    logging.getLogger(made.name).setLevel(os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO"))
    return made


@cache
def metrics() -> Metrics:
    """The worker's metrics, in POWERTOOLS_METRICS_NAMESPACE; call `flush_metrics` after adding."""
    return Metrics()


def count(counts: Mapping[str, int]) -> None:
    """Write one line of counters, leaving out zeros; nothing if all are."""
    counts = {name: n for name, n in counts.items() if n}
    if counts:
        for name, n in counts.items():
            metrics().add_metric(name, MetricUnit.Count, n)
        metrics().flush_metrics()


def count_by(name: str, dimension: str, counts: Mapping[str, int]) -> None:
    """Write counter `name` once for each value of `dimension`: a line each, so only for what is rare."""
    for value, n in counts.items():
        with single_metric(name, MetricUnit.Count, n) as metric:
            metric.add_dimension(dimension, value)
            metric.add_dimension("service", logger().service)


def failed(place: str, kind: str, queue_url: str, count: int, **more: object) -> None:
    """The one structured line of a failure: function (the service), source queue, kind of error, place."""
    logger().error("failed", extra={"place": place, "kind": kind, "queue": queue_url.rsplit("/", 1)[-1], "count": count, **more})


def kind_of(error: BaseException) -> str:
    """What kind of error this is, in a word: the service's code, or the exception's name."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return str(code or type(error).__name__)


def cause_of(error: BaseException) -> dict[str, str]:
    """Where the error was raised (file and line), and its text if it is one of ours or of AWS: others may hold a voter's identifier."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    at = f"{place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}" if place else "unknown"
    spoken = type(error).__module__.partition(".")[0] in {"shared", "votes"} or isinstance(error, ClientError | BotoCoreError)
    return {"at": at, "detail": str(error)[:500]} if spoken else {"at": at}


def parsed(message: str) -> dict[str, Any]:
    """A message read back from the log: its JSON if it is a line of ours, empty for one of the runtime's."""
    start = message.find("{")
    try:
        line = json.loads(message[start:]) if start >= 0 else {}
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}
