"""The make targets that ask GitHub, run as a workflow runs them, against recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager import lock
from release import drift
from release.drift import Drift
from tests.release.made import copied, make
from tests.release.recording import REPOSITORY, TOKEN, replayed


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("project"))


def _made(project: Path, recorded: str, *arguments: str, **variables: str) -> str:
    with replayed(recorded) as replay:
        asked = {"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_API_URL": replay.api}
        done = make(project, *arguments, **asked, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_make_comment(project: Path) -> None:
    (project / "build" / "plans").mkdir()
    (project / "build" / "plans" / "dev.md").write_text("## dev\n\nnothing changes")
    assert "#issuecomment-120" in _made(project, "comment_again", "comment", PULL_REQUEST="7", COMMIT="0" * 40)


def test_make_drift_issue(project: Path) -> None:
    for name in ("dev", "staging", "prod"):
        drift.write(Drift(name, "1", ["aws_sqs_queue.this: delay_seconds"], []), project / "build" / "drift")
    assert "opened" in _made(project, "drift_opened", "drift-issue")


def test_make_dependencies(project: Path) -> None:
    (project / "build" / "locks").mkdir()
    for name in lock.LOCKS:
        (project / "build" / "locks" / f"{name}.txt").write_text(f"{name}==1\n")
    assert "opened" in _made(project, "dependencies_opened", "dependencies")


def test_make_release_upload(project: Path) -> None:
    (project / "CHANGELOG.md").write_text("## 1.2.0\n\n### Added\n- Much.\n")
    (project / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    folder = project / "build" / "release"
    folder.mkdir()
    for name, content in {"votes-receive.zip": "zip", "manifest.json": "{}", "SHA256SUMS": "s", "notes.md": "### Added\n- Much.\n"}.items():
        (folder / name).write_text(content)
    assert "/releases/tag/v1.2.0" in _made(project, "release_new", "release-upload", "VERSION=v1.2.0")


@pytest.mark.parametrize("target", ["comment", "drift-issue", "dependencies"])
def test_without_a_token_it_says_so(project: Path, target: str) -> None:
    for name in lock.LOCKS:
        (project / "build" / "locks").mkdir(exist_ok=True)
        (project / "build" / "locks" / f"{name}.txt").touch()
    done = make(project, target, PULL_REQUEST="7")
    assert done.returncode != 0
    assert "GITHUB_TOKEN is missing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("target", "variable"), [("release", "VERSION"), ("promote", "REVIEWED")])
def test_a_tag_or_an_input_is_never_run(project: Path, target: str, variable: str) -> None:
    """A workflow hands these over as somebody wrote them; make and the shell must not take them for their own language."""
    done = make(project, target, "ENV=nowhere", **{variable: 'v$(shell touch made)$$(touch made)`touch made`"; touch made; "'})
    assert done.returncode != 0
    assert not (project / "made").exists()


@pytest.mark.parametrize("target", ["propose", "promote", "smoke", "soak", "rollback", "drift"])
def test_a_target_that_needs_an_account_says_so(project: Path, target: str) -> None:
    """What each does where there is one is another test's: see RUN_BY in test_workflows.py."""
    done = make(project, target, "ENV=dev", "MINUTES=1")
    assert done.returncode != 0
    assert done.stderr.startswith(f"{target}: "), done.stderr
    assert "usage:" not in done.stderr
    assert "Traceback" not in done.stderr


def test_make_lock_takes_the_newest_where_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The offline twin of `make lock UPGRADE=yes`: what it would run, and what that does, without an index."""
    command = make(project, "--dry-run", "lock", "UPGRADE=yes").stdout.split()
    assert command[-3:] == ["-m", "packager.lock", "--upgrade"]
    locked: list[tuple[str, bool]] = []
    monkeypatch.setattr(lock, "lock", lambda name, constraint, *, upgrade: locked.append((name, upgrade)))
    lock.main(command[-1:])
    assert locked == [(name, True) for name in lock.LOCKS]
