"""Each environment is a root of its own, and differs from its siblings in what it may and in
nothing else.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.plan import ROOT, plan, resources
from tests.terraform.hcl import ENVIRONMENTS, blocks
from tools.environment import terraform
from tools.environment.names import IDENTITY, PIPELINES, account_of, check_backend
from tools.environment.planned import outputs

FOLDER = ROOT / "environments"
ACCOUNTS = {name: account_of(name) for name in ENVIRONMENTS}
SAME = {"environment.tf", "outputs.tf", *(f"{pipeline}{of}.tf" for pipeline in PIPELINES for of in ("", "_outputs"))}
SIZINGS = {f"{pipeline}_sizing.tf" for pipeline in PIPELINES}
OWN = {IDENTITY, "alarms.tf", "backend.tf", "boundary.tf"} | SIZINGS
ONLY_LOCAL = {f"{pipeline}_emulator.tf" for pipeline in PIPELINES}

# Names that an environment may set otherwise than a sibling, in environment.tf.json. A name that is
# not here must be the same everywhere.
IDENTITY_MAY_DIFFER = {"environment", "account_id", "region", "jwt"}

# Attributes of planned resources that may differ for the same address, after names and accounts are
# evened out.
SIZING = {
    "aws_apigatewayv2_api": {"cors_configuration", "tags", "tags_all"},
    "aws_apigatewayv2_route": {"authorization_type"},
    "aws_apigatewayv2_stage": {"default_route_settings", "route_settings"},
    "aws_cloudwatch_dashboard": set[str](),
    "aws_cloudwatch_log_group": {"retention_in_days"},
    "aws_cloudwatch_metric_alarm": {"threshold", "alarm_description", "period"},
    "aws_dynamodb_table": {
        "billing_mode",
        "read_capacity",
        "write_capacity",
        "warm_throughput",
        "on_demand_throughput",
        "global_secondary_index",  # has the table's own
        "deletion_protection_enabled",
        "point_in_time_recovery",
    },
    "aws_lambda_event_source_mapping": {"batch_size", "maximum_batching_window_in_seconds", "scaling_config"},
    "aws_lambda_function": {"memory_size", "environment", "logging_config", "vpc_config"},
    "aws_secretsmanager_secret": {"recovery_window_in_days"},
    "aws_s3_bucket": {"force_destroy"},
    "aws_s3_bucket_cors_configuration": {"cors_rule"},
    "aws_scheduler_schedule": {"schedule_expression", "state"},
    "aws_s3_bucket_lifecycle_configuration": {"rule"},
    "aws_sqs_queue": {"visibility_timeout_seconds", "delay_seconds"},
    "aws_sqs_queue_redrive_policy": {"redrive_policy"},
    "terraform_data": {"input"},
}
DELIVER = "module.receipts.module.deliver."
SIZED_VARIABLES = {
    "SHARDS",
    "SLOT_SECONDS",
    "EPOCH_CHANGES",
    "FOLD_SECONDS",
    "WITNESS_SHARE",
    "MOST_BALLOTS",
    "UNLISTED_TITLES",
    "VOTER_FROM",
    "CUSTOMER_FROM",
    "LIMITS",
    "HINTS",
    "KEEP_DAYS",
    "LATENCY_SECONDS",
    "POWERTOOLS_LOG_LEVEL",
}
SIZED_VARIABLES |= {"POWERTOOLS_METRICS_DISABLED", "VENDOR", "LIMITS", "VENDOR_SECRET_ARN", "LANES", "PACE"}
TAGGED = {
    "aws_apigatewayv2_api",
    "aws_apigatewayv2_stage",
    "aws_cloudwatch_log_group",
    "aws_cloudwatch_metric_alarm",
    "aws_dynamodb_table",
    "aws_iam_role",
    "aws_lambda_event_source_mapping",
    "aws_lambda_function",
    "aws_s3_bucket",
    "aws_sqs_queue",
}
EMULATOR_ONLY = {"dynamodb:BatchExecuteStatement", "lambda:ListEventSourceMappings", "logs:FilterLogEvents"}
SCALING = {"aws_appautoscaling_target", "aws_appautoscaling_policy"}
# dev has no network to premises, nor deliver the rights for its interfaces there
NETWORK = re.compile(r"module\.receipts_network\b")
IN_NETWORK = {"policy"}
# this machine has both ways into the database
AGENT = re.compile(r"module\.receipts\.aws_(iam_role|iam_role_policy|rolesanywhere_profile)\.agent\b")
# dev watches only the essential
WATCHED = {"aws_cloudwatch_metric_alarm", "aws_cloudwatch_dashboard"}


def test_every_environment_has_every_pipeline() -> None:
    assert sorted(PIPELINES) == sorted(path.name for path in (ROOT / "terraform/pipelines").iterdir())


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_files_are_the_same_but_for_what_is_its_own(name: str) -> None:
    files = {path.name for path in (FOLDER / name).iterdir() if path.is_file() and path.name != terraform.LOCK}
    assert {*SAME, *OWN} <= files <= {*SAME, *OWN, *(ONLY_LOCAL if name == "local" else ())}
    for file in SAME:
        assert (FOLDER / name / file).read_text() == (FOLDER / "dev" / file).read_text(), f"{file} is not dev's"


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_sizing_names_only_what_the_pipeline_takes(name: str, pipeline: str) -> None:
    """Terraform drops an attribute that an object type does not have without a word, so a misspelt
    one would do nothing.
    """
    sources = re.findall(r'source += "../../(\S+)"', (FOLDER / name / f"{pipeline}.tf").read_text())
    taken: set[str] = set()
    for folder in (ROOT / source for source in sources):
        declared = "".join(path.read_text() for path in folder.glob("variables*.tf"))
        taken |= set(re.findall(r"(\w+) += ", declared))
        taken |= {block.name for block in blocks(folder, "variable")}
    assert set(re.findall(r"(\w+) += ", (FOLDER / name / f"{pipeline}_sizing.tf").read_text())) - {pipeline} <= taken


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_account_is_guarded(name: str) -> None:
    planned = plan(name)
    guard = planned["configuration"]["provider_config"]["aws"]["expressions"]["allowed_account_ids"]
    assert guard == {"references": ["local.account_id"]}
    assert outputs(planned)["account_id"] == ACCOUNTS[name]
    text = (FOLDER / name / "backend.tf").read_text()
    if name == "local":
        assert 'backend "local"' in text
    else:
        check_backend(name)
        assert set(re.findall(r"\d{12}", text)) == {ACCOUNTS[name]}
        assert re.search(r"use_lockfile += true", text)
        assert re.search(r"encrypt += true", text)


def test_only_allowed_names_differ() -> None:
    identities = {name: json.loads((FOLDER / name / IDENTITY).read_text())["locals"] for name in ENVIRONMENTS}
    assert all(set(identity) == IDENTITY_MAY_DIFFER for identity in identities.values())
    assert {name: identity["environment"] for name, identity in identities.items()} == {
        name: name for name in ENVIRONMENTS
    }
    for pipeline in PIPELINES:
        read = set(re.findall(rf"local\.{pipeline}\.(\w+)", (FOLDER / "dev" / f"{pipeline}.tf").read_text()))
        assert len(read) > 3
        assert {name: _sized_by(FOLDER / name / f"{pipeline}_sizing.tf") for name in ENVIRONMENTS} == dict.fromkeys(
            ENVIRONMENTS, read
        )


def test_every_role_is_bounded_but_on_this_machine() -> None:
    boundaries = {name: (FOLDER / name / "boundary.tf").read_text() for name in ENVIRONMENTS}
    assert "permissions_boundary = null" in boundaries.pop("local")
    assert len(set(boundaries.values())) == 1


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_everything_that_takes_tags_has_the_same(name: str) -> None:
    """The environment's from the provider; the pipeline's from its composition."""
    wanted = {"project": "sluice", "environment": name}
    tagged = {address: values["tags_all"] for address, values in resources(plan(name)).items() if "tags_all" in values}
    for address, tags in tagged.items():
        of_api = {"anonymous"} if _kind(address) == "aws_apigatewayv2_api" else set()
        named = {"Name"} if ".module." not in address else set()  # a network's parts have no other name
        outside = {"database"} if address.startswith(DELIVER) else set()  # where it is in no network
        assert {tag: value for tag, value in tags.items() if tag not in of_api | named | outside} == wanted | {
            "pipeline": re.split(r"[_\[]", address.split(".")[1])[0]
        }, address
    assert {_kind(address) for address in tagged} >= TAGGED


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_only_sizing_differs_in_the_plan(name: str) -> None:
    mine, devs = _evened(name), _evened("dev")
    more = WATCHED | {"aws_apigatewayv2_authorizer"}
    added = {address for address in set(mine) - set(devs) if not NETWORK.match(address)}
    assert {_kind(address) for address in added} == more | (SCALING if name == "staging" else set())
    assert not set(devs) - set(mine)
    for address, values in devs.items():
        kind = _kind(address)
        differs = {key for key in values if values[key] != mine[address].get(key)}
        in_network = IN_NETWORK if address == f"{DELIVER}aws_iam_role_policy.this" else set()
        in_network |= {"tags", "tags_all"} if address.startswith(DELIVER) else set()
        assert differs <= SIZING.get(kind, set()) | in_network, f"{address}: {sorted(differs)}"
        if kind == "aws_lambda_function":
            left, right = (v["environment"][0]["variables"] for v in (values, mine[address]))
            assert {key for key in left | right if left.get(key) != right.get(key)} <= SIZED_VARIABLES


def test_local_adds_only_what_the_emulator_asks_otherwise() -> None:
    """Actions that AWS does not know, or not for this call: no other environment and no module
    grants them.
    """
    extra = {one for one in set(resources(plan("local"))) - set(resources(plan("prod"))) if not AGENT.match(one)}
    assert all(address.startswith("aws_iam_role_policy.emulator_") for address in extra)
    found = {
        action
        for address in extra
        for s in json.loads(resources(plan("local"))[address]["policy"])["Statement"]
        for action in s["Action"]
    }
    assert found <= EMULATOR_ONLY


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_alarm_tells_the_accounts_topic_but_on_this_machine(name: str) -> None:
    heard = {
        (tuple(alarm["alarm_actions"] or ()), tuple(alarm["ok_actions"] or ()))
        for alarm in resources(plan(name), "aws_cloudwatch_metric_alarm").values()
    }
    if name == "local":
        assert heard == {((), ())}
        return
    topic = outputs(plan(f"{name}/account"))["alarm_topic"]
    assert heard == {((topic,), (topic,))}
    told = resources(plan(f"{name}/account"), "aws_sns_topic_subscription")
    assert told
    assert all(".module.alarms." in address for address in told)


def _kind(address: str) -> str:
    kind: str = re.findall(r"(?:^|\.)(aws_\w+|terraform_data)\.", address)[-1]
    return kind


def _sized_by(file: Path) -> set[str]:
    """The names that a pipeline's sizing sets."""
    return set(re.findall(r"^    (\w+) += ", file.read_text(), re.MULTILINE))


def _evened(name: str) -> dict[str, dict[str, Any]]:
    """Planned resources by address, with the environment's name and account replaced by dev's."""
    text = (
        json.dumps(resources(plan(name)))
        .replace(ACCOUNTS[name], ACCOUNTS["dev"])
        .replace(f"sluice-{name}-", "sluice-dev-")
    )
    text = text.replace(f'"environment": "{name}"', '"environment": "dev"')
    evened: dict[str, dict[str, Any]] = json.loads(text)
    return evened
