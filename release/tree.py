"""What is to be released, by git: the hash of the tree, which says what all files are and nothing of how they came about."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from devcloud.runs import ROOT, LocalCloudError


@dataclass(frozen=True)
class Tree:
    """A tree's hash, and the commit it was found at."""

    hash: str
    commit: str


def of_work(root: Path = ROOT, *, insist: bool = False) -> Tree:
    """The tree of HEAD. Raises LocalCloudError where files are not as committed, unless told to `insist`.

    Insisted, it is the tree of the files as they are: what somebody else has at the same hash is the same all the same.
    """
    head = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain").splitlines()
    if not changed:
        return Tree(_git(root, "rev-parse", "HEAD^{tree}"), head)
    if not insist:
        listed = ", ".join(line[3:] for line in changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        raise LocalCloudError(
            f"the work tree is not what was committed ({listed}), so nobody else could find or check a plan of it: "
            "commit or put it away first (INSIST=yes goes by the files as they are)"
        )
    objects = (root / _git(root, "rev-parse", "--git-path", "objects")).resolve()
    with tempfile.TemporaryDirectory() as folder:  # an index and objects of its own: nothing of the repository is changed
        aside = {"GIT_INDEX_FILE": f"{folder}/index", "GIT_OBJECT_DIRECTORY": folder, "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects)}
        _git(root, "read-tree", "HEAD", extra=aside)
        _git(root, "add", "--all", extra=aside)
        return Tree(_git(root, "write-tree", extra=aside), head)


def _git(root: Path, *arguments: str, extra: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, **(extra or {})},
        )
    except FileNotFoundError:
        raise LocalCloudError("there is no git here, and a plan is found by git's hash of the tree: install git") from None
    if done.returncode:
        raise LocalCloudError(
            f"`git {' '.join(arguments)}` in {root} failed, and a plan is found by git's hash of the tree: {done.stderr.strip()}"
        )
    return done.stdout.rstrip("\n")
