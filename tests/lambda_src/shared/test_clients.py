"""Clients: made late, once, with short timeouts, from a runtime that is new enough."""

from typing import Any

import botocore
import pytest

from shared import clients


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    clients.reset()


def test_a_client_is_made_once() -> None:
    first = clients.client("sqs")
    assert clients.client("sqs") is first
    assert clients.client("s3") is not first
    clients.reset()
    assert clients.client("sqs") is not first
    clients.reset()


def test_timeouts_are_short_and_retries_bounded() -> None:
    config = clients.client("sqs").meta.config
    assert (config.connect_timeout, config.read_timeout) == (1, 4)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert clients.client("logs").meta.config.read_timeout == 15, "it searches before it answers"
    assert clients.client("textract").meta.config.read_timeout == 30, "it reads before it answers"
    hurried = clients.client("dynamodb", hurried=True).meta.config
    assert (hurried.read_timeout, hurried.retries["total_max_attempts"]) == (2, 1)
    clients.reset()


def test_an_address_is_signed_with_version_4() -> None:
    """Version 2, botocore's default in this region, would bind neither length nor checksum."""
    assert clients.client("s3").meta.config.signature_version == "s3v4"
    clients.reset()


def test_the_user_agent_is_put_together_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Botocore's own is made twice a call, for a quarter of its CPU."""
    sent: list[str] = []

    def refuse(request: Any, **_: object) -> None:
        sent.append(request.headers["User-Agent"].decode())
        raise NotImplementedError

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    sqs = clients.client("sqs")
    sqs.meta.events.register("before-send", refuse)
    with pytest.raises(NotImplementedError):
        sqs.get_queue_url(QueueName="any")
    (user_agent,) = sent
    assert user_agent.startswith(f"Botocore/{botocore.__version__} Python/")
    assert "ua/2" not in user_agent  # the mark of what botocore puts together
    clients.reset()


@pytest.mark.parametrize(
    ("version", "good"), [("1.35.0", True), ("1.34.162", False), ("1.100.1", True), ("2.0.0", True), ("1.5.99", False)]
)
def test_an_old_runtime_is_refused(monkeypatch: pytest.MonkeyPatch, version: str, good: bool) -> None:
    monkeypatch.setattr(botocore, "__version__", version)
    if good:
        assert clients.client("sqs")
    else:
        with pytest.raises(RuntimeError, match=f"boto3 1.35.0 or newer is needed, the runtime brings {version}"):
            clients.client("sqs")
    clients.reset()
