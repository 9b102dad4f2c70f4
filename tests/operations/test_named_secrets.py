"""`make preflight`: the secrets whose values a person puts are looked for."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.plan import plan_of
from tools.operations import named_secrets

NAME = "sluice-prod-harvest-token"
DATABASE = "sluice-prod-receipts-database"


class Secrets:
    """A client that knows these secrets, with a value or `empty`, or refuses to say."""

    def __init__(self, *names: str, empty: bool = False, code: str = "ResourceNotFoundException") -> None:
        self.names, self.code, self.stages = names, code, {} if empty else {"v1": ["AWSCURRENT"]}

    def describe_secret(self, *, SecretId: str) -> dict[str, Any]:
        if SecretId.rpartition(":")[2] not in self.names:
            raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "DescribeSecret")
        return {"VersionIdsToStages": self.stages} if self.stages else {}


@pytest.mark.parametrize(
    ("client", "well", "word"),
    [
        (Secrets(NAME), True, "ok"),
        (Secrets(), False, "MAKE"),
        (Secrets(NAME, empty=True), False, "PUT"),
        (None, True, "create-secret --name " + NAME),
    ],
)
def test_a_secret_is_there_or_the_command_that_makes_it_is_told(client: Secrets | None, well: bool, word: str) -> None:
    ((is_well, line),) = named_secrets.looked_for(plan_of("harvest", "prod"), client)
    assert is_well is well
    assert word in line
    assert NAME in line


@pytest.mark.parametrize(
    ("client", "well", "word"),
    [
        (Secrets(DATABASE), True, "ok"),
        (Secrets(DATABASE, empty=True), False, "PUT"),
        (Secrets(), True, "is made empty by the apply"),
        (None, True, "is made empty by the apply"),
    ],
)
def test_a_secret_that_the_apply_makes_wants_its_value_then(client: Secrets | None, well: bool, word: str) -> None:
    ((is_well, line),) = named_secrets.looked_for(plan_of("receipts", "prod"), client)
    assert is_well is well
    assert word in line
    assert line.startswith("ok") or f"put-secret-value --secret-id {DATABASE}" in line


def test_a_secret_that_is_given_is_looked_for_by_its_arn() -> None:
    (arn,) = named_secrets.named(plan_of("receipts", "local"))
    assert arn.endswith(":secret:sluice-local-receipts-database")


def test_who_may_not_look_is_told_so() -> None:
    with pytest.raises(ClientError):
        list(named_secrets.looked_for(plan_of("harvest", "prod"), Secrets(code="AccessDeniedException")))


def test_a_pipeline_without_one_needs_none() -> None:
    assert named_secrets.named(plan_of("votes", "prod")) == []
