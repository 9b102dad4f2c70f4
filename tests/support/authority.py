"""What planned roles may do, by the emulator's own evaluator of IAM policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.support.plan import plan, resources
from tools.environment.planned import outputs
from tools.local_cloud import iam

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ISSUER = "token.actions.githubusercontent.com"


class Authority:
    """The roles and boundaries of an environment's account, as its plan has them."""

    def __init__(self, environment: str) -> None:
        planned = plan(f"{environment}/account")
        self.account = outputs(planned)["account_id"]
        self.managed = {p["name"]: json.loads(p["policy"]) for p in resources(planned, "aws_iam_policy").values()}
        self.roles = {role["name"]: role for role in resources(planned, "aws_iam_role").values()}
        self.inline: dict[str, list[Any]] = {name: [] for name in self.roles}
        self.attached: dict[str, list[str]] = {name: [] for name in self.roles}
        for policy in resources(planned, "aws_iam_role_policy").values():
            self.inline[policy["role"]].append(json.loads(policy["policy"]))
        for attachment in resources(planned, "aws_iam_role_policy_attachment").values():
            self.attached[attachment["role"]].append(attachment["policy_arn"].rpartition("/")[2])

    def may(self, role: str, action: str, resource: str, *, given: Any = None, **context: str) -> bool:
        """Whether a role may make a call.

        `given`: a policy that it has besides; `context`: keys, such as iam_PassedToService.
        """
        documents = [
            *self.inline[role],
            *(self.managed[name] for name in self.attached[role]),
            *([given] if given else []),
        ]
        boundary = self.roles[role].get("permissions_boundary")
        limit = self.managed[boundary.rpartition("/")[2]] if boundary else None
        return judged(documents, limit, action, resource, context)

    def is_trusted(self, role: str, claims: Mapping[str, str]) -> bool:
        """Whether a token of GitHub's with these claims (sub, aud) may become a role."""
        provider = f"arn:aws:iam::{self.account}:oidc-provider/{ISSUER}"
        keys = {f"{ISSUER}:{name}": value for name, value in claims.items()}
        context = _context("sts:AssumeRoleWithWebIdentity", "*", keys)
        return iam.trusts(self.roles[role]["assume_role_policy"], provider, context)


@cache
def authority(environment: str) -> Authority:
    """The same, planned once."""
    return Authority(environment)


def judged(documents: list[Any], boundary: Any, action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether policies, within a boundary if there is one, allow an action on a resource.

    The first '_' of a key stands for ':'.
    """
    keys = {name.replace("_", ":", 1).replace("_", "-").lower(): value for name, value in context.items()}
    return iam.allows(_context(action, resource, keys), documents, boundary)


def _context(action: str, resource: str, keys: Mapping[str, str]) -> dict[str, Any]:
    return {
        "principal_arn": "",
        "principal_type": "AssumedRole",
        "principal_account": "",
        "action": action,
        "resource_arn": resource,
        "region": "us-east-1",
        "service_context": dict(keys),
    }
