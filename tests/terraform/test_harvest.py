"""The harvest pipeline on the plan: names, wiring, contracts. (Roles: tests/iam.)"""

from __future__ import annotations

import json
import re
from functools import cache, partial
from typing import Any

import pytest

from harvest import settings
from harvest.limits import Declaration
from harvest.settings import Pacing
from tests.support.plan import ROOT, environment, plan_of, resources
from tests.terraform.hcl import ENVIRONMENTS
from tools.environment.planned import outputs
from tools.environment.zips import functions_of

NAME = "sluice-prod-harvest"
FUNCTIONS = functions_of("harvest")
KEYS = {"ledger": [("run_id", "S"), ("item", "S")], "accounts": [("account", "S")]}
CONSUMERS = {"pace": "turn.fifo", "work": "parcel", "store": "store"}


plan = partial(plan_of, "harvest")


@cache
def prod(kind: str = "") -> dict[str, dict[str, Any]]:
    planned = resources(plan("prod"), kind).items()
    return {
        address.removeprefix("module.harvest."): values
        for address, values in planned
        if address.startswith("module.harvest.")
    }


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_queue_and_function_agree(name: str) -> None:
    """Visibility, dead letters and partial batch responses, in the plan of each environment."""
    values = resources(plan(name))
    queues = {q["name"]: q for q in resources(plan(name), "aws_sqs_queue").values()}
    for consumer, queue in CONSUMERS.items():
        short = queue.removesuffix(".fifo")
        source = queues[f"sluice-{name}-harvest-{queue}"]
        dead = queues[f"sluice-{name}-harvest-{short}-dlq{'.fifo' if queue.endswith('.fifo') else ''}"]
        function = values[f"module.harvest.module.{consumer}.aws_lambda_function.this"]
        mapping = values[f'module.harvest.module.{consumer}.aws_lambda_event_source_mapping.this["{short}"]']
        assert source["visibility_timeout_seconds"] == 6 * function["timeout"]
        assert dead["message_retention_seconds"] >= source["message_retention_seconds"]
        assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
        assert mapping["batch_size"] == 1
        assert mapping["scaling_config"][0]["maximum_concurrency"] >= 2
    assert values["module.harvest.module.pace.aws_lambda_function.this"]["timeout"] <= 120


@pytest.mark.parametrize("name", KEYS)
def test_tables(name: str) -> None:
    values = prod()[f"module.{name}.aws_dynamodb_table.this"]
    types = {a["name"]: a["type"] for a in values["attribute"]}
    keys = [key for key in (values["hash_key"], values["range_key"]) if key]
    assert values["name"] == f"{NAME}-{name}"
    assert [(key, types[key]) for key in keys] == KEYS[name]
    expire = [ttl["attribute_name"] for ttl in values["ttl"] if ttl["enabled"]]
    assert expire == (["expires"] if name == "ledger" else []), "what an account has used is for ever"
    assert values["deletion_protection_enabled"]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_loop_through_the_turns_is_meant_and_no_other(name: str) -> None:
    """Lambda would stop the pacer after some 16 turns, in the middle of a run."""
    configs = resources(plan(name), "aws_lambda_function_recursion_config")
    allowed = {c["function_name"].rpartition("-")[2]: c["recursive_loop"] for c in configs.values()}
    assert allowed == {"pace": "Allow", "work": "Allow"}


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_environment_is_what_the_settings_read(name: str, function: str) -> None:
    """The variables Terraform gives are those that the function's settings model knows, and the
    known ones are valid.
    """
    model = getattr(settings, f"{function.capitalize()}Settings")
    known = environment(plan(name), function)
    unknown = {field.upper(): "url" for field in model.model_fields if field.endswith("_url")}
    ours = {variable: value for variable, value in known.items() if not variable.startswith("POWERTOOLS_")}
    assert set(ours) | set(unknown) == {field.upper() for field in model.model_fields}
    assert set(ours).isdisjoint(unknown)
    model.model_validate({variable.lower(): value for variable, value in (ours | unknown).items()})
    assert known["POWERTOOLS_SERVICE_NAME"] == f"harvest-{function}"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_a_run_may_reach_is_what_the_pacer_reckons(name: str) -> None:
    """T / (T + J) and the tasks of a parcel: two languages, one sum."""
    paced = environment(plan(name), "pace")
    limits, pacing = Declaration.model_validate_json(paced["LIMITS"]), Pacing.model_validate_json(paced["PACE"])
    harvest = outputs(plan(name))["harvest"]
    assert harvest["bound"]["share"] == pytest.approx(limits.bound(pacing.spread_ms))
    assert harvest["bound"]["permitted"] == pytest.approx(limits.permitted())
    assert harvest["bound"]["spread_ms"] == pytest.approx(pacing.spread_ms)
    assert harvest["rates"]["admitted"] == pytest.approx(limits.reachable(pacing.spread_ms))
    assert harvest["rates"]["tasks"] == pacing.tasks_of(limits)
    assert harvest["rates"]["drained"] > harvest["rates"]["admitted"]
    assert harvest["bound"]["share"] > 0.98


def test_defaults_are_those_of_the_code() -> None:
    assert json.loads(environment(plan("prod"), "pace")["PACE"]) == Pacing().model_dump()


def test_no_token_is_in_the_plan() -> None:
    secrets = set(re.findall(r'"arn:aws:secretsmanager[^"]*"', json.dumps(plan("prod"))))
    wanted = "arn:aws:secretsmanager:us-east-1:333333333333:secret:sluice-prod-harvest-token"
    assert {secret.strip('"\\') for secret in secrets} == {wanted, f"{wanted}-??????"}
    assert "aws_secretsmanager_secret_version" not in {one["type"] for one in plan("prod")["resource_changes"]}


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_nobody_without_a_token_steers_a_run(name: str) -> None:
    routes = {
        one["route_key"]: one["authorization_type"]
        for address, one in resources(plan(name), "aws_apigatewayv2_route").items()
        if address.startswith("module.harvest.")
    }
    steered = [f"POST /v1/runs/{{run_id}}/{what}" for what in ("pause", "resume", "cancel", "rate")]
    assert routes == dict.fromkeys(["POST /v1/runs", "GET /v1/runs/{run_id}", *steered], "JWT")
    audiences = [a["jwt_configuration"][0]["audience"] for a in prod("aws_apigatewayv2_authorizer").values()]
    assert audiences == [["harvest"]], "a voter's token is none here"


def test_alarms_watch_every_part() -> None:
    alarms = {a["alarm_name"].removeprefix(f"{NAME}-") for a in prod("aws_cloudwatch_metric_alarm").values()}
    wanted = {
        f"{queue}-{what}" for queue in ("turn", "parcel", "store") for what in ("age", "dead-letters", "mapping-off")
    }
    wanted |= {f"{function}-{what}" for function in FUNCTIONS for what in ("errors", "throttles")}
    wanted |= {f"{name}-{what}-throttled" for name in KEYS for what in ("reads", "writes")}
    wanted |= {f"{consumer}-failing" for consumer in CONSUMERS}
    assert alarms == wanted | {
        "api-5xx",
        "run-silent",
        "run-behind",
        "run-failing",
        "run-stopped",
        "token-refused",
        "vendor-refuses",
    }


def test_the_silence_of_the_minute_is_an_alarm() -> None:
    alarms = {a["alarm_name"].removeprefix(f"{NAME}-"): a for a in prod("aws_cloudwatch_metric_alarm").values()}
    silent = alarms["run-silent"]
    assert (silent["metric_name"], silent["treat_missing_data"]) == ("BeatAgeSeconds", "breaching")
    assert prod()["module.wake.aws_scheduler_schedule.this"]["schedule_expression"] == "rate(1 minute)"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_holds_a_run_up_is_watched_everywhere(name: str) -> None:
    alarms = {alarm.removeprefix(f"sluice-{name}-harvest-") for alarm in outputs(plan(name))["harvest"]["alarms"]}
    essential = {f"{queue}-{what}" for queue in ("turn", "parcel", "store") for what in ("age", "dead-letters")}
    essential |= {"run-silent", "run-behind", "run-failing", "run-stopped", "token-refused"}
    essential |= {f"{consumer}-failing" for consumer in CONSUMERS}
    assert alarms == essential if name == "dev" else alarms > essential


def test_alarms_watch_metrics_that_the_code_writes() -> None:
    code = "".join(
        path.read_text() for room in ("harvest", "shared") for path in (ROOT / "lambda_src" / room).glob("*.py")
    )
    named = set(re.findall(r'\bname += "([A-Z]\w+)"', (ROOT / "terraform/pipelines/harvest/alarms.tf").read_text()))
    assert len(named) >= 5
    assert [metric for metric in named if f'"{metric}"' not in code] == [], "no function writes these"


def test_every_alarm_of_its_own_is_explained_and_essential_ones_are_marked() -> None:
    """Those that every pipeline has are in docs/how-to/operate.md."""
    parts = re.split(
        r"^### ((?:`\S+`(?:, )?)+)$", (ROOT / "docs/harvest/operations.md").read_text(), flags=re.MULTILINE
    )
    told = {
        name: "*Essential.*" in text
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
        for name in re.findall(r"`(\S+)`", heading)
    }
    alarms = {
        env: {alarm.removeprefix(f"sluice-{env}-harvest-") for alarm in outputs(plan(env))["harvest"]["alarms"]}
        for env in ("dev", "prod")
    }
    own = {name for name in alarms["prod"] if re.match(r"run-|token-|vendor-", name)}
    assert own <= set(told) <= alarms["prod"]
    assert {name for name in own if told[name]} == own & alarms["dev"]
