"""Who calls which function of votes: the API's routes, and the schedules."""

from __future__ import annotations

import pytest

from tests.support.plan import plan_of, resources

SCHEDULES = {"tally": "tally", "conservation": "conservation", "probe": "probe", "rank": "rank"}
ROUTES = {
    "POST /v1/ballots": "receive",
    "GET /v1/titles/{title_id}/results": "results",
    "GET /v1/titles/{title_id}/vote": "vote",
    "GET /v1/titles": "results",
}


@pytest.mark.parametrize("environment", ["local", "dev", "staging", "prod"])
def test_each_calls_its_function(environment: str) -> None:
    planned, name = plan_of("votes", environment), f"sluice-{environment}-votes"
    targets = {
        one["name"].rsplit("-", 1)[-1]: one["target"][0]["arn"].split(":")[-2]
        for one in resources(planned, "aws_scheduler_schedule").values()
    }
    assert targets == {schedule: f"{name}-{function}" for schedule, function in SCHEDULES.items()}
    found = {
        address.split('"')[1]: one["function_name"]
        for address, one in resources(planned, "aws_lambda_permission").items()
    }
    assert found == {route: f"{name}-{function}" for route, function in ROUTES.items()}
