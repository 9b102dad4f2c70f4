"""Drift: told apart from what waits for a promotion, and one issue about it that is opened, updated and closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from release import drift, drift_issue
from release.drift import Drift, judge
from release.github import GitHub, GitHubError
from tests.release.recording import REPOSITORY, TOKEN, replayed

QUEUE = "module.votes.module.ingest.aws_sqs_queue.this"
NONE = Drift("dev", "111111111111", [], [])
WAITS = Drift("staging", "222222222222", [], ["module.votes.aws_lambda_function.this: source_code_hash"])
CHANGED = Drift("prod", "333333333333", [f"{QUEUE}: visibility_timeout_seconds"], [])


@pytest.fixture(autouse=True)
def in_a_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")


def _change(
    actions: list[str], before: dict[str, Any] | None, after: dict[str, Any] | None, unknown: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"address": QUEUE, "change": {"actions": actions, "before": before, "after": after, "after_unknown": unknown or {}}}


def _judged(planned: dict[str, Any], *drifted: dict[str, Any]) -> Drift:
    return judge("dev", "1", {"resource_changes": [planned], "resource_drift": list(drifted)})


def test_what_terraform_would_put_back_is_drift() -> None:
    found = _judged(_change(["update"], {"delay": 9}, {"delay": 0}), _change(["update"], {"delay": 0}, {"delay": 9}))
    assert (found.outside, found.waiting) == ([f"{QUEUE}: delay"], [])


def test_what_was_deleted_is_drift() -> None:
    found = _judged(_change(["create"], None, {"delay": 0}), _change(["delete"], {"delay": 0}, None))
    assert found.outside == [f"{QUEUE}: deleted"]


@pytest.mark.parametrize(
    ("planned", "said"),
    [
        (_change(["update"], {"delay": 0}, {"delay": 5}), f"{QUEUE}: delay"),
        (_change(["create"], None, {"delay": 0}), f"{QUEUE}: new"),
        (_change(["delete"], {"delay": 0}, None), f"{QUEUE}: delete"),
        (_change(["delete", "create"], {"name": "a"}, {"name": "b"}), f"{QUEUE}: delete and create"),
    ],
)
def test_what_the_code_changed_waits_for_a_promotion(planned: dict[str, Any], said: str) -> None:
    found = _judged(planned)
    assert (found.outside, found.waiting) == ([], [said])


def test_an_attribute_that_aws_keeps_itself_makes_a_waiting_change_no_drift() -> None:
    waiting = _change(["update"], {"delay": 0, "modified": "b"}, {"delay": 5}, {"modified": True})
    assert _judged(waiting, _change(["update"], {"modified": "a"}, {"modified": "b"})).outside == []


def test_what_is_the_same_is_nothing() -> None:
    found = _judged(_change(["no-op"], {"delay": 0}, {"delay": 0}), _change(["update"], {"modified": "a"}, {"modified": "b"}))
    assert (found.outside, found.waiting) == ([], [])
    assert "no drift" in drift.text(found)


def test_no_value_is_told_only_names() -> None:
    found = _judged(_change(["update"], {"key": "s3cret"}, {"key": "0ther"}), _change(["update"], {"key": "0ther"}, {"key": "s3cret"}))
    assert "s3cret" not in drift.text(found)
    assert "0ther" not in drift.text(found)


def _brought(name: str, *results: Drift | None) -> tuple[str, list[Any]]:
    by_name = dict(zip(("dev", "staging", "prod"), results, strict=True))
    with replayed(name) as replay:
        said = drift_issue.bring_in_line(GitHub(REPOSITORY, TOKEN, replay.api), by_name)
    return said, replay.bodies


def test_without_drift_there_is_no_issue() -> None:
    assert _brought("drift_none", NONE, WAITS, NONE)[0] == "no drift, and no issue about it"


def test_the_first_drift_opens_the_issue_although_others_have_the_label() -> None:
    said, bodies = _brought("drift_opened", NONE, WAITS, CHANGED)
    assert said.startswith("opened https://github.com/acme/sluice/issues/9")
    assert f"- `{QUEUE}: visibility_timeout_seconds`" in bodies[-1]["body"]
    assert "source_code_hash" not in bodies[-1]["body"]


def test_nobody_writes_into_the_issue_by_a_name() -> None:
    _, bodies = _brought("drift_opened", NONE, NONE, Drift("prod", "1", ['aws_sqs_queue.this["`@all\n# x"]: deleted'], []))
    assert '- `aws_sqs_queue.this["\'@all?# x"]: deleted`' in bodies[-1]["body"].splitlines()


def test_an_issue_that_would_not_be_found_again_is_told() -> None:
    with pytest.raises(GitHubError, match="did not get the label drift"):
        _brought("drift_unlabelled", NONE, WAITS, CHANGED)


def test_the_next_night_updates_it() -> None:
    assert _brought("drift_updated", NONE, CHANGED, CHANGED)[0].startswith("updated")


def test_of_two_the_older_stays() -> None:
    assert _brought("drift_opened_twice", NONE, NONE, CHANGED)[0].endswith("/issues/9")


def test_without_drift_it_is_closed() -> None:
    assert _brought("drift_closed", NONE, WAITS, NONE)[0].startswith("closed")


def test_an_environment_that_was_not_seen_keeps_it_open() -> None:
    said, bodies = _brought("drift_updated", NONE, None, NONE)
    assert said.startswith("updated")
    assert "## staging\n\n**It could not be looked at**" in bodies[-1]["body"]


def test_the_command_reads_what_the_look_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for result in (NONE, WAITS):
        drift.write(result, tmp_path)
    with replayed("drift_opened") as replay:
        for name, value in {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_API_URL": replay.api}.items():
            monkeypatch.setenv(name, value)
        assert drift_issue.run(tmp_path) == 1, "prod was not looked at"
    assert "opened" in capsys.readouterr().out


def test_a_result_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text('{"environment": "dev"}')
    with pytest.raises(GitHubError, match="is not what `make drift` writes"):
        drift_issue.run(tmp_path)
