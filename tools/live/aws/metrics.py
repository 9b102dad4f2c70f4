"""What CloudWatch says of functions and queues, once a minute and in one call for a whole page.

Its points are of whole minutes and one to three minutes late: so the newest minute that is told of
ended at least one minute ago, and what has no point of it did nothing then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tools.live.aws.place import Place
from tools.operations.conservation import FUNCTION as CONSERVATION

MINUTE = 60
LATE_SECONDS = 60  # that a minute's points may come later than its end
AGE_SECONDS = 600  # an older point says nothing of a queue's oldest message
WINDOW_SECONDS = 1800  # in which the deployed check has looked, or nobody knows what the law is
MOST_A_CALL = 500

RAN, FAILED, REFUSED = "Invocations", "Errors", "Throttles"
OLDEST = "ApproximateAgeOfOldestMessage"
ACCEPTED, MISSING = "WitnessesAccepted", "WitnessesMissing"


class Metric(NamedTuple):
    """A metric of a pipeline; `of`: the short name of its function or queue."""

    pipeline: str
    of: str
    name: str
    namespace: str
    dimension: tuple[str, str]

    @property
    def statistic(self) -> str:
        """How the points of a minute are put together."""
        return "Sum" if self.name in (RAN, FAILED, REFUSED) else "Maximum"


class Point(NamedTuple):
    """A value, and the second since 1970 at which its minute began."""

    at: float
    value: float


class Points:
    """What one look at all metrics found; `minute` is the one that is told of, by its begin."""

    def __init__(self, found: dict[Metric, list[Point]], minute: float) -> None:
        self.minute = minute
        self._found = {(one.pipeline, one.of, one.name): points for one, points in found.items()}

    @property
    def as_of(self) -> float:
        """The end of the minute."""
        return self.minute + MINUTE

    def of_the_minute(self, pipeline: str, of: str, name: str) -> float:
        """The sum of that minute."""
        points = self._found.get((pipeline, of, name), [])
        return next((point.value for point in points if point.at == self.minute), 0.0)

    def newest(self, pipeline: str, of: str, name: str, within_seconds: float) -> Point | None:
        """The newest point, if it is not too old."""
        points = self._found.get((pipeline, of, name), [])
        last = max(points, default=None)
        return last if last and self.as_of - last.at <= within_seconds else None


def metrics_of(place: Place) -> Iterator[Metric]:
    """All that the page asks for of a pipeline."""
    pipeline = place.deployment.pipeline
    for function, full in place.functions.items():
        for name in (RAN, FAILED, REFUSED):
            yield Metric(pipeline, function, name, "AWS/Lambda", ("FunctionName", full))
    for queue, output in place.queues.items():
        yield Metric(pipeline, queue, OLDEST, "AWS/SQS", ("QueueName", output["name"]))
    if check := place.deployment.outputs["functions"].get(CONSERVATION):
        namespace = check["name"].removesuffix(f"-{CONSERVATION}")
        for name in (ACCEPTED, MISSING):
            yield Metric(pipeline, CONSERVATION, name, namespace, ("service", f"{pipeline}-{CONSERVATION}"))


def read(cloudwatch: Any, metrics: Sequence[Metric], now: float) -> Points:
    """Ask for all of them at once."""
    minute = (now - LATE_SECONDS) // MINUTE * MINUTE - MINUTE
    found: dict[Metric, list[Point]] = {one: [] for one in metrics}
    for start in range(0, len(metrics), MOST_A_CALL):
        some = metrics[start : start + MOST_A_CALL]
        asked = {
            "MetricDataQueries": [_query(f"m{number}", one) for number, one in enumerate(some)],
            "StartTime": datetime.fromtimestamp(minute - WINDOW_SECONDS, UTC),
            "EndTime": datetime.fromtimestamp(now, UTC),
        }
        for page in cloudwatch.get_paginator("get_metric_data").paginate(**asked):
            for result in page["MetricDataResults"]:
                points = zip(result["Timestamps"], result["Values"], strict=True)
                found[some[int(result["Id"][1:])]] += [Point(at.timestamp(), value) for at, value in points]
    return Points(found, minute)


def _query(query_id: str, one: Metric) -> dict[str, Any]:
    key, value = one.dimension
    metric = {"Namespace": one.namespace, "MetricName": one.name, "Dimensions": [{"Name": key, "Value": value}]}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": MINUTE, "Stat": one.statistic}}
