"""`make preflight`: the secrets that a person makes are looked for."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.plan import plan_of
from tools.operations import named_secrets

NAME = "sluice-prod-harvest-token"


class Secrets:
    """A client that knows these secrets, or refuses to say."""

    def __init__(self, *names: str, code: str = "ResourceNotFoundException") -> None:
        self.names, self.code = names, code

    def describe_secret(self, *, SecretId: str) -> dict[str, Any]:
        if SecretId.rpartition(":")[2] not in self.names:
            raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "DescribeSecret")
        return {}


@pytest.mark.parametrize(
    ("client", "well", "word"),
    [(Secrets(NAME), True, "ok"), (Secrets(), False, "MAKE"), (None, True, "create-secret --name " + NAME)],
)
def test_a_secret_is_there_or_the_command_that_makes_it_is_told(client: Secrets | None, well: bool, word: str) -> None:
    ((is_well, line),) = named_secrets.looked_for(plan_of("harvest", "prod"), client)
    assert is_well is well
    assert word in line
    assert NAME in line


def test_who_may_not_look_is_told_so() -> None:
    with pytest.raises(ClientError):
        list(named_secrets.looked_for(plan_of("harvest", "prod"), Secrets(code="AccessDeniedException")))


def test_a_pipeline_without_one_needs_none() -> None:
    assert named_secrets.named(plan_of("votes", "prod")) == []
