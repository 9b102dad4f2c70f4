"""One issue about drift, which is opened, updated and closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.deploy.recording import REPOSITORY, TOKEN, replayed
from tools.deploy import drift
from tools.deploy.drift import Drift
from tools.deploy.github import drift_issue
from tools.deploy.github.github import GitHub, GitHubError
from tools.environment.names import DEPLOYED

QUEUE = "module.votes.module.ingest.aws_sqs_queue.this"
NONE = Drift("dev", "111111111111", [], [])
WAITS = Drift("staging", "222222222222", [], ["module.votes.aws_lambda_function.this: source_code_hash"])
CHANGED = Drift("prod", "333333333333", [f"{QUEUE}: visibility_timeout_seconds"], [])


@pytest.fixture(autouse=True)
def in_a_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")


def _bring_in_line(name: str, *results: Drift | None) -> tuple[str, list[Any]]:
    by_name = dict(zip(DEPLOYED, results, strict=True))
    with replayed(name) as replay:
        said = drift_issue.bring_in_line(GitHub(REPOSITORY, TOKEN, replay.api), by_name)
    return said, replay.bodies


def test_without_drift_there_is_no_issue() -> None:
    assert _bring_in_line("drift_none", NONE, WAITS, NONE)[0] == "no drift, and no issue about it"


def test_the_first_drift_opens_the_issue_although_others_have_the_label() -> None:
    said, bodies = _bring_in_line("drift_opened", NONE, WAITS, CHANGED)
    assert said.startswith("opened https://github.com/acme/sluice/issues/9")
    assert f"- `{QUEUE}: visibility_timeout_seconds`" in bodies[-1]["body"]
    assert "source_code_hash" not in bodies[-1]["body"]


def test_nobody_writes_into_the_issue_by_a_name() -> None:
    _, bodies = _bring_in_line(
        "drift_opened", NONE, NONE, Drift("prod", "1", ['aws_sqs_queue.this["`@all\n# x"]: deleted'], [])
    )
    assert '- `aws_sqs_queue.this["\'@all?# x"]: deleted`' in bodies[-1]["body"].splitlines()


def test_an_issue_that_would_not_be_found_again_is_reported() -> None:
    with pytest.raises(GitHubError, match="did not get the label drift"):
        _bring_in_line("drift_unlabelled", NONE, WAITS, CHANGED)


def test_the_next_night_updates_it() -> None:
    assert _bring_in_line("drift_updated", NONE, CHANGED, CHANGED)[0].startswith("updated")


def test_of_two_the_older_stays() -> None:
    assert _bring_in_line("drift_opened_twice", NONE, NONE, CHANGED)[0].endswith("/issues/9")


def test_without_drift_it_is_closed() -> None:
    assert _bring_in_line("drift_closed", NONE, WAITS, NONE)[0].startswith("closed")


def test_an_environment_that_was_not_seen_keeps_it_open() -> None:
    said, bodies = _bring_in_line("drift_updated", NONE, None, NONE)
    assert said.startswith("updated")
    assert "## staging\n\n**It could not be looked at**" in bodies[-1]["body"]


def test_the_command_reads_what_make_drift_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for result in (NONE, WAITS):
        drift.write(result, tmp_path)
    with replayed("drift_opened") as replay:
        for name, value in {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": replay.api,
        }.items():
            monkeypatch.setenv(name, value)
        assert drift_issue.run(tmp_path) == 1, "prod was not looked at"
    assert "opened" in capsys.readouterr().out


def test_a_file_that_is_no_result_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text('{"environment": "dev"}')
    with pytest.raises(GitHubError, match="is not what `make drift` writes"):
        drift_issue.run(tmp_path)
