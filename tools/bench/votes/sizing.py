"""An environment's sizing and what stands in it, from Terraform's own plan."""

from __future__ import annotations

from functools import cache
from typing import Any

from tools.bench.votes import access_logs
from tools.bench.votes.contenders import Sizing
from tools.environment.offline_plan import plan
from tools.environment.planned import function_variables, of_pipeline, resources
from tools.simulation.aws.pollers import Mapping

# target tracking makes them of its own, for a table's reads or writes: billed like others
ALARMS_A_SCALING = 4


@cache
def sizing(environment: str) -> Sizing:
    """The sizing of an environment ("prod"), planned offline."""
    planned = of_pipeline(plan(environment), "votes")
    functions = {_last(one["function_name"]): one for one in resources(planned, "aws_lambda_function").values()}
    mappings = {
        address.split(".")[-3]: Mapping(
            one["batch_size"],
            one.get("maximum_batching_window_in_seconds") or 0,
            one["scaling_config"][0]["maximum_concurrency"],
        )
        for address, one in resources(planned, "aws_lambda_event_source_mapping").items()
    }
    return Sizing(
        environment,
        {name: one["memory_size"] for name, one in functions.items()},
        {name: mappings.get(name, Mapping(1)) for name in functions},
        {name: function_variables(planned, name) for name in functions},
        access_logs.line_bytes(environment),
        backed_up(planned),
    )


def backed_up(planned: dict[str, Any]) -> bool:
    """Whether the tables have point-in-time recovery."""
    tables = resources(planned, "aws_dynamodb_table").values()
    return all(one["point_in_time_recovery"][0]["enabled"] for one in tables)


def standing(environment: str) -> dict[str, Any]:
    """What an environment holds and pays for with no traffic.

    Metrics that alarms watch, dashboards, keys of the account, provisioned units, and calls of
    schedules a month.
    """
    planned = of_pipeline(plan(environment), "votes")
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
            _last(one["name"]): 30 * 1440 // _minutes(one["schedule_expression"])
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


def _last(name: str) -> str:
    return name.rsplit("-", 1)[-1]
