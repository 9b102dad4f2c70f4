"""A release comes from a commit that main has, and from nothing beside it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.deploy.plans_world import GIT
from tools.deploy.github import on_main
from tools.deploy.github.bundle import ReleaseError


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, env={**os.environ, **GIT}, timeout=60
    )


def _commit(folder: Path, text: str) -> None:
    (folder / "file").write_text(text)
    _git(folder, "add", "file")
    _git(folder, "commit", "-qm", text)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of a repository whose main has two commits."""
    first = tmp_path / "first"
    first.mkdir()
    _git(first, "init", "-q", "-b", "main")
    _commit(first, "one")
    _commit(first, "two")
    _git(tmp_path, "clone", "-q", str(first), "clone")
    return tmp_path / "clone"


def test_what_main_has_is_released(clone: Path) -> None:
    on_main.refuse_another_commit(clone)
    _git(clone, "checkout", "-q", "HEAD~1")
    on_main.refuse_another_commit(clone)


def test_what_nobody_merged_is_refused(clone: Path) -> None:
    _git(clone, "checkout", "-qb", "own")
    _commit(clone, "three")
    with pytest.raises(ReleaseError, match=r"remotes/origin/main does not have the commit [0-9a-f]+: merge it first"):
        on_main.refuse_another_commit(clone)


def test_a_main_of_ones_own_does_not_count_where_origins_is_known(clone: Path) -> None:
    _commit(clone, "three")
    with pytest.raises(ReleaseError, match="does not have the commit"):
        on_main.refuse_another_commit(clone)
    _git(clone, "remote", "remove", "origin")
    on_main.refuse_another_commit(clone)


@pytest.mark.parametrize("file", ["file", "new"])
def test_files_that_are_not_committed_are_refused(file: str, clone: Path) -> None:
    (clone / file).write_text("other")
    with pytest.raises(ReleaseError, match=rf"1 files are not as committed \({file}\)"):
        on_main.refuse_another_commit(clone)


def test_a_clone_that_knows_no_main(clone: Path) -> None:
    _git(clone, "checkout", "-q", "--detach")
    _git(clone, "branch", "-qD", "main")
    _git(clone, "remote", "remove", "origin")
    with pytest.raises(ReleaseError, match="this clone knows no main"):
        on_main.refuse_another_commit(clone)


def test_no_repository_at_all(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="failed: fatal: not a git repository"):
        on_main.refuse_another_commit(tmp_path)
