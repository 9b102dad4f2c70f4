"""A deployment to operate on: queues, dead-letter queues, a bucket and a log group in moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from shared import fanout
from tests.iam import operators
from tools.operations.deployment import Deployment


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    outputs: dict[str, Any] = {"region": "us-east-1", "quarantine_bucket": "quarantine", "queues": {}, "functions": {}}
    with mock_aws():
        made = Deployment("test", outputs, None, {})
        made.client("s3").create_bucket(Bucket="quarantine")
        for function in ("process", "write", "tally"):
            made.client("logs").create_log_group(logGroupName=function)
            outputs["functions"][function] = {"log_group": function}
        for name, suffix in (("ingest", ""), ("count", ".fifo"), ("tick", ".fifo")):
            attributes = {"FifoQueue": "true"} if suffix else {}
            urls = [
                made.client("sqs").create_queue(QueueName=f"{name}{end}{suffix}", Attributes=attributes)["QueueUrl"]
                for end in ("", "-dlq")
            ]
            outputs["queues"][name] = {"url": urls[0], "dead_letter_url": urls[1]}
        yield made


RECORDED = operators.Recorder()
RECORDED.begin()


@pytest.fixture(scope="session")
def recorded() -> operators.Recorder:
    """What the commands called so far."""
    return RECORDED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What was recorded is looked at in the end."""
    items.sort(key=lambda item: item.path.name == "test_permissions.py")


@pytest.fixture(autouse=True)
def recording() -> Iterator[None]:
    """Record the tests of this folder, and no others: elsewhere names are another deployment's."""
    RECORDED.on = True
    yield
    RECORDED.on = False


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls go one after the other, so that it is seen which command makes them."""
    monkeypatch.setattr(fanout, "each", operators.one_by_one)
