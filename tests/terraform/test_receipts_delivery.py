"""The way into the database on the plan: lanes, ticks, who may reach it, and the agent."""

from __future__ import annotations

import json
from functools import partial

import pytest

from receipts.delivery.pace import Budget
from tests.support import plan as plans
from tests.support.plan import environment, plan_of, resources
from tests.terraform.hcl import ENVIRONMENTS

plan = partial(plan_of, "receipts")
MODULE = "module.receipts.module"
NETWORK = "module.receipts_network"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_lane_is_one_run_at_a_time_and_its_ticks_expire(name: str) -> None:
    values = resources(plan(name))
    lane, deliver = values[f"{MODULE}.lane.aws_sqs_queue.this"], values[f"{MODULE}.deliver.aws_lambda_function.this"]
    mapping = values[f'{MODULE}.deliver.aws_lambda_event_source_mapping.this["lane"]']
    lanes = int(environment(plan(name), "deliver").get("LANES") or environment(plan(name), "wake")["LANES"])
    assert lane["fifo_queue"]
    assert mapping["batch_size"] == 1, "a run of two ticks would be of two lanes, or of one twice"
    assert mapping["scaling_config"][0]["maximum_concurrency"] == max(2, lanes)
    assert lane["visibility_timeout_seconds"] == 6 * deliver["timeout"] < lane["message_retention_seconds"] <= 900
    redrive = json.loads(values[f"{MODULE}.lane.aws_sqs_queue_redrive_policy.this"]["redrive_policy"])
    assert redrive["maxReceiveCount"] > lane["message_retention_seconds"] / 60, (
        "a tick a minute expires, and is no loss"
    )
    config = values[f"{MODULE}.deliver.aws_lambda_function_recursion_config.this[0]"]
    assert config["recursive_loop"] == "Allow"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_pointers_wait_as_long_as_sqs_keeps_them_and_no_mapping_takes_them(name: str) -> None:
    values = resources(plan(name))
    delivery = values[f"{MODULE}.delivery.aws_sqs_queue.this"]
    sources = [one["event_source_arn"] for one in resources(plan(name), "aws_lambda_event_source_mapping").values()]
    assert not [arn for arn in sources if arn.endswith(f":{delivery['name']}")]
    assert delivery["message_retention_seconds"] == 14 * 86_400
    redrive = json.loads(values[f"{MODULE}.delivery.aws_sqs_queue_redrive_policy.this"]["redrive_policy"])
    assert redrive["maxReceiveCount"] >= 100


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_all_who_send_and_wake_know_the_same_lanes(name: str) -> None:
    known = {environment(plan(name), one)["LANES"] for one in ("read", "sweep", "review", "report", "wake")}
    assert len(known) == 1
    pace = Budget.model_validate_json(environment(plan(name), "deliver")["PACE"])
    assert pace.linger_seconds > int(environment(plan(name), "read")["SLOT_SECONDS"])


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_login_is_in_no_plan(name: str) -> None:
    assert resources(plan(name), "aws_secretsmanager_secret_version") == {}
    assert "password" not in json.dumps(environment(plan(name), "deliver")).lower()


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_deliver_alone_is_in_the_network_and_out_goes_one_port(name: str) -> None:
    values = resources(plan(name), "aws_lambda_function")
    assert [address for address, one in values.items() if one["vpc_config"]] == [
        f"{MODULE}.deliver.aws_lambda_function.this"
    ]
    out = resources(plans.plan(name), "aws_vpc_security_group_egress_rule")
    assert {one["from_port"] for one in out.values() if one["cidr_ipv4"]} == {5432}
    assert {one["from_port"] for one in out.values() if not one["cidr_ipv4"]} == {443}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_way_by_no_network_is_to_be_seen(name: str) -> None:
    deliver = resources(plan(name), "aws_lambda_function")[f"{MODULE}.deliver.aws_lambda_function.this"]
    assert (deliver["tags"].get("database") == "outside") is (not deliver["vpc_config"])


@pytest.mark.parametrize("name", ["local", "dev"])
def test_where_no_network_is_asked_for_none_is_paid(name: str) -> None:
    assert [address for address in resources(plans.plan(name)) if address.startswith(NETWORK)] == []


def test_the_agent_comes_in_with_one_certificate_of_one_authority() -> None:
    values = resources(plan("local"))
    role = values["module.receipts.aws_iam_role.agent[0]"]
    (statement,) = json.loads(role["assume_role_policy"])["Statement"]
    assert statement["Principal"] == {"Service": "rolesanywhere.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:PrincipalTag/x509Subject/CN": ["agent"]}
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"].endswith(":trust-anchor/local")
    assert role["max_session_duration"] == 3600
