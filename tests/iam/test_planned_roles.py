"""Each role allows what its function's calls in the seeded world need, no less and no more, in the plan of every environment."""

from __future__ import annotations

import pytest

from tests.iam import roles
from tests.iam.actions import Need
from tests.iam.used import Used
from tests.support.plan import FUNCTIONS, plan, resources

ENVIRONMENTS = ("local", "dev", "staging", "prod")
SCHEDULES = {"backstop": "tally", "check conservation": "conservation", "check probe": "probe"}
PLANNED = [function for function in FUNCTIONS if function not in roles.UNKNOWN_BEFORE_APPLY]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("function", PLANNED)
def test_a_role_allows_what_its_function_calls_and_nothing_else(seeded: set[Used], function: str, environment: str) -> None:
    planned = plan(environment)
    used = roles.used_there(seeded, function, planned, roles.SEEDED)
    assert used, f"no history has {function} call anything"
    assert roles.differences(roles.planned_roles(planned)[function], used, roles.runtime(planned, function)) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_there_is_no_other_role_and_no_other_policy(environment: str) -> None:
    planned = plan(environment)
    assert set(roles.planned_roles(planned)) == {*PLANNED, *SCHEDULES}
    count = len(FUNCTIONS) + len(SCHEDULES)
    assert len(resources(planned, "aws_iam_role")) == count
    kinds = {one["type"] for one in planned["resource_changes"] if one["type"].startswith("aws_iam_")}
    assert kinds == {"aws_iam_role", "aws_iam_role_policy"}
    ours = [address for address in resources(planned, "aws_iam_role_policy") if not address.startswith("aws_iam_role_policy.emulator_")]
    assert len(ours) == count
    assert environment == "local" or ours == list(resources(planned, "aws_iam_role_policy"))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_may_invoke_its_target_and_nothing_else(schedule: str, environment: str) -> None:
    planned = plan(environment)
    name = schedule.replace("check ", 'check["') + ('"]' if " " in schedule else "")
    (target,) = resources(planned)[f"module.votes.module.{name}.aws_scheduler_schedule.this"]["target"]
    where, pipeline = roles.place_of(planned)
    assert target["arn"] == where.arn("lambda", f"function:{pipeline}-{SCHEDULES[schedule]}:live")
    assert roles.planned_roles(planned)[schedule] == {Need("lambda:InvokeFunction", target["arn"])}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_route_may_invoke_its_function_and_nothing_else_may(environment: str) -> None:
    planned = plan(environment)
    _, pipeline = roles.place_of(planned)
    routes = {one["route_key"] for one in resources(planned, "aws_apigatewayv2_route").values()}
    found = {
        address.split('"')[1]: (one["function_name"], one["qualifier"], one["principal"], one["action"])
        for address, one in resources(planned, "aws_lambda_permission").items()
    }
    wanted = {"POST /v1/ballots": "receive", "GET /v1/titles/{title_id}/results": "results"}
    assert routes == set(wanted)
    assert found == {
        route: (f"{pipeline}-{function}", "live", "apigateway.amazonaws.com", "lambda:InvokeFunction") for route, function in wanted.items()
    }


def test_both_ways_are_compared() -> None:
    put, get = Need("dynamodb:PutItem", "arn:table"), Need("dynamodb:GetItem", "arn:table")
    assert roles.differences({put, get}, {put}, {get}) == []
    (unused,) = roles.differences({put, get}, {put}, set())
    assert unused.startswith("dynamodb:GetItem on arn:table is allowed, and nothing calls it")
    (missing,) = roles.differences({put}, {put, get}, set())
    assert missing.startswith("dynamodb:GetItem on arn:table is called, and not allowed so")
    wide = roles.differences({Need(put.action, "*")}, {put}, set())
    assert len(wide) == 2


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny", "Action": ["s3:PutObject"], "Resource": ["arn"]},
        {"Effect": "Allow", "NotAction": ["s3:PutObject"], "Resource": ["arn"]},
        {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn"], "Condition": {}},
        {"Effect": "Allow", "Action": ["s3:PutObject", "s3:PutObject"], "Resource": ["arn"]},
    ],
)
def test_what_cannot_be_compared_is_refused(statement: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"only plain Allow|allowed twice"):
        roles.granted({"Statement": [statement]})
