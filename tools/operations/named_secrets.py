"""Secrets that functions are told of, and whose value a person puts: are they there?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from tools.environment.planned import resources

SETTINGS = ("_SECRET_ARN", "_SECRET")  # how the names of functions' variables end that name one
MISSING = "ResourceNotFoundException"


def named(planned: Mapping[str, Any]) -> list[str]:
    """The ARNs that the functions of a plan are given, each once; without those that the apply
    makes.
    """
    blocks = [one["environment"] for one in resources(planned, "aws_lambda_function").values()]
    variables = [block[0]["variables"] for block in blocks if block]
    return sorted({value for some in variables for name, value in some.items() if value and name.endswith(SETTINGS)})


def made(planned: Mapping[str, Any]) -> list[str]:
    """The names of the secrets that a plan makes, empty."""
    return sorted(one["name"] for one in resources(planned, "aws_secretsmanager_secret").values())


def looked_for(planned: Mapping[str, Any], client: Any | None) -> Iterator[tuple[bool, str]]:
    """Whether each is as it must be, and a line that says so; `client` is one of Secrets Manager,
    None where no account is asked. Raises ClientError, but where a secret is not there.
    """
    for arn in named(planned):
        name = arn.rpartition(":")[2]
        command = f"aws secretsmanager create-secret --name {name} --secret-string file://secret.json"
        has = _has_value(client, arn) if client is not None else None
        if client is None:
            yield True, f"       secret {name} must be there before the first call: {command}"
        elif has is None:
            yield False, f"MAKE   secret {name} is not there: {command}"
        else:
            yield has, _said(name, has)
    for name in made(planned):
        if client is None or (has := _has_value(client, name)) is None:
            yield True, f"       secret {name} is made empty by the apply; put its value then: {_put(name)}"
        else:
            yield has, _said(name, has)


def _said(name: str, has: bool) -> str:
    return f"ok     secret {name} is there" if has else f"PUT    secret {name} has no value yet: {_put(name)}"


def _put(name: str) -> str:
    return f"aws secretsmanager put-secret-value --secret-id {name} --secret-string file://secret.json"


def _has_value(client: Any, secret: str) -> bool | None:
    """Whether a secret has a value; None where it is not there. The value itself is not read."""
    try:
        found = client.describe_secret(SecretId=secret)
    except ClientError as error:
        if error.response["Error"]["Code"] != MISSING:
            raise
        return None
    return "AWSCURRENT" in {stage for stages in found.get("VersionIdsToStages", {}).values() for stage in stages}
