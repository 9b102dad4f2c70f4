"""What votes may and must be in each environment."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.support.plan import FUNCTIONS, environment, plan_of, resources
from tests.terraform.hcl import ENVIRONMENTS
from tools.environment.planned import outputs

plan = partial(plan_of, "votes")
API = "module.votes.module.api[0].aws_apigatewayv2_api.this"


def test_sizes_are_really_different() -> None:
    tables = {
        name: resources(plan(name), "aws_dynamodb_table")["module.votes.module.votes.aws_dynamodb_table.this"]
        for name in ENVIRONMENTS
    }
    assert [tables[name]["billing_mode"] for name in ("dev", "staging", "prod")] == [
        "PAY_PER_REQUEST",
        "PROVISIONED",
        "PAY_PER_REQUEST",
    ]
    assert not tables["dev"]["warm_throughput"]
    assert tables["prod"]["warm_throughput"][0]["write_units_per_second"] > 4000
    shards = {name: outputs(plan(name))["votes"]["settings"]["shards"] for name in ENVIRONMENTS}
    assert (shards["local"], shards["dev"]) == (4, 4)
    assert all(16 <= shards[name] <= 32 for name in ("staging", "prod"))


def test_prod_lets_the_premiere_in() -> None:
    """What becomes of it then, tests/bench/votes/test_capacity_prod.py shows."""
    values = resources(plan("prod"))
    routes = values["module.votes.module.api[0].aws_apigatewayv2_stage.this"]["route_settings"]
    throttles = {one["route_key"].split()[0]: one["throttling_rate_limit"] for one in routes}
    assert throttles["POST"] >= 20_000
    assert 0 < throttles["GET"] < throttles["POST"], "what is read takes nothing of what is written"
    mapping = values['module.votes.module.process.aws_lambda_event_source_mapping.this["ingest"]']
    assert mapping["batch_size"] == 10000
    assert mapping["maximum_batching_window_in_seconds"] >= 1
    limits = [
        m["scaling_config"][0]["maximum_concurrency"]
        for m in resources(plan("prod"), "aws_lambda_event_source_mapping").values()
    ]
    assert sum(limits) < 1000, "the mappings together must leave an account's default concurrency room for the API"


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_nobody_votes_as_somebody_else(name: str) -> None:
    """An outsider withdrew another's vote, for the body named the voter."""
    routes = {one["route_key"]: one for one in resources(plan(name), "aws_apigatewayv2_route").values()}
    assert routes["POST /v1/ballots"]["authorization_type"] == "JWT"
    assert environment(plan(name), "receive")["VOTER_FROM"] == "token"
    assert "anonymous" not in resources(plan(name))[API]["tags_all"]


def test_prod_is_closed() -> None:
    """What an outsider could do to it: each of these was open."""
    values = resources(plan("prod"))
    assert environment(plan("prod"), "process")["UNLISTED_TITLES"] == "quarantine"
    assert json.loads(environment(plan("prod"), "receive")["MOST_BALLOTS"])["voter"] <= 2
    ends = {
        table["name"].rsplit("-", 1)[-1]: table["on_demand_throughput"][0]
        for table in resources(plan("prod"), "aws_dynamodb_table").values()
        if table["on_demand_throughput"]
    }
    assert set(ends) == {"votes", "journal", "tallies", "catalogue"}
    assert all(end["max_write_request_units"] <= 40_000 for end in ends.values())
    assert ends["tallies"]["max_write_request_units"] == ends["journal"]["max_write_request_units"] == 4_000
    assert values["module.votes.module.ingest.aws_sqs_queue.this"]["message_retention_seconds"] == 14 * 86_400


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_loses_votes_is_watched_everywhere(name: str) -> None:
    named = outputs(plan(name))["votes"]["alarms"]
    alarms = {alarm.removeprefix(f"sluice-{name}-votes-") for alarm in named}
    queues = {f"{queue}-{what}" for queue in ("ingest", "count", "tick") for what in ("age", "dead-letters")}
    essential = queues | {"witnesses-missing", "conservation-silent", "mappings-off", "probe-age", "probe-wrong"}
    essential |= {f"{consumer}-failing" for consumer in ("process", "write", "tally")}
    assert alarms == essential if name == "dev" else alarms > essential
    silenced = {one for one in FUNCTIONS if "POWERTOOLS_METRICS_DISABLED" in environment(plan(name), one)}
    assert silenced == (set(FUNCTIONS) - {"conservation", "probe"} if name == "dev" else set())
