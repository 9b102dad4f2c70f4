"""Each environment is a root of its own, and differs from its siblings in what it may and in nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.support.plan import FUNCTIONS, ROOT, environment, plan, resources
from tests.terraform.hcl import ENVIRONMENTS, Block, blocks

FOLDER = ROOT / "environments"
ACCOUNTS = {"local": "000000000000", "dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
SAME = ("main.tf", "variables.tf", "outputs.tf")
OWN = {"backend.tf", "sizing.tf"}
ONLY_LOCAL = {"emulator.tf"}

# Names that an environment's sizing.tf may set otherwise than a sibling's. A name that is not here must be the same everywhere.
MAY_DIFFER = {"environment", "account_id", "region", "counting", "sizing", "capacity", "api", "keep", "alarms", "checks"}
MAY_DIFFER |= {"permissions_boundary"}  # none on this machine

# Attributes of planned resources that may differ for the same address, after names and accounts are evened out.
SIZING = {
    "aws_apigatewayv2_api": {"cors_configuration"},
    "aws_apigatewayv2_stage": {"default_route_settings"},
    "aws_cloudwatch_dashboard": set[str](),
    "aws_cloudwatch_log_group": {"retention_in_days"},
    "aws_cloudwatch_metric_alarm": {"threshold", "alarm_description", "period"},
    "aws_dynamodb_table": {
        "billing_mode",
        "read_capacity",
        "write_capacity",
        "warm_throughput",
        "deletion_protection_enabled",
        "point_in_time_recovery",
    },
    "aws_lambda_event_source_mapping": {"batch_size", "maximum_batching_window_in_seconds", "scaling_config"},
    "aws_lambda_function": {"memory_size", "environment", "logging_config"},
    "aws_s3_bucket": {"force_destroy"},
    "aws_scheduler_schedule": {"schedule_expression"},
    "aws_s3_bucket_lifecycle_configuration": {"rule"},
    "aws_sqs_queue": {"visibility_timeout_seconds", "delay_seconds"},
    "aws_sqs_queue_redrive_policy": {"redrive_policy"},
    "terraform_data": {"input"},
}
SIZED_VARIABLES = {"SHARDS", "SLOT_SECONDS", "EPOCH_CHANGES", "WITNESS_SHARE", "LATENCY_SECONDS", "POWERTOOLS_LOG_LEVEL"}
SIZED_VARIABLES |= {"POWERTOOLS_METRICS_DISABLED"}
SCALING = {"aws_appautoscaling_target", "aws_appautoscaling_policy"}
WATCHED = {"aws_cloudwatch_metric_alarm", "aws_cloudwatch_dashboard"}  # dev watches only the essential


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_files_are_the_same_but_for_backend_and_sizing(name: str) -> None:
    files = {path.name for path in (FOLDER / name).iterdir() if path.is_file()}
    assert files == {*SAME, *OWN, *(ONLY_LOCAL if name == "local" else ())}
    for file in SAME:
        assert (FOLDER / name / file).read_text() == (FOLDER / "dev" / file).read_text(), f"{file} of {name} is not dev's"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_sizing_names_only_what_the_pipeline_takes(name: str) -> None:
    """Terraform drops an attribute that an object type does not have without a word, so a misspelt one would do nothing."""
    taken = set(re.findall(r"(\w+) += ", (ROOT / "terraform/pipelines/votes/variables.tf").read_text()))
    taken |= {b.name for b in blocks(ROOT / "terraform/pipelines/votes", "variable")} | {"environment", "account_id", "region"}
    assert set(re.findall(r"(\w+) += ", (FOLDER / name / "sizing.tf").read_text())) <= taken


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_account_is_guarded(name: str) -> None:
    planned = plan(name)
    guard = planned["configuration"]["provider_config"]["aws"]["expressions"]["allowed_account_ids"]
    assert guard == {"references": ["local.account_id"]}
    assert planned["planned_values"]["outputs"]["account_id"]["value"] == ACCOUNTS[name]
    text = (FOLDER / name / "backend.tf").read_text()
    if name == "local":
        assert 'backend "local"' in text
    else:
        assert set(re.findall(r"\d{12}", text)) == {ACCOUNTS[name]}
        assert re.search(r"use_lockfile += true", text)
        assert re.search(r"encrypt += true", text)
        assert f'allowed_account_ids = ["{ACCOUNTS[name]}"]' in text


def test_only_allowed_names_differ() -> None:
    values = {name: _set_by(name) for name in ENVIRONMENTS}
    for local in set().union(*values.values()) - MAY_DIFFER:
        set_to = {v.get(local) for v in values.values()}
        assert len(set_to) == 1, f"{local} may not differ among environments"


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_only_sizing_differs_in_the_plan(name: str) -> None:
    mine, devs = _evened(name), _evened("dev")
    assert {_kind(address) for address in set(mine) - set(devs)} == WATCHED | (SCALING if name == "staging" else set())
    assert not set(devs) - set(mine)
    for address, values in devs.items():
        kind = _kind(address)
        differs = {key for key in values if values[key] != mine[address].get(key)}
        assert differs <= SIZING.get(kind, set()), f"{address}: {sorted(differs)}"
        if kind == "aws_lambda_function":
            left, right = (v["environment"][0]["variables"] for v in (values, mine[address]))
            assert {key for key in left | right if left.get(key) != right.get(key)} <= SIZED_VARIABLES


def test_local_adds_only_what_the_emulator_asks_otherwise() -> None:
    """Actions that AWS does not know, or not for this call: no other environment and no module grants them."""
    extra = set(resources(plan("local"))) - set(resources(plan("prod")))
    assert all(address.startswith("aws_iam_role_policy.emulator_") for address in extra)
    found = {
        action for address in extra for s in json.loads(resources(plan("local"))[address]["policy"])["Statement"] for action in s["Action"]
    }
    of_checks = {"lambda:ListEventSourceMappings", "logs:FilterLogEvents"}
    assert found == {"dynamodb:BatchExecuteStatement", "sqs:SendMessageBatch", "sqs:ChangeMessageVisibilityBatch"} | of_checks


def test_sizes_are_really_different() -> None:
    tables = {
        name: resources(plan(name), "aws_dynamodb_table")["module.votes.module.votes.aws_dynamodb_table.this"] for name in ENVIRONMENTS
    }
    assert [tables[name]["billing_mode"] for name in ("dev", "staging", "prod")] == ["PAY_PER_REQUEST", "PROVISIONED", "PAY_PER_REQUEST"]
    assert not tables["dev"]["warm_throughput"]
    assert tables["prod"]["warm_throughput"][0]["write_units_per_second"] > 4000
    shards = {name: plan(name)["planned_values"]["outputs"]["settings"]["value"]["shards"] for name in ENVIRONMENTS}
    assert (shards["local"], shards["dev"]) == (4, 4)
    assert all(16 <= shards[name] <= 32 for name in ("staging", "prod"))


def test_prod_lets_the_premiere_in() -> None:
    """What becomes of it then, tests/bench/test_capacity_prod.py shows."""
    values = resources(plan("prod"))
    stage = values["module.votes.module.api.aws_apigatewayv2_stage.this"]["default_route_settings"][0]
    assert stage["throttling_rate_limit"] >= 20_000
    mapping = values['module.votes.module.process.aws_lambda_event_source_mapping.this["ingest"]']
    assert mapping["batch_size"] == 10000
    assert mapping["maximum_batching_window_in_seconds"] >= 1
    limits = [m["scaling_config"][0]["maximum_concurrency"] for m in resources(plan("prod"), "aws_lambda_event_source_mapping").values()]
    assert sum(limits) < 1000, "the mappings together must leave an account's default concurrency room for the API"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_loses_votes_is_watched_everywhere(name: str) -> None:
    outputs = plan(name)["planned_values"]["outputs"]
    alarms = {alarm.removeprefix(f"sluice-{name}-votes-") for alarm in outputs["alarms"]["value"]}
    queues = {f"{queue}-{what}" for queue in ("ingest", "count", "tick") for what in ("age", "dead-letters")}
    essential = queues | {"witnesses-missing", "conservation-silent", "mappings-off", "probe-age", "probe-wrong"}
    assert alarms == essential if name == "dev" else alarms > essential
    silenced = {one for one in FUNCTIONS if "POWERTOOLS_METRICS_DISABLED" in environment(plan(name), one)}
    assert silenced == (set(FUNCTIONS) - {"conservation", "probe"} if name == "dev" else set())


def _kind(address: str) -> str:
    kind: str = re.findall(r"(?:^|\.)(aws_\w+|terraform_data)\.", address)[-1]
    return kind


def _set_by(name: str) -> dict[str, str | None]:
    """What an environment's sizing.tf sets: the text of each local."""
    body = re.findall(r"^locals \{\n(.*?)^\}", (FOLDER / name / "sizing.tf").read_text(), re.MULTILINE | re.DOTALL)[0]
    return {local: Block("locals", name, body).argument(local) for local in re.findall(r"^  (\w+) +=", body, re.MULTILINE)}


def _evened(name: str) -> dict[str, dict[str, Any]]:
    """Planned resources by address, with the environment's name and account replaced by dev's."""
    text = json.dumps(resources(plan(name))).replace(ACCOUNTS[name], ACCOUNTS["dev"]).replace(f"sluice-{name}-", "sluice-dev-")
    text = text.replace(f'"environment": "{name}"', '"environment": "dev"')
    evened: dict[str, dict[str, Any]] = json.loads(text)
    return evened
