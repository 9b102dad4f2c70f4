"""What environments cost with no traffic, from their plans."""

import pytest

from tests.support import plan
from tools.bench.standing import standing
from tools.bench.votes import idle
from tools.bench.votes.sizing import sizing
from tools.environment.names import DEPLOYED

DEV_COSTS_AT_MOST = 4.0  # dollars in 30 days at list prices, nothing taken off for what is free


@pytest.fixture(scope="module")
def costs() -> dict[str, dict[str, float]]:
    """Dollars in 30 days of each environment."""
    return {name: idle.a_month(name, sizing(name)) for name in DEPLOYED}


def test_dev_costs_a_few_dollars(costs: dict[str, dict[str, float]]) -> None:
    assert 0 < costs["dev"]["total"] <= DEV_COSTS_AT_MOST


def test_the_parts_are_the_whole(costs: dict[str, dict[str, float]]) -> None:
    for name, found in costs.items():
        parts = [number for what, number in found.items() if what not in ("total", "of it free")]
        assert found["total"] == pytest.approx(sum(parts), abs=0.05), name
        assert 0 <= found["of it free"] <= found["alarms"] + found["custom metrics"]
    assert (
        costs["prod"]["provisioned tables"]
        == costs["dev"]["provisioned tables"]
        == 0
        < costs["staging"]["provisioned tables"]
    )
    assert costs["dev"]["the alarm topic's key"] == 0 < costs["prod"]["the alarm topic's key"]
    assert costs["dev"]["dashboard"] == 0 < costs["prod"]["dashboard"]


def test_an_alarm_costs_by_the_metrics_it_watches() -> None:
    alarms = plan.resources(plan.plan_of("votes", "prod"), "aws_cloudwatch_metric_alarm")
    of_two = [address for address in alarms if ".mapping_off[" in address or ".server_errors[" in address]
    assert len(of_two) == 4
    assert standing("prod", "votes")["alarm_metrics"] == len(alarms) + len(of_two)
    scaled = plan.resources(plan.plan_of("votes", "staging"), "aws_appautoscaling_policy")
    assert standing("staging", "votes")["alarm_metrics"] == standing("prod", "votes")["alarm_metrics"] + 4 * len(scaled)
