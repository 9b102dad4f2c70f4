"""A credential_process of the local cloud, in the place of AWS's signing helper: it prints keys of
a role's as JSON.

The emulator has no IAM Roles Anywhere, so its administrator becomes the role: it is trusted for the
moment, and what the role may do is enforced all the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tools.common import loopback
from tools.local_cloud import emulator
from tools.local_cloud.runs import ACCOUNT, REGION

SESSION = "agent"
_TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}


def command(endpoint: str, role_arn: str) -> list[str]:
    """The command line, for whoever has the project on its path."""
    return [sys.executable, "-m", "tools.local_cloud.receipts.agent_keys", endpoint, role_arn]


def keys(endpoint: str, role_arn: str) -> dict[str, Any]:
    """Keys of a role for an hour, as a credential_process says them."""
    session = loopback.session(REGION)

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=endpoint, **emulator.ROOT_KEYS)

    with _trusted(client("iam"), role_arn.rpartition("/")[2]):
        found = client("sts").assume_role(RoleArn=role_arn, RoleSessionName=SESSION)["Credentials"]
    return {
        "Version": 1,
        "AccessKeyId": found["AccessKeyId"],
        "SecretAccessKey": found["SecretAccessKey"],
        "SessionToken": found["SessionToken"],
        "Expiration": found["Expiration"].isoformat(),
    }


@contextmanager
def _trusted(iam: Any, role: str) -> Iterator[None]:
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    wider = {**trust, "Statement": [*trust["Statement"], _TRUST]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(wider))
    try:
        yield
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))


if __name__ == "__main__":
    print(json.dumps(keys(*sys.argv[1:3])))
