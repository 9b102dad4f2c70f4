"""What an environment's load balancers need of their quotas, and the web ACLs before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tools.environment.planned import resources
from tools.operations import quotas
from tools.operations.quotas import Quota

OF_EACH = {  # what a load balancer has so many of at most; a listener's own certificate does not count
    "aws_lb_listener": quotas.LISTENERS,
    "aws_lb_listener_rule": quotas.RULES,
    "aws_lb_listener_certificate": quotas.CERTIFICATES,
}


def needed(planned: Mapping[str, Any]) -> Iterator[tuple[Quota, float, str]]:
    """Quota, how much of it the plan takes, and why; nothing where no load balancer is planned.

    What else the account has no plan knows.
    """
    balancers = resources(planned, "aws_lb")
    if not balancers:
        return
    beside = "what else the account has comes on top"
    yield quotas.BALANCERS, len(balancers), f"an ALB each entrance; {beside}"
    yield quotas.TARGET_GROUPS, len(resources(planned, "aws_lb_target_group")), f"one a route; {beside}"
    for kind, quota in OF_EACH.items():
        # ids are not known before the apply: what one module has is one load balancer's
        most = max(Counter(_module(address, kind) for address in resources(planned, kind)).values(), default=0)
        if most or kind != "aws_lb_listener_certificate":
            yield quota, most, "of the fullest ALB"
    if acls := [one for one in resources(planned, "aws_wafv2_web_acl").values() if one["scope"] == "REGIONAL"]:
        yield quotas.WEB_ACLS, len(acls), f"limits by client; {beside}"


def _module(address: str, kind: str) -> str:
    return address.partition(f"{kind}.")[0]
