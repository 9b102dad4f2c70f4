"""What the emulator asks of a role otherwise than AWS does, granted beside what the role has.

environments/local grants the same to roles of its own, in Terraform. Of somebody else's root module
nobody knows the roles: here they are found by what they may do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

NAME = "emulator"
# where AWS asks for the first, on one mapping, the emulator asks for the other, on all
MAPPINGS = ("lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings")
LOGS = "logs:FilterLogEvents"  # on a log group, which AWS calls "…:*" and the emulator does not


def grant(iam: Any) -> None:
    """Grant it to every role of an emulator; `iam` is a client of its root.

    The policy is named "emulator": Terraform, which has each by its own name, sees none of it.
    """
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = role["RoleName"]
            asked = [one for document in _documents(iam, name) for one in _otherwise(document)]
            if asked:
                document = {"Version": "2012-10-17", "Statement": asked}
                iam.put_role_policy(RoleName=name, PolicyName=NAME, PolicyDocument=json.dumps(document))


def _documents(iam: Any, role: str) -> Iterator[Mapping[str, Any]]:
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        if name != NAME:
            yield iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


def _otherwise(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for statement in document["Statement"]:
        actions, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
        if statement["Effect"] != "Allow":
            continue
        if MAPPINGS[0] in actions:
            yield {"Effect": "Allow", "Action": [MAPPINGS[1]], "Resource": ["*"]}
        if LOGS in actions:
            yield {"Effect": "Allow", "Action": [LOGS], "Resource": [one.removesuffix(":*") for one in resources]}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())
