"""What the model takes from an environment: its planned sizing, and the quotas of its account."""

from __future__ import annotations

import json
from collections.abc import Mapping as Named
from dataclasses import dataclass, field, fields, replace
from math import inf
from typing import Any

from tools.bench.votes.capacity import facts
from tools.bench.votes.sizing import sizing
from tools.common.errors import CommandError
from tools.environment.offline_plan import plan
from tools.environment.planned import of_pipeline, resources
from votes.settings import MOST_BALLOTS

TABLES = ("votes", "journal", "tallies")
MAY_BE_ZERO = {"window_seconds", "tick_delay"}
# Of the sizing, and without effect here.
CHANGES_NOTHING = {"tally_concurrency": "one tally folds at a time, however many may run"}


@dataclass(frozen=True)
class Units:
    """One table's capacity for reads or for writes, in units a second.

    `least` is there at the start; a provisioned one scales up to `most`, toward a `target` (%).
    """

    least: float
    most: float | None = None  # None: on demand
    target: float = 70.0


def kind_of(name: str) -> str:
    """Of "votes write" its "write"."""
    return name.rpartition(" ")[2]


@dataclass(frozen=True)
class Settings:
    """An environment's.

    Names are those of environments/*/votes_sizing.tf, as `--set` and the bottleneck name them.
    """

    environment: str = "local"
    throttle_rate: float = 1_000
    throttle_burst: float = 2_000
    most_ballots: int = MOST_BALLOTS
    batch_size: int = 5_000
    window_seconds: float = 2
    process_concurrency: int = 5
    write_concurrency: int = 4
    shards: int = 4
    slot_seconds: float = 10
    tick_delay: float = 12
    epoch_changes: int = 50_000
    tally_timeout: float = 60
    memory_mb: Named[str, int] = field(
        default_factory=lambda: dict.fromkeys(("receive", "process", "write", "tally"), 1769)
    )
    capacity: Named[str, Units] = field(default_factory=dict)  # "votes write" → its units
    access_line_bytes: int = 0
    backed_up: bool = False  # the tables' point-in-time recovery
    in_step: bool = False  # the pollers' windows end at once, which asks most of what is behind them
    api_quota: float = facts.API_REQUESTS_A_SECOND
    lambda_quota: int = facts.LAMBDA_CONCURRENCY

    def changed(self, settings: list[str]) -> Settings:
        """The same with `name=number`s instead of what is planned.

        `votes_write=22000` warms a table for so many units.

        Raises CommandError for a name that there is not, and for a number that it cannot have.
        """
        changed = self
        for setting in settings:
            name, _, text = setting.partition("=")
            try:
                number = float(text)
            except ValueError:
                raise CommandError(f"{setting!r}: write name=number") from None
            if name not in self.names():
                reason = CHANGES_NOTHING.get(name)
                refused = f"{name} changes nothing: {reason}" if reason else f"there is no setting {name!r}"
                raise CommandError(f"{refused}; there are {', '.join(self.names())}")
            changed = changed._with(name, number)
        return changed

    def names(self) -> list[str]:
        """What can be set."""
        numbers = {one.name for one in fields(self)} - {"environment", "memory_mb", "capacity", "backed_up", "in_step"}
        return sorted(numbers | {key.replace(" ", "_") for key in self.capacity})

    def _with(self, name: str, number: float) -> Settings:
        if not 0 < number < inf and (number or name not in MAY_BE_ZERO):
            raise CommandError(f"{name}={number:g}: it is a number above 0")
        key = name.replace("_", " ")
        if key in self.capacity:
            return replace(self, capacity={**self.capacity, key: replace(self.capacity[key], least=number)})
        kind = type(getattr(self, name))
        if kind(number) != number:
            raise CommandError(f"{name}={number:g}: it is a whole number")
        return replace(self, **{name: kind(number)})


def planned(environment: str) -> Settings:
    """An environment's settings, planned offline.

    Raises CommandError where the entrance is another one than an HTTP API.
    """
    shown = of_pipeline(plan(environment), "votes")
    throttle, sized = _throttle(shown, environment), sizing(environment)
    tick = next(one for one in resources(shown, "aws_sqs_queue").values() if one["name"].endswith("-tick.fifo"))
    timeouts = {
        one["function_name"].rsplit("-", 1)[-1]: one["timeout"]
        for one in resources(shown, "aws_lambda_function").values()
    }
    process = sized.mappings["process"]
    return Settings(
        environment=environment,
        throttle_rate=throttle["throttling_rate_limit"],
        throttle_burst=throttle["throttling_burst_limit"],
        most_ballots=_most_ballots(sized.variables["receive"]),
        batch_size=process.batch_size,
        window_seconds=float(process.window_seconds),
        process_concurrency=process.maximum_concurrency,
        write_concurrency=sized.mappings["write"].maximum_concurrency,
        shards=int(sized.variables["write"]["SHARDS"]),
        slot_seconds=float(sized.slot_seconds),
        tick_delay=float(tick["delay_seconds"]),
        epoch_changes=int(sized.variables["tally"]["EPOCH_CHANGES"]),
        tally_timeout=float(timeouts["tally"]),
        memory_mb=sized.memory_mb,
        access_line_bytes=sized.access_line_bytes,
        backed_up=sized.backed_up,
        capacity=_capacity(shown),
    )


def asks(environment: str) -> frozenset[str]:
    """What an environment's way in gives its users by plan: a token is verified, a name its own."""
    shown = of_pipeline(plan(environment), "votes")
    has = {"token": "aws_apigatewayv2_authorizer", "domain": "aws_apigatewayv2_domain_name"}
    return frozenset(what for what, kind in has.items() if resources(shown, kind))


def _throttle(shown: Named[str, Any], environment: str) -> dict[str, Any]:
    """The ballots' route's."""
    for stage in resources(shown, "aws_apigatewayv2_stage").values():
        for route in stage["route_settings"]:
            if route["route_key"].startswith("POST "):
                throttle: dict[str, Any] = route
                return throttle
    raise CommandError(
        f"{environment} has another entrance: the model knows an HTTP API's throttle alone; "
        'put api.entrance = "http_api" into a copy of its votes_sizing.tf, and ask for what is behind it'
    )


def _most_ballots(receive: Named[str, str]) -> int:
    """The most ballots that a request of anybody may have."""
    most: dict[str, int] = json.loads(receive["MOST_BALLOTS"])
    return max(most["voter"], most["trusted"] if "TRUSTED_SCOPE" in receive else 0)


def _capacity(shown: dict[str, Any]) -> dict[str, Units]:
    """The tables' capacities by "votes write", on demand or provisioned."""
    tables = {one["name"].rsplit("-", 1)[-1]: one for one in resources(shown, "aws_dynamodb_table").values()}
    most = {
        (one["resource_id"].rsplit("-", 1)[-1], one["scalable_dimension"]): float(one["max_capacity"])
        for one in resources(shown, "aws_appautoscaling_target").values()
    }
    targets = {}
    for one in resources(shown, "aws_appautoscaling_policy").values():
        tracking = one["target_tracking_scaling_policy_configuration"][0]
        targets[one["resource_id"].rsplit("-", 1)[-1], one["scalable_dimension"]] = float(tracking["target_value"])
    units = {}
    for name in TABLES:
        for kind in ("write", "read"):
            key = (name, f"dynamodb:table:{kind.title()}CapacityUnits")
            if tables[name]["billing_mode"] == "PROVISIONED":
                units[f"{name} {kind}"] = Units(float(tables[name][f"{kind}_capacity"]), most[key], targets[key])
            else:
                warm = (tables[name].get("warm_throughput") or [{}])[0]
                units[f"{name} {kind}"] = Units(max(facts.NEW_TABLE[kind], warm.get(f"{kind}_units_per_second") or 0))
    return units
