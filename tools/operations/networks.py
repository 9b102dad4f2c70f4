"""What an environment's networks need of their quotas: interfaces of functions, and endpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tools.environment.planned import resources
from tools.operations import quotas
from tools.operations.quotas import Quota

INTERFACE = "Interface"  # the type of an endpoint that is one in a VPC; gateways have a quota of their own


def needed(planned: Mapping[str, Any]) -> Iterator[tuple[Quota, float, str]]:
    """Quota, how much of it the fullest network takes, and why; nothing where none is planned.

    What else is in a VPC that is there already no plan knows.
    """
    # functions that are in the same subnets by the same security groups share their interfaces, but
    # ids are not known before the apply: so this is the most
    interfaces = Counter[str]()
    for address, function in resources(planned, "aws_lambda_function").items():
        for block in function.get("vpc_config") or ():
            interfaces[_owner(address)] += len(block.get("subnet_ids") or ())
    endpoints = Counter(
        _owner(address)
        for address, one in resources(planned, "aws_vpc_endpoint").items()
        if one["vpc_endpoint_type"] == INTERFACE
    )
    beside = "what else is in that VPC comes on top"
    if most := max(interfaces.values(), default=0):
        why = f"one a subnet and function at most; {beside}"
        yield quotas.FUNCTION_INTERFACES, most, why
    if endpoints:
        yield quotas.INTERFACE_ENDPOINTS, max(endpoints.values()), f"services without the internet; {beside}"


def _owner(address: str) -> str:
    """Whose network it is: the environment's module, so a pipeline's."""
    return ".".join(address.split(".")[:2])
