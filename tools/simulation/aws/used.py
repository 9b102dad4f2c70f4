"""Rights that were used: who made which call, and what it needs."""

from __future__ import annotations

from typing import NamedTuple

from tools.simulation.aws.actions import Params, Where, needs

NAMES = ("QueueUrl", "TableName", "IndexName", "logGroupName", "FunctionName", "UUID")


class Used(NamedTuple):
    """A right that a function ("write"), or a command ("make redrive"), used by a call."""

    who: str
    call: str  # "dynamodb.PutItem"
    action: str
    resource: str


_found: dict[tuple[object, ...], frozenset[Used]] = {}


def used_by(who: str, service: str, operation: str, params: Params, where: Where) -> frozenset[Used]:
    """The rights that a call uses; the same calls come thousands of times. Raises UnknownCall."""
    if service == "s3":  # where every key is another
        return _used_by(who, service, operation, params, where)
    named = [params.get(name) for name in NAMES]
    several = [*params.get("RequestItems", ()), *(one["Statement"] for one in params.get("Statements", ()))]
    key = (who, service, operation, where, *named, *several)
    if key not in _found:
        _found[key] = _used_by(who, service, operation, params, where)
    return _found[key]


def _used_by(who: str, service: str, operation: str, params: Params, where: Where) -> frozenset[Used]:
    return frozenset(Used(who, f"{service}.{operation}", *need) for need in needs(service, operation, params, where))
