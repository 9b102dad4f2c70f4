"""The votes pipeline on the plan: names, wiring, contracts. (Roles: tests/iam.)"""

from __future__ import annotations

import json
import re
from functools import cache, partial
from typing import Any

import pytest

from shared import conservation
from tests.support.plan import FUNCTIONS, ROOT, environment, plan_of, resources
from tests.terraform.hcl import ENVIRONMENTS
from tools.environment.planned import outputs
from votes import settings

plan = partial(plan_of, "votes")
ACCOUNT, REGION = "333333333333", "us-east-1"
NAME = "sluice-prod-votes"
KEYS = {
    "votes": [("voter_id", "S"), ("title_id", "S")],
    "journal": [("shard", "N"), ("n", "N")],
    "tallies": [("title_id", "S")],
    "catalogue": [("title_id", "S")],
}

# Environment variables that are unknown until apply, and what they may be then: addresses of
# queues, and the mappings' UUIDs.
UNKNOWN = {
    "receive": {"INGEST_QUEUE_URL": "url"},
    "process": {"INGEST_QUEUE_URL": "url", "COUNT_QUEUE_URL": "url"},
    "write": {"COUNT_QUEUE_URL": "url", "TICK_QUEUE_URL": "url"},
    "tally": {"TICK_QUEUE_URL": "url"},
    "results": {},
    "vote": {},
    "rank": {},
    "conservation": {"MAPPINGS": '{"process": "uuid"}'},
    "probe": {},
}
POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
NO_METRICS = "POWERTOOLS_METRICS_DISABLED"  # where only the essential is watched


@cache
def prod(kind: str = "") -> dict[str, dict[str, Any]]:
    return {address.removeprefix("module.votes."): values for address, values in resources(plan("prod"), kind).items()}


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_environment_is_what_the_settings_read(name: str, function: str) -> None:
    """The variables Terraform gives are those that the function's settings model knows, and the
    known ones are valid.
    """
    model = getattr(conservation if function == "conservation" else settings, f"{function.capitalize()}Settings")
    known = {variable: value for variable, value in environment(plan(name), function).items() if variable != NO_METRICS}
    variables = set(known) | set(UNKNOWN[function])
    assert variables - POWERTOOLS == {
        field.upper() for field, about in model.model_fields.items() if about.is_required()
    }
    values = known | UNKNOWN[function]
    model.model_validate({variable.lower(): value for variable, value in values.items() if variable not in POWERTOOLS})
    assert known["POWERTOOLS_SERVICE_NAME"] == f"votes-{function}"
    assert set(known) >= POWERTOOLS


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_queue_and_function_agree(name: str) -> None:
    """Visibility, dead letters and partial batch responses, in the plan of each environment."""
    values = resources(plan(name))
    queues = {q["name"]: q for q in resources(plan(name), "aws_sqs_queue").values()}
    for consumer, queue in (("process", "ingest"), ("write", "count.fifo"), ("tally", "tick.fifo")):
        source = queues[f"sluice-{name}-votes-{queue}"]
        dead = queues[
            f"sluice-{name}-votes-{queue.removesuffix('.fifo')}-dlq{'.fifo' if queue.endswith('.fifo') else ''}"
        ]
        function = values[f"module.votes.module.{consumer}.aws_lambda_function.this"]
        short = queue.removesuffix(".fifo")
        mapping = values[f'module.votes.module.{consumer}.aws_lambda_event_source_mapping.this["{short}"]']
        window = mapping["maximum_batching_window_in_seconds"] or 0
        redrive = json.loads(values[f"module.votes.module.{short}.aws_sqs_queue_redrive_policy.this"]["redrive_policy"])
        assert source["visibility_timeout_seconds"] == 6 * function["timeout"] + window
        assert bool(source["fifo_queue"]) == bool(dead["fifo_queue"]) == queue.endswith(".fifo")
        assert redrive["deadLetterTargetArn"].endswith(f":{dead['name']}")
        assert redrive["maxReceiveCount"] >= 5
        assert dead["message_retention_seconds"] >= source["message_retention_seconds"]
        assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
        assert mapping["event_source_arn"].endswith(f":{source['name']}")
        assert mapping["scaling_config"][0]["maximum_concurrency"] >= 2
        assert function["reserved_concurrent_executions"] in (None, -1)
    assert values["module.votes.module.write.aws_lambda_function.this"]["timeout"] <= 15
    slot = outputs(plan(name))["votes"]["settings"]["slot_seconds"]
    assert queues[f"sluice-{name}-votes-tick.fifo"]["delay_seconds"] == slot + 2


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_lambda_drops_no_metric_and_no_witness(name: str) -> None:
    """A line without a level, as metrics are, is INFO to Lambda: its own filter must let that pass,
    whatever the logger's level is.
    """
    functions = resources(plan(name), "aws_lambda_function").values()
    levels = {function["logging_config"][0]["application_log_level"] for function in functions}
    assert levels <= {"DEBUG", "INFO"}
    ours = {function["environment"][0]["variables"]["POWERTOOLS_LOG_LEVEL"] for function in functions}
    assert len(levels) == len(ours) == 1
    assert ours != {"DEBUG"} or levels == {"DEBUG"}


def test_functions_are_versions_behind_the_alias() -> None:
    for function in FUNCTIONS:
        module = f"module.{function}.module.function" if function == "conservation" else f"module.{function}"
        values = prod()[f"{module}.aws_lambda_function.this"]
        assert values["function_name"] == f"{NAME}-{function}"
        assert values["handler"] == f"votes.{function}.handler"
        assert (values["runtime"], values["architectures"]) == ("python3.13", ["arm64"])
        assert values["publish"] is True
        assert prod()[f"{module}.aws_lambda_alias.live"]["name"] == "live"
    modules = plan("prod")["configuration"]["root_module"]["module_calls"]["votes"]["module"]["module_calls"]
    called = modules["process"]["module"]["resources"]
    mapping = next(r for r in called if r["type"] == "aws_lambda_event_source_mapping")
    assert "aws_lambda_alias.live.arn" in mapping["expressions"]["function_name"]["references"]
    assert all(p["qualifier"] == "live" for p in prod("aws_lambda_permission").values())


@pytest.mark.parametrize("name", KEYS)
def test_tables(name: str) -> None:
    values = prod()[f"module.{name}.aws_dynamodb_table.this"]
    types = {a["name"]: a["type"] for a in values["attribute"]}
    keys = [key for key in (values["hash_key"], values["range_key"]) if key]
    assert values["name"] == f"{NAME}-{name}"
    assert [(key, types[key]) for key in keys] == KEYS[name]
    assert len(types) == len(keys)
    assert [ttl["attribute_name"] for ttl in values["ttl"] if ttl["enabled"]] == (
        ["expires"] if name == "journal" else []
    )
    assert values["deletion_protection_enabled"]
    assert values["point_in_time_recovery"][0]["enabled"]


def test_the_whole_stack_is_shown() -> None:
    """What `make plan ENV=prod` shows offline, counted by type."""
    kinds = [values["type"] for values in plan("prod")["resource_changes"] if values["mode"] == "managed"]
    assert {
        change["change"]["actions"][0] for change in plan("prod")["resource_changes"] if change["mode"] == "managed"
    } == {"create"}
    counted = {kind: kinds.count(kind) for kind in sorted(set(kinds)) if kind != "aws_cloudwatch_metric_alarm"}
    assert counted == {
        "aws_apigatewayv2_api": 1,
        "aws_apigatewayv2_authorizer": 1,
        "aws_apigatewayv2_integration": 4,
        "aws_apigatewayv2_route": 4,
        "aws_apigatewayv2_stage": 1,
        "aws_cloudwatch_dashboard": 1,
        "aws_cloudwatch_log_group": 10,
        "aws_dynamodb_table": 5,
        "aws_iam_role": 13,
        "aws_iam_role_policy": 13,
        "aws_lambda_alias": 9,
        "aws_lambda_event_source_mapping": 3,
        "aws_lambda_function": 9,
        "aws_lambda_function_event_invoke_config": 4,
        "aws_lambda_permission": 4,
        "aws_s3_bucket": 2,
        "aws_s3_bucket_lifecycle_configuration": 2,
        "aws_s3_bucket_ownership_controls": 2,
        "aws_s3_bucket_policy": 2,
        "aws_s3_bucket_public_access_block": 2,
        "aws_s3_bucket_server_side_encryption_configuration": 2,
        "aws_s3_bucket_versioning": 2,
        "aws_scheduler_schedule": 4,
        "aws_sqs_queue": 6,
        "aws_sqs_queue_policy": 6,
        "aws_sqs_queue_redrive_allow_policy": 3,
        "aws_sqs_queue_redrive_policy": 3,
        "terraform_data": 1,
    }


def test_outputs_are_the_contract() -> None:
    changes = plan("prod")["output_changes"]
    assert set(changes) == {"votes", "votes_api_url", "region", "account_id"}
    known, unknown = changes["votes"]["after"], changes["votes"]["after_unknown"]
    assert set(known) | {name for name, is_unknown in unknown.items() if is_unknown} == {
        "api_url",
        "api_urls",
        "api_alias",
        "website",
        "rates",
        "queues",
        "tables",
        "functions",
        "mappings",
        "buckets",
        "quarantine_bucket",
        "settings",
        "alarms",
        "dashboard",
    }
    assert sorted(known["queues"]) == ["count", "ingest", "tick"]
    for name, queue in known["queues"].items():
        assert {*queue, *unknown["queues"][name]} == {"url", "arn", "name", "dead_letter_url", "dead_letter_name"}
    assert known["tables"] == {name: f"{NAME}-{name}" for name in (*KEYS, "keys")}
    assert sorted(known["functions"]["write"]) == ["alias", "arn", "log_group", "name", "role"]
    assert known["functions"]["write"]["arn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{NAME}-write:live"
    assert sorted(unknown["mappings"]) == ["process", "tally", "write"]
    assert set(known["settings"]) == {
        "aspects",
        "scale",
        "voter_from",
        "shards",
        "slot_seconds",
        "unlisted_titles",
        "witness_share",
        "latency_seconds",
        "look_back_seconds",
        "entrance",
    }
    assert known["quarantine_bucket"] == f"{NAME}-quarantine-{ACCOUNT}"


def test_alarms_watch_every_part() -> None:
    alarms = {a["alarm_name"].removeprefix(f"{NAME}-") for a in prod("aws_cloudwatch_metric_alarm").values()}
    wanted = {
        f"{queue}-{what}" for queue in ("ingest", "count", "tick") for what in ("age", "dead-letters", "mapping-off")
    }
    wanted |= {f"{function}-{what}" for function in FUNCTIONS for what in ("errors", "throttles")}
    wanted |= {f"{name}-{what}-throttled" for name in KEYS for what in ("reads", "writes")}
    wanted |= {f"{consumer}-failing" for consumer in ("process", "write", "tally")}
    wanted |= {
        "api-5xx",
        "fold-lag",
        "shards-stopped",
        "write-stopped",
        "tally-silent",
        "process-quarantined",
        "write-quarantined",
    }
    assert alarms == wanted | {"witnesses-missing", "conservation-silent", "mappings-off", "probe-age", "probe-wrong"}


def test_silence_of_a_check_is_an_alarm() -> None:
    alarms = {a["alarm_name"].removeprefix(f"{NAME}-"): a for a in prod("aws_cloudwatch_metric_alarm").values()}
    silent, age = alarms["conservation-silent"], alarms["probe-age"]
    assert (silent["metric_name"], silent["statistic"], silent["threshold"]) == ("WitnessesMissing", "SampleCount", 1)
    assert {alarm["treat_missing_data"] for alarm in (silent, age)} == {"breaching"}
    assert (age["evaluation_periods"], age["period"], age["threshold"]) == (2, 60, 180)
    for name in ("witnesses-missing", "mappings-off", "probe-wrong"):
        assert (alarms[name]["threshold"], alarms[name]["comparison_operator"]) == (0, "GreaterThanThreshold")


@pytest.mark.parametrize(("name", "expression"), [("prod", "rate(1 minute)"), ("dev", "rate(5 minutes)")])
def test_checks_run_as_often_as_the_environment_says(name: str, expression: str) -> None:
    for check in ("conservation.module.schedule[0]", 'check["probe"]'):
        schedule = resources(plan(name))[f"module.votes.module.{check}.aws_scheduler_schedule.this"]
        assert schedule["schedule_expression"] == expression


def test_an_accepted_ballot_may_take_a_crash_in_each_function() -> None:
    """The latency that the check allows follows from the queues, where nobody sets it."""
    visible = [
        prod()[f"module.{queue}.aws_sqs_queue.this"]["visibility_timeout_seconds"] for queue in ("ingest", "count")
    ]
    assert outputs(plan("prod"))["votes"]["settings"]["latency_seconds"] == sum(visible)


def test_alarms_watch_metrics_that_the_code_writes() -> None:
    code = "".join(
        path.read_text() for room in ("votes", "shared") for path in (ROOT / "lambda_src" / room).glob("*.py")
    )
    named = set(re.findall(r'\bname += "([A-Z]\w+)"', (ROOT / "terraform/pipelines/votes/alarms.tf").read_text())) - {
        "Invocations"
    }
    assert len(named) >= 5
    for metric in named:
        quarantined = re.search(r'f"Ballots\{', code) and metric.startswith("Ballots")
        assert f'"{metric}"' in code or quarantined, f"no function writes {metric}"
