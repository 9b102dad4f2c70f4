"""Fixtures of the unit tests."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from shared import clients
from tests.lambda_src.stack import Cloud, Json, Stack


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
