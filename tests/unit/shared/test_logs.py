"""What reaches the log at which level. Lambda's own level is INFO (terraform/pipelines/votes), the logger's is the environment's choice."""

import json
from collections.abc import Iterator

import pytest

from shared import logs
from votes import witness


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)  # a logger of that name keeps the stream it was made with
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "levels")
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", "INFO")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARN")
    for kept in (logs.logger, logs.metrics):
        kept.cache_clear()
    yield
    for kept in (logs.logger, logs.metrics):
        kept.cache_clear()


def test_our_level_holds_below_lambdas(capsys: pytest.CaptureFixture[str]) -> None:
    logs.logger().info("received")
    logs.logger().error("failed")
    assert [line["message"] for line in _lines(capsys)] == ["failed"]


def test_witnesses_and_metrics_are_written_at_any_level(capsys: pytest.CaptureFixture[str]) -> None:
    witness.line(logs.logger(), "accepted", "accepted", ["0123456789abcdef"])
    logs.count({"BallotsRejected": 2})
    lines = _lines(capsys)
    assert [line.get("hashes") for line in lines] == [["0123456789abcdef"], None]
    assert lines[1]["BallotsRejected"] == [2.0]


def test_what_is_always_written_passes_lambdas_own_level(capsys: pytest.CaptureFixture[str]) -> None:
    """Lambda drops what is below its level, and takes a line without one for INFO."""
    witness.line(logs.logger(), "accepted", "accepted", ["0123456789abcdef"])
    logs.count({"BallotsRejected": 2})
    assert {line.get("level", "INFO") for line in _lines(capsys)} == {"INFO"}


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
