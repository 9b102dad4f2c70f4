"""The make targets that ask GitHub, run as a workflow runs them, against recordings."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.deploy.recording import FOLDER, REPOSITORY, TOKEN, replayed
from tests.support.project_copy import copy_project, make
from tools.deploy import drift
from tools.deploy.drift import Drift
from tools.environment.names import DEPLOYED
from tools.packager import lock
from tools.packager.audit import REPORT, Finding


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("project"))


def _made(project: Path, recorded: str, *arguments: str, **variables: str) -> str:
    with replayed(recorded) as replay:
        asked = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": replay.api,
        }
        done = make(project, *arguments, **asked, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_make_comment(project: Path) -> None:
    (project / "build" / "plans").mkdir()
    (project / "build" / "plans" / "dev.md").write_text("## dev\n\nnothing changes")
    assert "#issuecomment-120" in _made(project, "comment_again", "comment", PULL_REQUEST="7", COMMIT="0" * 40)


def test_make_drift_issue(project: Path) -> None:
    for name in DEPLOYED:
        drift.write(Drift(name, "1", ["aws_sqs_queue.this: delay_seconds"], []), project / "build" / "drift")
    assert "opened" in _made(project, "drift_opened", "drift-issue")


def test_make_github_check(project: Path) -> None:
    assert "are guarded" in _made(project, "rules_guarded", "github-check")


def test_make_github_check_fails_in_words(project: Path, tmp_path: Path) -> None:
    pairs = json.loads((FOLDER / "rules_guarded.json").read_text())
    (prod,) = [pair["response"]["body"] for pair in pairs if pair["request"]["line"].endswith("/environments/prod")]
    prod["protection_rules"] = []
    (tmp_path / "open.json").write_text(json.dumps(pairs))
    with replayed("open", folder=tmp_path) as replay:
        asked = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_API_URL": replay.api}
        done = make(project, "github-check", **asked)
    assert done.returncode != 0
    assert done.stderr.startswith("github-check: acme/sluice is not guarded; docs/how-to/workflows.md says")
    assert "\n  environment prod: nobody approves: name a required reviewer\n" in done.stderr


def test_make_audit_issue(project: Path) -> None:
    found = [Finding("functions", "pydantic", "2.14.3", "CVE-2026-1", [], [])]
    (project / "build" / "audit").mkdir()
    (project / "build" / "audit" / REPORT).write_text(json.dumps([asdict(one) for one in found]))
    assert "opened" in _made(project, "audit_opened", "audit-issue")


@pytest.mark.parametrize("target", ["deploy-tools", "policies-tools"])
def test_what_sets_up_for_an_account_needs_none(project: Path, target: str) -> None:
    done = make(project, target)
    assert done.returncode == 0, done.stdout + done.stderr


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
    for name, content in {
        "votes-receive.zip": "zip",
        "manifest.json": "{}",
        "SHA256SUMS": "s",
        "notes.md": "### Added\n- Much.\n",
    }.items():
        (folder / name).write_text(content)
    assert "/releases/tag/v1.2.0" in _made(project, "release_new", "release-upload", "VERSION=v1.2.0")


@pytest.mark.parametrize("target", ["github-check", "comment", "drift-issue", "dependencies", "audit-issue"])
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
    """A workflow hands these over as somebody wrote them: neither make nor a shell may run them."""
    hostile = 'v$(shell touch made)$$(touch made)`touch made`"; touch made; "'
    done = make(project, target, "ENV=nowhere", **{variable: hostile})
    assert done.returncode != 0
    assert not (project / "made").exists()


@pytest.mark.parametrize("target", ["propose", "promote", "smoke", "soak", "rollback", "drift"])
def test_a_target_that_needs_an_account_says_so(project: Path, target: str) -> None:
    """What each does where there is one is another test's: see RUN_BY in test_workflows.py."""
    done = make(project, target, "ENV=dev", *(["MINUTES=1"] if target == "soak" else []))
    assert done.returncode != 0
    assert done.stderr.startswith(f"{target}: "), done.stderr
    assert "usage:" not in done.stderr
    assert "Traceback" not in done.stderr


def test_make_lock_takes_the_newest_where_asked(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The offline twin of `make lock UPGRADE=yes`: what it runs, and what that does."""
    assert make(project, "--dry-run", "lock").stdout.split()[-2:] == ["-m", "tools.packager.lock"]
    locked: list[tuple[str, bool]] = []
    monkeypatch.setattr(lock, "lock", lambda name, constraint, *, upgrade: locked.append((name, upgrade)))
    monkeypatch.setenv("UPGRADE", "yes")
    lock.main([])
    assert locked == [(name, True) for name in lock.LOCKS]
