"""`make preflight`: what networks need of their quotas."""

from __future__ import annotations

from tests.support.plan import plan, plan_of, resources
from tools.operations import networks, quotas


def test_interfaces_and_endpoints_are_those_of_the_plan() -> None:
    planned = plan("prod")
    found = {quota: needed for quota, needed, _ in networks.needed(planned)}
    deliver = resources(planned, "aws_lambda_function")["module.receipts.module.deliver.aws_lambda_function.this"]
    assert found[quotas.FUNCTION_INTERFACES] == len(deliver["vpc_config"][0]["subnet_ids"]) == 2
    kinds = [one["vpc_endpoint_type"] for one in resources(planned, "aws_vpc_endpoint").values()]
    assert found[quotas.INTERFACE_ENDPOINTS] == kinds.count("Interface") == 2


def test_who_is_in_no_network_needs_none() -> None:
    assert list(networks.needed(plan_of("votes", "prod"))) == []
