"""What the model takes from an environment: its sizing as Terraform plans it, and the quotas of its account."""

from __future__ import annotations

from collections.abc import Mapping as Named
from dataclasses import dataclass, field, fields, replace
from typing import Any

from bench.capacity import facts
from bench.sizing import sizing
from devcloud.runs import LocalCloudError
from tests.support import plan

TABLES = ("votes", "journal", "tallies")


@dataclass(frozen=True)
class Units:
    """One table's capacity for reads or for writes, in units a second: `least` at the start; provisioned, `most` and a target (%)."""

    least: float
    most: float | None = None  # None: on demand
    target: float = 70.0


@dataclass(frozen=True)
class Setting:
    """An environment. Names are those of environments/*/sizing.tf, as `--set` and the bottleneck name them."""

    environment: str = "local"
    throttle_rate: float = 1_000
    throttle_burst: float = 2_000
    batch_size: int = 5_000
    window_seconds: float = 2
    process_concurrency: int = 5
    write_concurrency: int = 4
    tally_concurrency: int = 2
    shards: int = 4
    slot_seconds: float = 10
    tick_delay: float = 12
    epoch_changes: int = 50_000
    tally_timeout: float = 60
    memory_mb: Named[str, int] = field(default_factory=lambda: dict.fromkeys(("receive", "process", "write", "tally"), 1769))
    capacity: Named[str, Units] = field(default_factory=dict)  # "votes write" → its units
    api_quota: float = facts.API_REQUESTS_A_SECOND
    lambda_quota: int = facts.LAMBDA_CONCURRENCY

    def changed(self, settings: list[str]) -> Setting:
        """The same with `name=number`s put in place of what is planned; `votes_write=22000` warms a table for so many units.

        Raises LocalCloudError for a name that there is not.
        """
        changed = self
        numbers = {one.name for one in fields(self)} - {"environment", "memory_mb", "capacity"}
        for setting in settings:
            name, _, text = setting.partition("=")
            try:
                number = float(text)
            except ValueError:
                raise LocalCloudError(f"{setting!r}: write name=number") from None
            if name in numbers:
                kind = type(getattr(self, name))
                changed = replace(changed, **{name: kind(number)})
            elif (key := name.replace("_", " ")) in self.capacity:
                changed = replace(changed, capacity={**changed.capacity, key: replace(changed.capacity[key], least=number)})
            else:
                known = sorted(numbers | {key.replace(" ", "_") for key in self.capacity})
                raise LocalCloudError(f"there is no setting {name!r}; there are {', '.join(known)}")
        return changed


def planned(environment: str) -> Setting:
    """An environment's setting, planned offline."""
    sized, found = sizing(environment), plan.plan(environment)
    throttle = next(iter(plan.resources(found, "aws_apigatewayv2_stage").values()))["default_route_settings"][0]
    tick = next(one for one in plan.resources(found, "aws_sqs_queue").values() if one["name"].endswith("-tick.fifo"))
    timeouts = {one["function_name"].rsplit("-", 1)[-1]: one["timeout"] for one in plan.resources(found, "aws_lambda_function").values()}
    process = sized.mappings["process"]
    return Setting(
        environment=environment,
        throttle_rate=throttle["throttling_rate_limit"],
        throttle_burst=throttle["throttling_burst_limit"],
        batch_size=process.batch_size,
        window_seconds=float(process.window_seconds),
        process_concurrency=process.maximum_concurrency,
        write_concurrency=sized.mappings["write"].maximum_concurrency,
        tally_concurrency=sized.mappings["tally"].maximum_concurrency,
        shards=int(sized.variables["write"]["SHARDS"]),
        slot_seconds=float(sized.slot_seconds),
        tick_delay=float(tick["delay_seconds"]),
        epoch_changes=int(sized.variables["tally"]["EPOCH_CHANGES"]),
        tally_timeout=float(timeouts["tally"]),
        memory_mb=sized.memory_mb,
        capacity=_capacity(found),
    )


def _capacity(found: dict[str, Any]) -> dict[str, Units]:
    """The tables' capacities by "votes write", on demand or provisioned."""
    tables = {one["name"].rsplit("-", 1)[-1]: one for one in plan.resources(found, "aws_dynamodb_table").values()}
    most = {
        (one["resource_id"].rsplit("-", 1)[-1], one["scalable_dimension"]): float(one["max_capacity"])
        for one in plan.resources(found, "aws_appautoscaling_target").values()
    }
    targets = {
        (one["resource_id"].rsplit("-", 1)[-1], one["scalable_dimension"]): one["target_tracking_scaling_policy_configuration"][0]
        for one in plan.resources(found, "aws_appautoscaling_policy").values()
    }
    units = {}
    for name in TABLES:
        for kind in ("write", "read"):
            key = (name, f"dynamodb:table:{kind.title()}CapacityUnits")
            if tables[name]["billing_mode"] == "PROVISIONED":
                units[f"{name} {kind}"] = Units(float(tables[name][f"{kind}_capacity"]), most[key], float(targets[key]["target_value"]))
            else:
                warm = (tables[name].get("warm_throughput") or [{}])[0]
                units[f"{name} {kind}"] = Units(max(facts.NEW_TABLE[kind], warm.get(f"{kind}_units_per_second") or 0))
    return units
