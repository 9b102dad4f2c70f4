"""`make up` with a harvest: its stand-in permits what the pipeline is told, and has its secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.plan import plan
from tools.common import loopback
from tools.environment.planned import outputs
from tools.local_cloud.harvest import pipeline
from tools.local_cloud.runs import Run
from tools.local_cloud.vendor import stand_in
from tools.local_cloud.vendor.stand_in import StandIn

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:sluice-local-harvest-token-AbC123"


class Missing(Exception):
    """As boto3 has it."""


class Secrets:
    """A client of Secrets Manager that holds one secret, or none."""

    exceptions = type("Exceptions", (), {"ResourceNotFoundException": Missing})

    def __init__(self) -> None:
        self.text: str | None = None

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:
        assert SecretId == pipeline.SECRET
        if self.text is None:
            raise Missing
        return {"ARN": ARN, "SecretString": self.text}

    def create_secret(self, *, Name: str, SecretString: str) -> dict[str, Any]:
        self.text = SecretString
        return {"ARN": ARN}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:
        self.text = SecretString


@pytest.fixture
def up(run: Run, monkeypatch: pytest.MonkeyPatch) -> tuple[Run, Secrets, list[Any]]:
    """A run with a stand-in, what its secret is, and what the stand-in is asked."""
    secrets, asked = Secrets(), list[Any]()
    monkeypatch.setattr(Run, "state", lambda _: {"endpoint": "http://127.0.0.1:1", "token": "t"})
    session = type("Session", (), {"client": lambda self, *_, **__: secrets})
    monkeypatch.setattr(loopback, "session", lambda _: session())
    served = StandIn("http://127.0.0.1:2", "t", "client-secret")
    monkeypatch.setattr(stand_in, "start", lambda _: served)
    monkeypatch.setattr(StandIn, "ask", lambda self, door, **said: asked.append((door, said)))
    return run, secrets, asked


def test_the_stand_in_permits_what_the_pipeline_is_told(up: tuple[Run, Secrets, list[Any]]) -> None:
    run, _, asked = up
    override = pipeline.vendor(run)["module"]["harvest"]["vendor"]
    assert asked == [("change", {"limits": [{"calls": 500, "seconds": 10, "window": "fixed"}]})]
    told = outputs(plan("local"))["harvest"]["settings"]["vendor"]["limits"]
    assert [{"calls": one["calls"], "seconds": one["seconds"]} for one in told] == pipeline.LIMITS
    begin = "${merge(local.harvest.vendor, jsondecode("
    assert override.startswith(begin)
    of_run = json.loads(json.loads(override.removeprefix(begin).removesuffix("))}")))
    assert of_run == {"url": "http://127.0.0.1:2", "secret_arn": ARN, "limits": pipeline.LIMITS}


def test_a_second_up_keeps_the_token_that_was_given(up: tuple[Run, Secrets, list[Any]]) -> None:
    run, secrets, _ = up
    pipeline.vendor(run)
    secrets.text = json.dumps(json.loads(secrets.text or "") | {"access_token": "a", "generation": 1})
    pipeline.vendor(run)
    assert json.loads(secrets.text)["access_token"] == "a"
    secrets.text = json.dumps({"client_secret": "of a stand-in that is gone"})
    pipeline.vendor(run)
    assert json.loads(secrets.text)["client_secret"] == "client-secret"
