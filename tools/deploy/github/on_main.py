"""A release comes from a commit that main has: what nobody merged is never released."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools.deploy.github.bundle import ReleaseError

# GitHub's main where this clone knows it, else this repository's own.
MAINS = ("refs/remotes/origin/main", "refs/heads/main")


def refuse_another_commit(root: Path) -> None:
    """Go on where main has the commit that is checked out, and the files are its own.

    Raises ReleaseError.
    """
    changed = _git(root, "status", "--porcelain").stdout.splitlines()
    if changed:
        raise ReleaseError(
            f"{len(changed)} files are not as committed ({changed[0][3:]}): a release is what a commit says"
        )
    main = next((ref for ref in MAINS if _git(root, "rev-parse", "--verify", "--quiet", ref).returncode == 0), None)
    if main is None:
        raise ReleaseError("this clone knows no main: `git fetch --unshallow origin` and try again")
    if _git(root, "merge-base", "--is-ancestor", "HEAD", main).returncode:
        head = _git(root, "rev-parse", "--short", "HEAD").stdout.strip()
        raise ReleaseError(
            f"{main.removeprefix('refs/')} does not have the commit {head}: merge it first, and tag the merge. "
            "If it has been merged, this clone does not know: `git fetch origin`"
        )


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Raises ReleaseError where there is no git, or no repository."""
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except FileNotFoundError:
        raise ReleaseError("there is no git here, which knows what main has: install it") from None
    if done.returncode > 1:
        raise ReleaseError(f"`git {' '.join(arguments)}` in {root} failed: {done.stderr.strip()}")
    return done
