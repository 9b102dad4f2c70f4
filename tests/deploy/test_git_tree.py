"""A tree's hash stands for the bytes that are here, not for what git would turn them into."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tools.common.errors import CommandError
from tools.deploy import git_tree

FILE = "lambda_src/votes/x.py"


def git(root: Path, *arguments: str) -> str:
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    return subprocess.run(
        ["git", "-C", str(root), *author, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **settings},
    ).stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    root = tmp_path / "origin"
    (root / FILE).parent.mkdir(parents=True)
    (root / FILE).write_bytes(b"a = 1\nb = 2\n")
    (root / "link").symlink_to(FILE)
    git(tmp_path, "init", "-q", str(root))
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return root


def cloned(origin: Path, *settings: str) -> Path:
    clone = origin.with_name("clone")
    git(origin.parent, "clone", "-q", *(part for one in settings for part in ("-c", one)), str(origin), str(clone))
    return clone


def test_a_clone_has_its_origins_tree(origin: Path) -> None:
    assert git_tree.current(cloned(origin)).hash == git_tree.current(origin).hash


def test_line_ends_that_git_changed_are_not_what_was_committed(origin: Path) -> None:
    clone = cloned(origin, "core.autocrlf=true")
    assert b"\r\n" in (clone / FILE).read_bytes()
    assert git(clone, "status", "--porcelain") == ""
    with pytest.raises(CommandError, match=r"not all is, byte for byte.*x\.py.*core\.autocrlf"):
        git_tree.current(clone)
    asis = git_tree.current(clone, insist=True)
    assert asis.hash != git_tree.current(origin).hash
    (clone / FILE).write_bytes((origin / FILE).read_bytes())
    git(clone, "add", ".")  # git goes by the size that it wrote
    assert git_tree.current(clone, insist=True) == git_tree.current(clone) == git_tree.current(origin)


def test_our_attributes_keep_the_bytes(origin: Path) -> None:
    (origin / ".gitattributes").write_bytes((Path(__file__).parents[2] / ".gitattributes").read_bytes())
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "attributes")
    clone = cloned(origin, "core.autocrlf=true", "core.eol=crlf")
    assert (clone / FILE).read_bytes() == (origin / FILE).read_bytes()
    assert git_tree.current(clone).hash == git_tree.current(origin).hash


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
@pytest.mark.parametrize("gone", [False, True])
def test_what_git_was_told_not_to_look_at(flag: str, gone: bool, origin: Path) -> None:
    git(origin, "update-index", flag, FILE)
    before = git(origin, "rev-parse", "HEAD^{tree}")
    (origin / FILE).write_bytes(b"a = 7\n")
    if gone:
        (origin / FILE).unlink()
    assert git(origin, "status", "--porcelain") == ""
    with pytest.raises(CommandError, match=r"not all is, byte for byte.*x\.py"):
        git_tree.current(origin)
    assert git_tree.current(origin, insist=True).hash != before


def test_a_change_that_git_sees_is_said_as_before(origin: Path) -> None:
    (origin / FILE).write_bytes(b"a = 7\n")
    with pytest.raises(CommandError, match=r"not what was committed \(lambda_src/votes/x\.py\), so nobody"):
        git_tree.current(origin)
    asis = git_tree.current(origin, insist=True).hash
    git(origin, "commit", "-qam", "second")
    assert git_tree.current(origin).hash == asis
