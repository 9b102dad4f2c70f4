"""Git's hash of the tree to release: it says what all files are, and nothing of how they came."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.common.errors import CommandError
from tools.common.paths import ROOT

MOST_LISTED = 5
REGULAR = ("100644", "100755")  # modes of files


@dataclass(frozen=True)
class Tree:
    """A tree's hash, and the commit that was checked out."""

    hash: str
    commit: str


def current(root: Path = ROOT, *, insist: bool = False) -> Tree:
    """The tree of HEAD; with `insist`, the tree of the files as they are.

    What somebody else has at the same hash is the same, committed or not: byte for byte, also
    where git calls files unchanged because it would turn them into the same (core.autocrlf, a
    filter), or was told not to look.
    Raises CommandError where files are not as committed, unless it is to `insist`.
    """
    head = _git(root, "rev-parse", "HEAD")
    changed = [line[3:] for line in _git(root, "status", "--porcelain").splitlines()]
    unseen = {path: mode for path, mode in _differing(root) if path not in changed}
    if not changed and not unseen:
        return Tree(_git(root, "rev-parse", "HEAD^{tree}"), head)
    if not insist:
        if not changed:
            raise CommandError(
                "git calls the work tree clean, but not all is, byte for byte, what was committed "
                f"({_listed(list(unseen))}): core.autocrlf, a filter or `git update-index --assume-unchanged` does "
                "that. Zips are made of the bytes: clone anew with `git clone -c core.autocrlf=false` (INSIST=yes goes "
                "by the files as they are)"
            )
        raise CommandError(
            f"the work tree is not what was committed ({_listed(changed)}), so nobody else could find or check a plan "
            "of it: commit or put it away first (INSIST=yes goes by the files as they are)"
        )
    return Tree(_hash_of_files(root, unseen), head)


def _listed(changed: list[str]) -> str:
    """The first of these paths."""
    paths = ", ".join(changed[:MOST_LISTED])
    return f"{paths} and {len(changed) - MOST_LISTED} more" if len(changed) > MOST_LISTED else paths


def _differing(root: Path) -> Iterator[tuple[str, str]]:
    """The files of HEAD that are not here, or with other bytes: path and mode."""
    for entry in filter(None, _git(root, "ls-tree", "-r", "-z", "HEAD").split("\0")):
        about, path = entry.split("\t", 1)
        mode, _, blob = about.split()
        if mode not in REGULAR:
            continue
        try:
            content = (root / path).read_bytes()
        except OSError:
            yield path, mode
            continue
        digest = hashlib.new("sha1" if len(blob) == 40 else "sha256", b"blob %d\0" % len(content) + content)
        if digest.hexdigest() != blob:
            yield path, mode


def _hash_of_files(root: Path, unseen: Mapping[str, str]) -> str:
    """`unseen`: files that are put in as they are, since git would put in what was committed."""
    objects = (root / _git(root, "rev-parse", "--git-path", "objects")).resolve()
    # an index and objects of its own: nothing of the repository is changed
    with tempfile.TemporaryDirectory() as folder:
        aside = {
            "GIT_INDEX_FILE": f"{folder}/index",
            "GIT_OBJECT_DIRECTORY": folder,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects),
        }
        _git(root, "read-tree", "HEAD", extra=aside)
        _git(root, "add", "--all", extra=aside)
        for path, mode in unseen.items():
            if not (root / path).is_file():
                _git(root, "update-index", "--force-remove", "--", path, extra=aside)
                continue
            blob = _git(root, "hash-object", "-w", "--no-filters", "--", path, extra=aside)
            _git(root, "update-index", "--cacheinfo", f"{mode},{blob},{path}", extra=aside)
        return _git(root, "write-tree", extra=aside)


def _git(root: Path, *arguments: str, extra: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
            timeout=60,
            env={**os.environ, **(extra or {})},
        )
    except FileNotFoundError:
        raise CommandError("there is no git here, and a plan is found by git's hash of the tree: install git") from None
    if done.returncode:
        raise CommandError(
            f"`git {' '.join(arguments)}` in {root} failed, "
            f"and a plan is found by git's hash of the tree: {done.stderr.strip()}"
        )
    return done.stdout.rstrip("\n")
