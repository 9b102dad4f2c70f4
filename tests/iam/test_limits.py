"""What stands beside a role's own policy: the boundary of its account, and the policies of queues and bucket. They deny no call of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.faults import deployed
from tests.iam import roles
from tests.iam.actions import Need
from tests.iam.evaluated import allows
from tests.iam.used import Used
from tests.support.plan import FUNCTIONS, plan, resources

ACCOUNTS = ("dev", "staging", "prod")


def needed(seeded: set[Used], environment: str) -> dict[str, set[Need]]:
    """What each role uses in an environment: calls, AWS's own, and the schedules'."""
    planned = plan(environment)
    of_functions = {name: roles.used_there(seeded, name, planned, roles.SEEDED) | roles.runtime(planned, name) for name in FUNCTIONS}
    schedules = {name: needs for name, needs in roles.planned_roles(planned).items() if name not in FUNCTIONS}
    return of_functions | schedules


def anything(needs: set[Need]) -> dict[str, Any]:
    """A policy that allows just these."""
    return {"Statement": [{"Effect": "Allow", "Action": [need.action], "Resource": [need.resource]} for need in sorted(needs)]}


@pytest.mark.parametrize("environment", ACCOUNTS)
def test_the_boundary_stops_no_call_of_any_role(seeded: set[Used], environment: str) -> None:
    boundary = resources(plan(f"{environment}/account"))["module.account.aws_iam_policy.pipeline_boundary"]
    where, _ = roles.place_of(plan(environment))
    for role, needs in needed(seeded, environment).items():
        assert needs, role
        stopped = [need for need in needs if not allows(need, where, anything(needs), boundary=boundary["policy"])]
        assert stopped == [], f"{role}: add these to the boundary (terraform/modules/account/boundary.tf)"
    carried = {one.get("permissions_boundary") for one in resources(plan(environment), "aws_iam_role").values()}
    assert carried == {f"arn:{where.partition}:iam::{where.account}:policy/{boundary['name']}"}


@pytest.mark.parametrize("environment", ACCOUNTS)
def test_queues_and_bucket_take_every_call_over_tls_and_none_without(seeded: set[Used], environment: str) -> None:
    planned = plan(environment)
    where, _ = roles.place_of(planned)
    kinds = ("aws_sqs_queue_policy", "aws_s3_bucket_policy")
    theirs = [one["policy"] for kind in kinds for one in resources(planned, kind).values()]
    assert {statement["Effect"] for policy in theirs for statement in json.loads(policy)["Statement"]} == {"Deny"}
    checked = 0
    for needs in needed(seeded, environment).values():
        for need in needs:
            assert allows(need, where, anything(needs), *theirs), f"{need} is denied by the policy of its resource"
            if need.action.startswith(("sqs:", "s3:")):
                assert not allows(need, where, anything(needs), *theirs, tls=False), f"{need} is allowed over plain HTTP"
                checked += 1
    assert checked > len(deployed.MAPPINGS) * 4


def test_the_evaluator_tells_a_boundary_that_is_too_small() -> None:
    where, need = roles.SEEDED[0], Need("sqs:SendMessage", "arn:aws:sqs:us-east-1:1:q")
    assert allows(need, where, anything({need}), boundary=anything({need}))
    assert not allows(need, where, anything({need}), boundary=anything({Need("sqs:SendMessage", "arn:aws:sqs:us-east-1:1:r")}))
    assert not allows(need, where, anything({Need("sqs:*", "arn:aws:sqs:us-east-1:2:*")}))
