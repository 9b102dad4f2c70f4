"""Policies evaluated as IAM does, with their conditions, by the emulator's own evaluator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator

from tests.iam.actions import Need, Where

Policy = str | Mapping[str, Any]


def allows(need: Need, where: Where, *policies: Policy, boundary: Policy | None = None, tls: bool = True) -> bool:
    """Whether these policies together allow an action, within a boundary; a pattern in the resource stands for any one thing."""
    ctx = iam_evaluator.EvalContext(
        principal_arn=f"arn:{where.partition}:sts::{where.account}:assumed-role/role/session",
        principal_type="AssumedRole",
        principal_account=where.account,
        action=need.action,
        resource_arn=need.resource.replace("*", "any"),
        region=where.region,
        secure_transport=tls,
    )
    limits = [[_parsed(boundary)]] if boundary else []
    return bool(iam_evaluator.evaluate(ctx, [_parsed(policy) for policy in policies], *limits).decision == "Allow")


def _parsed(policy: Policy) -> Any:
    return iam_evaluator.parse_policy_document(json.loads(policy) if isinstance(policy, str) else dict(policy))
