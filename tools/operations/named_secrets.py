"""Secrets that functions are told of, and that a person makes: are they there?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from tools.environment.planned import resources

SETTING = "_SECRET_ARN"  # how the name of a function's variable ends that names one
MISSING = "ResourceNotFoundException"


def named(planned: Mapping[str, Any]) -> list[str]:
    """The ARNs that the functions of a plan are given, each once."""
    blocks = [one["environment"] for one in resources(planned, "aws_lambda_function").values()]
    variables = [block[0]["variables"] for block in blocks if block]
    return sorted({value for some in variables for name, value in some.items() if name.endswith(SETTING)})


def looked_for(planned: Mapping[str, Any], client: Any | None) -> Iterator[tuple[bool, str]]:
    """Whether each is as it must be, and a line that says so; `client` is one of Secrets Manager,
    None where no account is asked. Raises ClientError, but where a secret is not there.
    """
    for arn in named(planned):
        name = arn.rpartition(":")[2]
        command = f"aws secretsmanager create-secret --name {name} --secret-string file://secret.json"
        if client is None:
            yield True, f"       secret {name} must be there before the first call: {command}"
        elif _is_there(client, arn):
            yield True, f"ok     secret {name} is there"
        else:
            yield False, f"MAKE   secret {name} is not there: {command}"


def _is_there(client: Any, arn: str) -> bool:
    try:
        client.describe_secret(SecretId=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != MISSING:
            raise
        return False
    return True
