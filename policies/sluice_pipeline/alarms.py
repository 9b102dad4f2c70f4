"""Whether an alarm rings when it should: one that is there and stays silent is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sluice_pipeline.plan import NotYetKnown, Plan, Resource, is_unknown

ALARM = "aws_cloudwatch_metric_alarm"
COMPOSITE = "aws_cloudwatch_composite_alarm"
# of some values, one between the least and the greatest (or their sum, which is no less)
OF_VALUES = re.compile(r"Average|Maximum|Minimum|Sum|IQM|(?:p|tm|wm|TM|WM)[\d(].*")
GREATER = {"GreaterThanThreshold": False, "GreaterThanOrEqualToThreshold": True}
A_PERIOD = 60


class Series(NamedTuple):
    """What an alarm watches: a metric, its known dimensions, and how its values become one.

    `alone`: the alarm goes by it, and not by an expression that it may be part of.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, Any]
    statistic: str
    period: float
    alone: bool


def heard(plan: Plan) -> Iterator[tuple[Resource, Series]]:
    """The alarms that are on, with each metric that they read."""
    for alarm in plan.of(ALARM):
        if alarm.values.get("actions_enabled") is not False:
            yield from ((alarm, one) for one in _series(alarm))


def _series(alarm: Resource) -> Iterator[Series]:
    values = alarm.values
    if values.get("metric_name"):
        yield _read(values, values.get("statistic") or values.get("extended_statistic"), alone=True)
    for query in values.get("metric_query") or ():
        for metric in query.get("metric") or ():
            yield _read(metric, metric.get("stat"), alone=query.get("return_data") is True)


def _read(said: Mapping[str, Any], statistic: Any, *, alone: bool) -> Series:
    return Series(
        str(said.get("namespace") or ""),
        str(said.get("metric_name") or ""),
        said.get("dimensions") or {},
        str(statistic or "Maximum"),
        float(said.get("period") or A_PERIOD),
        alone,
    )


def why_silent(alarm: Resource, series: Series, *, at: float, seconds: float) -> str:
    """Why an alarm does not ring when its metric has reached `at`, within `seconds` of that.

    Or rings before, of nothing at all; "" where it does what it should. Raises NotYetKnown.
    """
    if not series.alone:
        return "it goes by an expression, which is not judged: let one go by the metric itself"
    for argument in ("statistic", "extended_statistic", "period", "metric_query"):
        if is_unknown(alarm, argument):
            raise NotYetKnown(f"{argument} of {alarm.address} is not known before apply")
    if str(alarm.get("comparison_operator")) not in GREATER:
        return f"its comparison is {alarm.get('comparison_operator')}, and it must ring when there is more"
    if alarm.get("threshold_metric_id"):
        return "it goes by a band of what is usual, and trouble that lasts is usual: give it a threshold"
    if not OF_VALUES.fullmatch(series.statistic):
        return f"its statistic is {series.statistic}, which is no value of the metric: take Maximum"
    takes = series.period * float(alarm.get("evaluation_periods", 1))
    late = f"it looks for {takes:g} s before it rings, and must within {seconds:g} s" if takes > seconds else ""
    return _wrong_threshold(alarm, at) or late


def _wrong_threshold(alarm: Resource, at: float) -> str:
    """Why an alarm on more than its threshold does not ring at `at`, or rings at 0 too."""
    threshold = float(alarm.get("threshold", 0))  # the provider sends 0 where none is given
    includes = GREATER[str(alarm.get("comparison_operator"))]
    if not (at > threshold or (includes and at == threshold)):
        return f"it rings {'from' if includes else 'only above'} {threshold:,.10g}, and must at {at:,.10g}"
    if threshold < 0 or (includes and threshold == 0):
        return f"it rings at 0 too, so nobody will listen: raise its threshold from {threshold:,.10g}"
    return ""
