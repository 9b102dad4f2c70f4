"""An environment's sizing, from Terraform's own plan."""

from __future__ import annotations

from functools import cache
from typing import Any

from tools.bench.votes import access_logs
from tools.bench.votes.contenders import Sizing
from tools.environment.offline_plan import plan
from tools.environment.planned import function_variables, of_pipeline, resources
from tools.simulation.aws.pollers import Mapping


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
        _backed_up(planned),
    )


def _backed_up(planned: dict[str, Any]) -> bool:
    """Whether the tables have point-in-time recovery."""
    tables = resources(planned, "aws_dynamodb_table").values()
    return all(one["point_in_time_recovery"][0]["enabled"] for one in tables)


def _last(name: str) -> str:
    return name.rsplit("-", 1)[-1]
