"""What stands in an environment and is paid without traffic, from Terraform's own plan."""

from __future__ import annotations

from typing import Any

from tools.environment.offline_plan import plan
from tools.environment.planned import of_pipeline, resources

# target tracking makes them of its own, for a table's reads or writes: billed like others
ALARMS_A_SCALING = 4


def standing(environment: str, pipeline: str) -> dict[str, Any]:
    """What a pipeline ("votes") of an environment ("prod") holds and pays for with no traffic.

    Metrics that alarms watch, dashboards, keys of the account, provisioned units, and calls of
    schedules a month.
    """
    planned = of_pipeline(plan(environment), pipeline)
    tables = resources(planned, "aws_dynamodb_table").values()
    alarms = resources(planned, "aws_cloudwatch_metric_alarm").values()
    return {
        "alarm_metrics": sum(map(_metrics_of, alarms))
        + ALARMS_A_SCALING * len(resources(planned, "aws_appautoscaling_policy")),
        "dashboards": len(resources(planned, "aws_cloudwatch_dashboard")),
        "keys": len(resources(plan(f"{environment}/account"), "aws_kms_key")),
        "write_capacity": sum(table.get("write_capacity") or 0 for table in tables),
        "read_capacity": sum(table.get("read_capacity") or 0 for table in tables),
        "schedules": {
            one["name"].rsplit("-", 1)[-1]: 30 * 1440 // _minutes(one["schedule_expression"])
            for one in resources(planned, "aws_scheduler_schedule").values()
        },
    }


def _metrics_of(alarm: dict[str, Any]) -> int:
    """How many metrics an alarm watches."""
    return max(1, sum(bool(query["metric"]) for query in alarm.get("metric_query") or []))


def _minutes(expression: str) -> int:
    """Of "rate(5 minutes)"."""
    number, unit = expression.removeprefix("rate(").removesuffix(")").split()
    return int(number) * {"minute": 1, "hour": 60, "day": 1440}[unit.removesuffix("s")]
