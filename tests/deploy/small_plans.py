"""Small plans as `terraform show -json` gives them, for tests of what is said about them."""

from __future__ import annotations

from typing import Any

from tools.deploy import reviews
from tools.deploy.changes import Told, changes
from tools.deploy.git_tree import Tree
from tools.deploy.packages import Package
from tools.deploy.reviews import Review
from tools.deploy.target import Target

FUNCTION = "module.votes.aws_lambda_function.this"
TABLE = "module.votes.aws_dynamodb_table.this"


def entry(
    actions: list[str],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    *,
    address: str = FUNCTION,
    unknown: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One entry of `resource_changes`; `more`: other fields of its change."""
    change = {"actions": actions, "before": before, "after": after, "after_unknown": unknown or {}, **more}
    return {"address": address, "mode": "managed", "type": address.split(".")[-2], "change": change}


def planned(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A plan with those changes; `more`: other fields of the plan."""
    return {
        "terraform_version": "1.15.5",
        "timestamp": "2026-11-21T00:00:00Z",
        "resource_changes": list(entries),
        **more,
    }


UPDATE = entry(
    ["update"],
    {"timeout": 3, "name": "f", "last_modified": "yesterday"},
    {"timeout": 6, "name": "f"},
    unknown={"last_modified": True},
)
CREATE = entry(["create"], None, {"name": "t", "billing_mode": "PAY_PER_REQUEST"}, address=TABLE, unknown={"arn": True})

ZIP = Package("votes-receive", "d" * 64, 2_345_678)


def told(plan: dict[str, Any]) -> list[Told]:
    """What is kept of a plan's changes."""
    return [change.told() for change in changes(plan)]


def review(
    plan: dict[str, Any], *, tree: str = "a" * 40, packages: tuple[Package, ...] = (ZIP,), lock: bytes = b"x"
) -> Review:
    """What is reviewed of a plan of prod."""
    return reviews.of(Target("prod"), Tree(tree, "b" * 40), plan, packages, lock)
