"""What reaches the log at which level.

Lambda's own level is INFO (terraform/pipelines/votes), the logger's is the environment's choice.
"""

import importlib
import json
import re
from collections.abc import Iterator

import pytest

from shared import logs, witness
from tools.common.paths import ROOT
from votes.journal import VotesNotPut

PACKAGES = sorted(path.parent.name for path in (ROOT / "lambda_src").glob("*/__init__.py"))


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    monkeypatch.setenv(
        "POWERTOOLS_SERVICE_NAME", request.node.name
    )  # a logger of that name keeps the stream it was made with
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "levels")
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", "INFO")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARN")
    for kept in (logs.logger, logs.metrics):
        kept.cache_clear()
    yield
    for kept in (logs.logger, logs.metrics):
        kept.cache_clear()


def test_times_are_those_that_lambda_reads(capsys: pytest.CaptureFixture[str]) -> None:
    """It takes a line with any other for INFO, so that a level above would drop errors."""
    logs.logger().error("failed")
    (line,) = _lines(capsys)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", str(line["timestamp"]))


def test_our_level_holds_below_lambdas(capsys: pytest.CaptureFixture[str]) -> None:
    logs.logger().info("received")
    logs.logger().error("failed")
    assert [line["message"] for line in _lines(capsys)] == ["failed"]


def test_witnesses_and_metrics_are_written_at_any_level(capsys: pytest.CaptureFixture[str]) -> None:
    witness.line("accepted", "accepted", ["0123456789abcdef"], "89abcdef")
    logs.count({"BallotsRejected": 2})
    lines = _lines(capsys)
    assert [line.get("hashes") for line in lines] == [["0123456789abcdef"], None]
    assert lines[1]["BallotsRejected"] == [2.0]


def test_what_is_always_written_passes_lambdas_own_level(capsys: pytest.CaptureFixture[str]) -> None:
    """Lambda drops what is below its level, and takes a line without one for INFO."""
    witness.line("accepted", "accepted", ["0123456789abcdef"], "89abcdef")
    logs.count({"BallotsRejected": 2})
    assert {line.get("level", "INFO") for line in _lines(capsys)} == {"INFO"}


def test_metrics_that_are_off_are_not_paid(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name with each value of its dimensions is a metric by the month."""
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
    for _ in range(200):  # of a hundred, Powertools would print what it kept
        logs.count({"BallotsRejected": 2})
    logs.count_by("Quarantined", "reason", {"not-a-message": 1})
    assert _lines(capsys) == []
    logs.count_always("MessagesFailed", 0)
    assert _lines(capsys) == [], "while all is well, nothing is paid for it"
    logs.count_always("MessagesFailed", 3)
    (line,) = _lines(capsys)
    assert (line["MessagesFailed"], line["service"]) == ([3.0], logs.logger().service)


def test_counts_by_a_dimension_are_written_where_metrics_are_on(capsys: pytest.CaptureFixture[str]) -> None:
    logs.count_by("Quarantined", "reason", {"not-a-message": 1})
    (line,) = _lines(capsys)
    assert (line["Quarantined"], line["reason"]) == ([1.0], "not-a-message")


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_text_of_ours_is_shown_and_a_strangers_is_not() -> None:
    ours, strangers = VotesNotPut("votes of entry 7 were refused"), ValueError("voter-1")
    assert logs.cause_of(ours) == {"at": "unknown", "detail": "votes of entry 7 were refused"}
    assert logs.cause_of(strangers) == {"at": "unknown"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_of_ours_says_that_its_texts_may_be_shown(package: str) -> None:
    assert importlib.import_module(package).ERROR_TEXTS_MAY_BE_LOGGED is True
