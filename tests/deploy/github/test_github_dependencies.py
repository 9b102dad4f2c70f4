"""The weekly pull request: one, on one branch, made anew only when there is something new."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.recording import REPOSITORY, TOKEN, replayed
from tools.deploy.github import dependencies
from tools.deploy.github.github import GitHub, GitHubError
from tools.packager.lock import LOCKS

FILES = {"requirements/dev.txt": "a==1\n", "requirements/checkov.txt": "b==1\n"}


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ("opened", "opened https://github.com/acme/sluice/pull/12"),
        ("updated", "updated https://github.com/acme/sluice/pull/12"),
        ("same", "https://github.com/acme/sluice/pull/12 has them already"),
        ("nothing", "nothing newer"),
        ("overtaken", "nothing newer; closed https://github.com/acme/sluice/pull/12"),
    ],
)
def test_one_pull_request(recorded: str, said: str) -> None:
    with replayed(f"dependencies_{recorded}") as replay:
        assert dependencies.propose(GitHub(REPOSITORY, TOKEN, replay.api), FILES, "main") == said
    written = replay.bodies[2]["tree"]
    assert [entry["path"] for entry in written] == sorted(FILES)
    assert {entry["content"] for entry in written} == set(FILES.values())
    assert not [asked for asked in replay.asked if asked.startswith("PATCH") and asked.endswith("/main")], (
        "main is never written"
    )


def test_the_command_takes_every_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in LOCKS:
        (tmp_path / f"{name}.txt").write_text(f"{name}==1\n")
    with replayed("dependencies_opened") as replay:
        for name, value in {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": replay.api,
        }.items():
            monkeypatch.setenv(name, value)
        assert dependencies.run(tmp_path) == 0
    assert {entry["path"] for entry in replay.bodies[2]["tree"]} == {f"requirements/{name}.txt" for name in LOCKS}
    assert "opened" in capsys.readouterr().out


def test_a_missing_lock_is_named(tmp_path: Path) -> None:
    (tmp_path / "dev.txt").write_text("a==1\n")
    others = ", ".join(name for name in LOCKS if name != "dev")
    with pytest.raises(GitHubError, match=rf"has no {others}\.txt"):
        dependencies.run(tmp_path)
