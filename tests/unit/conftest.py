"""Fixtures of the unit tests."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.support import plan
from tests.unit.stack import Json, Stack


@pytest.fixture(scope="session")
def planned() -> Json:
    """The plan of environments/local: what tests create comes from it, so that they cannot drift from Terraform."""
    return plan.plan("local")


@pytest.fixture
def stack(planned: Json, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Stack]:
    """The votes stack in moto, empty, at 2026-11-21T08:00:00Z."""
    with mock_aws():
        made = Stack(planned, monkeypatch, lambda: capsys.readouterr().out)
        yield made
    made.restart()
