"""Logs and metrics: Powertools, configured once a worker from its POWERTOOLS_* variables.

No identifier of a person, no body goes in.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit, single_metric
from botocore.exceptions import BotoCoreError, ClientError


@cache
def logger() -> Logger:
    """The worker's logger, with POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL.

    Lambda's own level must stay at INFO or below: it drops lines without a level, which metrics
    are, as if they were INFO (AWS: "Log-level filtering"). So it does every line whose timestamp is
    not RFC 3339, an error too. Powertools would take that level before ours, so ours is set on the
    logger underneath.
    """
    made = Logger(use_rfc3339=True)
    logging.getLogger(made.name).setLevel(os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO"))
    return made


@cache
def metrics() -> Metrics:
    """The worker's metrics, in POWERTOOLS_METRICS_NAMESPACE; call `flush_metrics` after adding."""
    return Metrics()


def count(counts: Mapping[str, int]) -> None:
    """Write one line of counters, leaving out zeros; nothing if all are, or where metrics are off.

    There Powertools would keep them, and print a hundred at once.
    """
    counts = {name: n for name, n in counts.items() if n}
    if counts and not _are_metrics_off():
        for name, n in counts.items():
            metrics().add_metric(name, MetricUnit.Count, n)
        metrics().flush_metrics()


def measure(name: str, unit: MetricUnit, values: Sequence[float]) -> None:
    """Write measurements under one name, which CloudWatch makes a statistic of; none is no line."""
    if values and not _are_metrics_off():
        for value in values:
            metrics().add_metric(name, unit, value)
        metrics().flush_metrics()


def count_by(name: str, dimension: str, counts: Mapping[str, int]) -> None:
    """Write counter `name` once for each value of `dimension`.

    That is a line each, so only for what is rare.
    """
    if _are_metrics_off():
        return
    for value, n in counts.items():
        with single_metric(name, MetricUnit.Count, n) as metric:
            metric.add_dimension(dimension, value)
            metric.add_dimension("service", logger().service)


def count_always(name: str, n: int) -> None:
    """Write one counter, where metrics are off too; nothing if it is zero.

    For what an alarm watches in every environment. A metric is paid by the hours in which it is
    written, so what is zero while all is well costs nothing then.
    """
    if n:
        with single_metric(name, MetricUnit.Count, n) as metric:
            metric.add_dimension("service", logger().service)


def _are_metrics_off() -> bool:
    """Powertools goes by this itself, but not for a `single_metric`."""
    return os.environ.get("POWERTOOLS_METRICS_DISABLED", "").lower() in ("true", "1")


def failed(place: str, kind: str, queue_url: str, count: int, **more: object) -> None:
    """Write the one structured line of a failure.

    It names the function (as the service), the source queue, the kind of error and the place.
    """
    logger().error(
        "failed",
        extra={
            "place": place,
            "kind": kind,
            "queue": queue_url.rsplit("/", 1)[-1],
            "count": count,
            **more,
        },
    )


def error(place: str, cause: BaseException) -> None:
    """Write the one line of an error that no message of a queue is to blame for."""
    extra = {"place": place, "kind": kind_of(cause), **cause_of(cause)}
    logger().error("failed", extra=extra)


def kind_of(error: BaseException) -> str:
    """What kind of error this is, in a word: the service's code, or the exception's name."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return str(code or type(error).__name__)


def cause_of(error: BaseException) -> dict[str, str]:
    """Where the error was raised (file and line), and its text if that may be shown.

    It may be for errors of AWS, and of packages whose ERROR_TEXTS_MAY_BE_LOGGED says so: others may
    hold a person's identifier.
    """
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    at = "unknown"
    if last:
        at = f"{last.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{last.tb_lineno}"
    if isinstance(error, ClientError | BotoCoreError) or _is_ours(error):
        return {"at": at, "detail": str(error)[:500]}
    return {"at": at}


def _is_ours(error: BaseException) -> bool:
    package = sys.modules.get(type(error).__module__.partition(".")[0])
    return getattr(package, "ERROR_TEXTS_MAY_BE_LOGGED", False) is True


def parsed(message: str) -> dict[str, Any]:
    """A message read back from the log: the JSON of a line of ours; empty for the runtime's."""
    start = message.find("{")
    try:
        line = json.loads(message[start:]) if start >= 0 else {}
    except (ValueError, RecursionError):  # a stranger's text may be in it, however deep
        return {}
    return line if isinstance(line, dict) else {}
