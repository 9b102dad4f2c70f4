"""make preflight of an environment whose entrance is a load balancer, or Function URLs."""

from __future__ import annotations

import json

import pytest

from tests.operations.stand_ins import Json
from tests.support import plan
from tools.operations import preflight, quotas
from tools.operations.preflight import Need
from tools.operations.quotas import Quota


def needs(planned: Json) -> dict[Quota, Need]:
    """What a plan needs, by quota."""
    return {need.quota: need for need in preflight.needs(planned, 0)}


@pytest.mark.parametrize("entrance", plan.ENTRANCES)
def test_other_entrances_have_quotas_of_their_own(entrance: str) -> None:
    found = needs(plan.by_entrance(entrance))
    assert all(need.needed <= quota.default for quota, need in found.items())
    assert quotas.API_RATE not in found, "it has no throttle"
    balancers = {quotas.BALANCERS: 1, quotas.LISTENERS: 1, quotas.TARGET_GROUPS: 4, quotas.RULES: 5, quotas.WEB_ACLS: 1}
    of_balancers = {quota: need.needed for quota, need in found.items() if quota.service[:4] in ("elas", "wafv")}
    assert of_balancers == (balancers if entrance == "alb" else {})
    executions = found[quotas.LAMBDA_CONCURRENCY]
    assert "10 reserved and 100 that must not be" in executions.why
    assert "as many as come" not in executions.why


def test_an_entrance_that_nothing_limits_is_told_of() -> None:
    need = needs(plan.by_entrance("alb", reserved=False))[quotas.LAMBDA_CONCURRENCY]
    assert "as many as come by another entrance (sizing.receive.reserved_concurrency limits them)" in need.why


def test_certificates_count_beside_the_listeners_own() -> None:
    planned = json.loads(json.dumps(plan.by_entrance("alb")))
    listed = resources_of(planned, "module.votes.module.alb[0]")
    (listener,) = [one for one in listed if one["type"] == "aws_lb_listener"]
    at = listener["address"].removesuffix("aws_lb_listener.this")
    kind = "aws_lb_listener_certificate"
    listed += [{**listener, "type": kind, "address": f"{at}{kind}.more[{number}]"} for number in range(26)]
    assert needs(planned)[quotas.CERTIFICATES].needed == 26


def resources_of(planned: Json, module: str) -> list[Json]:
    """The planned resources of a module, however deep."""
    modules = [planned["planned_values"]["root_module"]]
    for one in modules:
        modules += one.get("child_modules", ())
    (found,) = [one["resources"] for one in modules if one.get("address") == module]
    return found  # type: ignore[no-any-return]
