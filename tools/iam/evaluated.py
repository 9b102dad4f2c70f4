"""Policies evaluated as IAM does, with their conditions, by the emulator's own evaluator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tools.local_cloud import iam
from tools.simulation.aws.actions import Need, Where

Policy = str | Mapping[str, Any]


def allows(need: Need, where: Where, *policies: Policy, boundary: Policy | None = None, tls: bool = True) -> bool:
    """Whether these policies together allow an action, within a boundary; a pattern in the resource
    stands for any one thing.
    """
    context = {
        "principal_arn": f"arn:{where.partition}:sts::{where.account}:assumed-role/role/session",
        "principal_type": "AssumedRole",
        "principal_account": where.account,
        "action": need.action,
        "resource_arn": need.resource.replace("*", "any"),
        "region": where.region,
        "secure_transport": tls,
    }
    return iam.allows(context, map(_parsed, policies), _parsed(boundary) if boundary else None)


def _parsed(policy: Policy) -> Mapping[str, Any]:
    parsed: Mapping[str, Any] = json.loads(policy) if isinstance(policy, str) else policy
    return parsed
