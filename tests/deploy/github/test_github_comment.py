"""The plans of a pull request: one comment, ours, whatever else is said there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.recording import REPOSITORY, TOKEN, replayed
from tools.deploy.github import comment
from tools.deploy.github.github import GitHub, GitHubError
from tools.deploy.plan_markdown import MOST
from tools.environment.names import DEPLOYED

PLANS = {"dev": "## dev\n\n1 to change", "prod": "## prod\n\n2 to change"}


@pytest.fixture(autouse=True)
def in_a_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")


def test_the_first_comment_is_made() -> None:
    with replayed("comment_first") as replay:
        comment.write(GitHub(REPOSITORY, TOKEN, replay.api), 7, comment.body_of(PLANS, "0123456789abcdef"))
    body = replay.bodies[-1]["body"]
    assert body.startswith(comment.MARKER)
    assert "# Plans of 0123456789ab\n" in body
    assert body.index("## dev") < body.index("## staging") < body.index("## prod")
    assert "**There is no plan**" in body[body.index("## staging") : body.index("## prod")]


def test_the_next_one_updates_ours_on_whatever_page_and_leaves_a_strangers_with_our_marker() -> None:
    with replayed("comment_again") as replay:
        comment.write(GitHub(REPOSITORY, TOKEN, replay.api), 7, comment.body_of(PLANS))
    assert replay.asked[-1] == f"PATCH /repos/{REPOSITORY}/issues/comments/120"


def test_a_person_updates_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    with replayed("comment_on_a_laptop") as replay:
        comment.write(GitHub(REPOSITORY, TOKEN, replay.api), 7, comment.body_of(PLANS))


def test_a_refusal_says_what_to_do() -> None:
    with (
        replayed("comment_refused") as replay,
        pytest.raises(GitHubError, match=r"not accessible by integration.*`permissions`"),
    ):
        comment.write(GitHub(REPOSITORY, TOKEN, replay.api), 7, comment.body_of(PLANS))


def test_an_address_where_nobody_answers_is_reported() -> None:
    with replayed() as replay:
        address = replay.api
    with pytest.raises(GitHubError, match="GitHub was not reached"):
        GitHub(REPOSITORY, TOKEN, address).get("issues/7")


def test_the_longest_plans_fit_a_comment() -> None:
    text = comment.body_of(dict.fromkeys(DEPLOYED, "x" * MOST), "0" * 40)
    assert len(text) <= 65_536, "GitHub takes no longer comment"


def test_the_command_reads_what_the_plan_jobs_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dev.md").write_text(PLANS["dev"])
    with replayed("comment_first") as replay:
        for name, value in {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": replay.api,
            "PULL_REQUEST": "7",
        }.items():
            monkeypatch.setenv(name, value)
        assert comment.run(tmp_path) == 0
    assert PLANS["dev"] in replay.bodies[-1]["body"]


@pytest.mark.parametrize("missing", ["GITHUB_TOKEN", "GITHUB_REPOSITORY", "PULL_REQUEST"])
def test_what_is_missing_is_named(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY, "PULL_REQUEST": "7"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    monkeypatch.delenv(missing)
    with pytest.raises(GitHubError, match=f"^{missing} is missing"):
        comment.run(tmp_path)
