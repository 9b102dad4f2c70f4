"""What an account holds now, by kind of thing: the names that its own lists show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, NamedTuple

Client = Callable[[str], Any]  # a boto3 client of one account by the service's name
Inventory = Mapping[str, frozenset[str]]


class _List(NamedTuple):
    """How a kind is listed.

    Without `name`, an item is the name itself or an address that ends with it.
    """

    service: str
    operation: str
    items: str
    name: str = ""
    arguments: Mapping[str, str] = {}


_LISTED = {
    "queues": _List("sqs", "list_queues", "QueueUrls"),
    "tables": _List("dynamodb", "list_tables", "TableNames"),
    "functions": _List("lambda", "list_functions", "Functions", "FunctionName"),
    "mappings": _List("lambda", "list_event_source_mappings", "EventSourceMappings", "EventSourceArn"),
    "APIs": _List("apigatewayv2", "get_apis", "Items", "Name"),
    "buckets": _List("s3", "list_buckets", "Buckets", "Name"),
    "roles": _List("iam", "list_roles", "Roles", "RoleName"),
    "policies": _List("iam", "list_policies", "Policies", "PolicyName", {"Scope": "Local"}),
    "log groups": _List("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "schedules": _List("scheduler", "list_schedules", "Schedules", "Name"),
}


def inventory(client: Client) -> Inventory:
    """Every kind with the names that the account's own lists show of it."""
    return {kind: frozenset(_names(client(listed.service), listed)) for kind, listed in _LISTED.items()}


def _names(client: Any, listed: _List) -> list[str]:
    if client.can_paginate(listed.operation):
        pages = client.get_paginator(listed.operation).paginate(**listed.arguments)
    else:
        pages = [getattr(client, listed.operation)(**listed.arguments)]
    items = chain.from_iterable(page.get(listed.items, []) for page in pages)
    return [item[listed.name] if listed.name else item.rpartition("/")[2] for item in items]


def summary(found: Inventory) -> str:
    """In words, such as "6 queues, 4 tables"."""
    return ", ".join(f"{len(names)} {kind}" for kind, names in found.items() if names) or "nothing"


def left(name: str, found: Inventory) -> list[str]:
    """Problems of an account that should be empty."""
    return [f"{name} still has {kind}: {', '.join(sorted(names))}" for kind, names in found.items() if names]


def differences(before: Inventory, after: Inventory) -> list[str]:
    """What came and went between two inventories of one account, in words."""
    changes = []
    for kind in after:
        if new := after[kind] - before[kind]:
            changes.append(f"new {kind}: {', '.join(sorted(new))}")
        if gone := before[kind] - after[kind]:
            changes.append(f"gone {kind}: {', '.join(sorted(gone))}")
    return changes


def shared(name: str, found: Inventory, other: str, others: Inventory) -> list[str]:
    """Problems of two accounts whose lists must have nothing in common."""
    both = {kind: names & others[kind] for kind, names in found.items()}
    return [f"{name} and {other} both list {kind}: {', '.join(sorted(names))}" for kind, names in both.items() if names]
