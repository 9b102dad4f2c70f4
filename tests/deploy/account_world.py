"""An account on the local cloud: its administrator, and those who take one of its roles."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tools.deploy import account
from tools.local_cloud import emulator

KEY = "account/terraform.tfstate"


class Cloud:
    """The local cloud, as the administrator of one account."""

    def __init__(self, endpoint: str, number: str, work: Path) -> None:
        self.endpoint, self.number, self.work = endpoint, number, work

    def client(self, service: str, **keys: str) -> Any:
        """A boto3 client with those keys, or the administrator's."""
        make: Any = boto3.session.Session().client
        own = keys or {"aws_access_key_id": self.number, "aws_secret_access_key": emulator.KEY}
        return make(service, endpoint_url=self.endpoint, region_name="us-east-1", **own)

    def state(self, environment: str) -> dict[str, Any]:
        """The state in the bucket."""
        body = self.client("s3").get_object(Bucket=f"sluice-{environment}-state-{self.number}", Key=KEY)["Body"].read()
        return dict(json.loads(body))

    def run(self, environment: str) -> int:
        """`make account` there; its exit code."""
        return account.run(environment, confirmed=True, work=self.work / environment)

    def local_state(self, environment: str) -> Path:
        """The state that waits on this machine until it is moved."""
        return self.work / environment / "terraform.tfstate"


TOLD = ("aud", "sub")  # the claims that the emulator tells as condition keys; AWS tells more


@contextmanager
def by_told_claims(cloud: Cloud, role: str) -> Iterator[None]:
    """A role that trusts by no more than the emulator can tell.

    What the other claims decide is asked in tests/terraform/test_account_trust.py.
    """
    iam = cloud.client("iam")
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    narrowed = json.loads(json.dumps(trust))
    for statement in narrowed["Statement"]:
        keys = statement.pop("Condition")["StringEquals"]
        kept = {key: value for key, value in keys.items() if key.rpartition(":")[2] in TOLD}
        statement["Condition"] = {"StringEquals": kept}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(narrowed))
    try:
        yield
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))


def assume_role(cloud: Cloud, role: str, subject: str, audience: str = "sts.amazonaws.com") -> Callable[[str], Any]:
    """Clients of whoever holds a token of GitHub's with this subject.

    Raises ClientError where the role does not trust it.
    """
    claims = {"iss": "https://token.actions.githubusercontent.com", "sub": subject, "aud": audience}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in ({"alg": "none"}, claims, {})]
    token = ".".join(part.decode().rstrip("=") for part in parts)
    make: Any = boto3.session.Session().client
    sts = make("sts", endpoint_url=cloud.endpoint, region_name="us-east-1", config=Config(signature_version=UNSIGNED))
    arn = f"arn:aws:iam::{cloud.number}:role/sluice-dev-{role}"
    with by_told_claims(cloud, f"sluice-dev-{role}"):
        answer = sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="test", WebIdentityToken=token)
    credentials = answer["Credentials"]
    keys = {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
    return lambda service: cloud.client(service, **keys)


def refusal(call: Callable[..., Any], **arguments: Any) -> str:
    """The code of the error with which AWS refuses a call; fails where it does not."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return str(error.value.response["Error"]["Code"])
