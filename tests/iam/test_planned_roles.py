"""Each role allows what its function's calls in the seeded world need, no less and no more, in the
plan of every environment.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.plan import plan_of, resources
from tools.iam import roles
from tools.iam.pipeline import Pipeline, pipelines
from tools.simulation.aws.actions import Need
from tools.simulation.aws.used import Used

ENVIRONMENTS = ("local", "dev", "staging", "prod")
PIPELINES = pipelines()
PLANNED = [
    pytest.param(pipeline, function, id=f"{pipeline.name}-{function}")
    for pipeline in PIPELINES
    for function in pipeline.functions
    if function not in pipeline.unknown_before_apply
]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(("pipeline", "function"), PLANNED)
def test_a_role_allows_what_its_function_calls_and_nothing_else(
    rights_of: Callable[[Pipeline], set[Used]], pipeline: Pipeline, function: str, environment: str
) -> None:
    planned = plan_of(pipeline.name, environment)
    used = roles.used_there(rights_of(pipeline), planned, pipeline, function)
    assert used, f"no history has {function} call anything"
    allowed = roles.planned_roles(planned, pipeline)[function]
    assert roles.differences(allowed, used, roles.runtime(planned, pipeline, function)) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda one: one.name)
def test_there_is_no_other_role_and_no_other_policy(pipeline: Pipeline, environment: str) -> None:
    planned = plan_of(pipeline.name, environment)
    schedules = _schedules(planned, pipeline)
    known = {function for function in pipeline.functions if function not in pipeline.unknown_before_apply}
    assert set(roles.planned_roles(planned, pipeline)) == {*known, *schedules}
    count = len(pipeline.functions) + len(schedules)
    assert len(resources(planned, "aws_iam_role")) == count
    kinds = {one["type"] for one in planned["resource_changes"] if one["type"].startswith("aws_iam_")}
    assert kinds == {"aws_iam_role", "aws_iam_role_policy"}
    ours = [
        address
        for address in resources(planned, "aws_iam_role_policy")
        if not address.startswith("aws_iam_role_policy.emulator_")
    ]
    assert len(ours) == count
    assert environment == "local" or ours == list(resources(planned, "aws_iam_role_policy"))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda one: one.name)
def test_a_schedule_may_invoke_its_target_and_nothing_else(pipeline: Pipeline, environment: str) -> None:
    planned = plan_of(pipeline.name, environment)
    where, name = roles.place_of(planned, pipeline)
    functions = {where.arn("lambda", f"function:{name}-{function}:live") for function in pipeline.functions}
    for schedule, target in _schedules(planned, pipeline).items():
        assert target in functions
        assert roles.planned_roles(planned, pipeline)[schedule] == {Need("lambda:InvokeFunction", target)}


def _schedules(planned: roles.Plan, pipeline: Pipeline) -> dict[str, str]:
    """Each schedule by its module ("backstop", "check probe"), and what it calls."""
    return {
        roles.module_of(address, pipeline): one["target"][0]["arn"]
        for address, one in resources(planned, "aws_scheduler_schedule").items()
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda one: one.name)
def test_a_route_may_invoke_its_function_and_nothing_else_may(pipeline: Pipeline, environment: str) -> None:
    planned = plan_of(pipeline.name, environment)
    _, name = roles.place_of(planned, pipeline)
    routes = {one["route_key"] for one in resources(planned, "aws_apigatewayv2_route").values()}
    found = {
        address.split('"')[1]: (one["function_name"], one["qualifier"], one["principal"], one["action"])
        for address, one in resources(planned, "aws_lambda_permission").items()
    }
    assert routes == set(found)
    for function, *rest in found.values():
        assert function.removeprefix(f"{name}-") in pipeline.functions
        assert rest == ["live", "apigateway.amazonaws.com", "lambda:InvokeFunction"]


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
