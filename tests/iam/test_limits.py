"""What stands beside a role's own policy: the boundary of its account, and the policies of queues
and bucket. They deny no call of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.plan import plan, plan_of, resources
from tools.iam import roles
from tools.iam.evaluated import allows
from tools.iam.pipeline import Pipeline, pipelines
from tools.simulation.aws.actions import Need, Where
from tools.simulation.aws.used import Used

ACCOUNTS = ("dev", "staging", "prod")


def needed(seeded: set[Used], pipeline: Pipeline, environment: str) -> dict[str, set[Need]]:
    """What each role uses in an environment: calls, AWS's own, and the schedules'."""
    planned = plan_of(pipeline.name, environment)
    of_functions = {
        name: roles.used_there(seeded, planned, pipeline, name) | roles.runtime(planned, pipeline, name)
        for name in pipeline.functions
    }
    planned_roles = roles.planned_roles(planned, pipeline)
    schedules = {name: needs for name, needs in planned_roles.items() if name not in pipeline.functions}
    return of_functions | schedules


def anything(needs: set[Need]) -> dict[str, Any]:
    """A policy that allows just these."""
    return {
        "Statement": [
            {"Effect": "Allow", "Action": [need.action], "Resource": [need.resource]} for need in sorted(needs)
        ]
    }


@pytest.mark.parametrize("environment", ACCOUNTS)
@pytest.mark.parametrize("pipeline", pipelines(), ids=lambda one: one.name)
def test_the_boundary_stops_no_call_of_any_role(
    rights_of: Callable[[Pipeline], set[Used]], pipeline: Pipeline, environment: str
) -> None:
    boundary = resources(plan(f"{environment}/account"))["module.account.aws_iam_policy.pipeline_boundary"]
    planned = plan_of(pipeline.name, environment)
    where, _ = roles.place_of(planned, pipeline)
    for role, needs in needed(rights_of(pipeline), pipeline, environment).items():
        assert needs, role
        stopped = [need for need in needs if not allows(need, where, anything(needs), boundary=boundary["policy"])]
        assert stopped == [], f"{role}: add these to the boundary (terraform/modules/account/boundary.tf)"
    carried = {one.get("permissions_boundary") for one in resources(planned, "aws_iam_role").values()}
    assert carried == {f"arn:{where.partition}:iam::{where.account}:policy/{boundary['name']}"}


def _what_they_deny(policy: str) -> str:
    """A resource's policy without those whom it lets in: services of AWS, each for one source."""
    statements = json.loads(policy)["Statement"]
    for one in statements:
        if one["Effect"] != "Deny":
            assert set(one["Principal"]) == {"Service"}, one
            assert {"aws:SourceArn", "aws:SourceAccount"} <= {key for test in one["Condition"].values() for key in test}
    return json.dumps({"Statement": [one for one in statements if one["Effect"] == "Deny"]})


@pytest.mark.parametrize("environment", ACCOUNTS)
@pytest.mark.parametrize("pipeline", pipelines(), ids=lambda one: one.name)
def test_queues_and_bucket_take_every_call_over_tls_and_none_without(
    rights_of: Callable[[Pipeline], set[Used]], pipeline: Pipeline, environment: str
) -> None:
    planned = plan_of(pipeline.name, environment)
    where, _ = roles.place_of(planned, pipeline)
    kinds = ("aws_sqs_queue_policy", "aws_s3_bucket_policy")
    theirs = [one["policy"] for kind in kinds for one in resources(planned, kind).values()]
    theirs = list(map(_what_they_deny, theirs))
    checked = 0
    for needs in needed(rights_of(pipeline), pipeline, environment).values():
        for need in needs:
            assert allows(need, where, anything(needs), *theirs), f"{need} is denied by the policy of its resource"
            if need.action.startswith(("sqs:", "s3:")):
                assert not allows(need, where, anything(needs), *theirs, tls=False), (
                    f"{need} is allowed over plain HTTP"
                )
                checked += 1
    assert checked > len(pipeline.deployed.mappings) * 4


def test_the_evaluator_tells_a_boundary_that_is_too_small() -> None:
    where, need = Where("111111111111"), Need("sqs:SendMessage", "arn:aws:sqs:us-east-1:1:q")
    assert allows(need, where, anything({need}), boundary=anything({need}))
    assert not allows(
        need, where, anything({need}), boundary=anything({Need("sqs:SendMessage", "arn:aws:sqs:us-east-1:1:r")})
    )
    assert not allows(need, where, anything({Need("sqs:*", "arn:aws:sqs:us-east-1:2:*")}))
