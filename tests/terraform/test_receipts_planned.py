"""The receipts pipeline on the plan: names, wiring, contracts. (Roles: tests/iam.)"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from receipts import settings
from receipts.ledger import INDEX
from tests.support.plan import ROOT, environment, plan_of, resources
from tests.terraform.hcl import ENVIRONMENTS
from tools.environment.planned import outputs
from tools.environment.zips import functions_of

plan = partial(plan_of, "receipts")
FUNCTIONS = functions_of("receipts")
MODULE = "module.receipts.module"
QUEUES = ("intake", "image", "delivery", "lane", "delivered")
POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
# known once they are made
URLS = {f"{queue}_QUEUE_URL" for queue in ("INTAKE", "IMAGE", "DELIVERY", "LANE", "DELIVERED")} | {"DATABASE_SECRET"}


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_environment_is_what_the_settings_read(name: str, function: str) -> None:
    model = getattr(settings, f"{function.capitalize()}Settings")
    known = environment(plan(name), function)
    known.pop("POWERTOOLS_METRICS_DISABLED", None)
    asked = {field.upper(): about for field, about in model.model_fields.items()}
    assert set(known) >= POWERTOOLS
    given = {variable: value for variable, value in known.items() if variable not in POWERTOOLS}
    given |= dict.fromkeys(set(asked) & URLS, "url")
    assert {variable for variable, about in asked.items() if about.is_required()} <= set(given) <= set(asked)
    assert set(asked) - set(given) <= {"TRUSTED_SCOPE"}
    model.model_validate({variable.lower(): value for variable, value in given.items()})


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_queue_and_function_agree(name: str) -> None:
    values = resources(plan(name))
    for consumer, short in (("split", "intake"), ("read", "image"), ("settle", "delivered")):
        source = values[f"{MODULE}.{short}.aws_sqs_queue.this"]
        dead = values[f"{MODULE}.{short}.aws_sqs_queue.dead_letter"]
        function = values[f"{MODULE}.{consumer}.aws_lambda_function.this"]
        mapping = values[f'{MODULE}.{consumer}.aws_lambda_event_source_mapping.this["{short}"]']
        assert source["visibility_timeout_seconds"] == 6 * function["timeout"]
        assert dead["message_retention_seconds"] >= source["message_retention_seconds"] == 14 * 86_400
        assert mapping["event_source_arn"].endswith(f":{source['name']}")
        assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
    redrive = json.loads(values[f"{MODULE}.image.aws_sqs_queue_redrive_policy.this"]["redrive_policy"])
    assert redrive["maxReceiveCount"] >= 100, "a busy reader counts receives, and is no failure"


def test_only_the_bucket_of_uploads_sends_to_intake_and_only_of_what_is_uploaded() -> None:
    values, (name, account) = resources(plan("prod")), ("sluice-prod-receipts", "333333333333")
    bucket = f"arn:aws:s3:::{name}-uploads-{account}"
    policy = json.loads(values[f'{MODULE}.intake.aws_sqs_queue_policy.tls_only["queue"]']["policy"])
    (allowed,) = [one for one in policy["Statement"] if one["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceArn": bucket, "aws:SourceAccount": account}}
    (told,) = values[f"{MODULE}.uploads.aws_s3_bucket_notification.this[0]"]["queue"]
    assert (told["filter_prefix"], told["queue_arn"].split(":")[-1]) == ("in/", f"{name}-intake")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_who_may_call_the_api_may_upload(name: str) -> None:
    values = resources(plan(name))
    api = values[f"{MODULE}.api.aws_apigatewayv2_api.this"]["cors_configuration"]
    rules = [
        rule
        for address, one in values.items()
        if address.endswith("aws_s3_bucket_cors_configuration.this[0]")
        for rule in one["cors_rule"]
    ]
    assert len(rules) == len(api)
    for configuration, rule in zip(api, rules, strict=True):
        assert set(rule["allowed_origins"]) == set(configuration["allow_origins"])
        assert rule["allowed_methods"] == ["PUT"]
        assert {"content-type", "x-amz-*"} <= set(rule["allowed_headers"])


def test_the_ledgers_index_is_the_one_that_the_sweep_asks() -> None:
    (index,) = resources(plan("prod"))[f"{MODULE}.ledger.aws_dynamodb_table.this"]["global_secondary_index"]
    assert (index["name"], index["hash_key"], index["range_key"]) == (INDEX, "waiting", "due_at")
    assert index["projection_type"] == "KEYS_ONLY"


def test_the_reader_is_found_elsewhere_in_no_environment() -> None:
    """`make up` says where this machine's is; nobody else may send pictures elsewhere."""
    for name in ENVIRONMENTS:
        assert [one for one in environment(plan(name), "read") if one.startswith("AWS_ENDPOINT")] == []
    for path in (ROOT / "environments").glob("*/*.tf"):
        assert "endpoints" not in path.read_text(), path


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_nobody_sends_or_asks_as_somebody_else(name: str) -> None:
    routes = resources(plan(name), "aws_apigatewayv2_route").values()
    assert {one["route_key"]: one["authorization_type"] for one in routes} == {
        "POST /v1/batches": "JWT",
        "GET /v1/batches/{batch_id}": "JWT",
        "GET /v1/batches/{batch_id}/report.csv": "JWT",
        "GET /v1/batches/{batch_id}/review": "JWT",
        "POST /v1/batches/{batch_id}/review/{file_id}": "JWT",
    }
    asked = ("accept", "account", "review", "report")
    assert {environment(plan(name), function)["CUSTOMER_FROM"] for function in asked} == {"token"}
    (authoriser,) = resources(plan(name), "aws_apigatewayv2_authorizer").values()
    assert authoriser["jwt_configuration"][0]["audience"] == ["receipts"]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_loses_receipts_is_watched_everywhere(name: str) -> None:
    alarms = {alarm.removeprefix(f"sluice-{name}-receipts-") for alarm in outputs(plan(name))["receipts"]["alarms"]}
    essential = {f"{queue}-{what}" for queue in QUEUES for what in ("age", "dead-letters")}
    essential |= {f"{function}-failing" for function in ("split", "read", "deliver", "settle", "sweep")}
    essential |= {"sweep-silent", "lane-silent", "rows-refused", "delivery-overdue"}
    assert alarms == essential if name == "dev" else alarms > essential


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_bytes_outlast_what_points_at_them(name: str) -> None:
    values: dict[str, Any] = resources(plan(name))
    for bucket, rule in (("uploads", "expire-in"), ("documents", "expire-images")):
        rules = values[f"{MODULE}.{bucket}.aws_s3_bucket_lifecycle_configuration.this"]["rule"]
        days = {one["id"]: one["expiration"][0]["days"] for one in rules if one["expiration"]}
        assert 86_400 * days[rule] > values[f"{MODULE}.image.aws_sqs_queue.this"]["message_retention_seconds"]
