"""Fixtures of the unit tests."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from shared import clients
from tests.support import plan
from tests.unit.stack import Cloud, Json, Stack


@pytest.fixture(scope="session")
def planned() -> Json:
    """The plan of environments/local: what tests create comes from it, so that they cannot drift from Terraform."""
    return plan.plan("local")


@pytest.fixture(scope="module")
def cloud(planned: Json) -> Iterator[Cloud]:
    """The planned queues, tables and bucket in moto."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        with mock_aws():  # brings keys of its own, and takes them away again
            yield Cloud(planned)
    clients.reset()


@pytest.fixture
def stack(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Stack]:
    """The votes stack, empty, at 2026-11-21T08:00:00Z."""
    cloud.empty()
    made = Stack(cloud, monkeypatch, lambda: capsys.readouterr().out)
    yield made
    made.setenv()
