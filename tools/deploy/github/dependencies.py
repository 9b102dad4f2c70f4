"""`make dependencies`: one pull request with the locks in build/locks.

It is opened, brought up to date, and closed when main has them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.deploy.github.github import GitHub, GitHubError
from tools.packager.lock import LOCKS

BRANCH = "dependencies"
TITLE = "Take newer versions of the dependencies"
BODY = """\
`make lock UPGRADE=yes` of this week. Hashes changed only where versions did.

A workflow opened this, so its checks wait for somebody to let them run: approve them below, or close and reopen this.
"""


def run(folder: Path) -> int:
    """Open or update the pull request. Raises GitHubError, also when a lock is missing."""
    missing = [name for name in LOCKS if not (folder / f"{name}.txt").is_file()]
    if missing:
        raise GitHubError(
            f"{folder} has no {', '.join(missing)}.txt: copy requirements/*.txt there after `make lock UPGRADE=yes`"
        )
    locks = {f"requirements/{name}.txt": (folder / f"{name}.txt").read_text() for name in LOCKS}
    print(propose(GitHub.from_environment(), locks, os.environ.get("BASE") or "main"))
    return 0


def propose(github: GitHub, files: Mapping[str, str], base: str) -> str:
    """One commit with `files` on top of `base`, as one pull request; say what was done.

    Raises GitHubError.
    """
    head = github.get(f"git/ref/heads/{base}")["object"]["sha"]
    before = github.get(f"git/commits/{head}")["tree"]["sha"]
    entries = [
        {"path": path, "mode": "100644", "type": "blob", "content": content} for path, content in sorted(files.items())
    ]
    tree = github.post("git/trees", {"base_tree": before, "tree": entries})["sha"]
    open_one = next(github.pages("pulls", state="open", head=f"{github.owner}:{BRANCH}", base=base), None)
    if tree == before:
        return _nothing_new(github, open_one)
    branch = github.get_or_none(f"git/ref/heads/{BRANCH}")
    if open_one is not None and branch is not None and _same(github, branch["object"]["sha"], head, tree):
        return f"{open_one['html_url']} has them already"
    commit = github.post("git/commits", {"message": TITLE, "tree": tree, "parents": [head]})["sha"]
    if branch is None:
        github.post("git/refs", {"ref": f"refs/heads/{BRANCH}", "sha": commit})
    else:
        github.patch(f"git/refs/heads/{BRANCH}", {"sha": commit, "force": True})
    if open_one is not None:
        return f"updated {open_one['html_url']}"
    return f"opened {github.post('pulls', {'title': TITLE, 'body': BODY, 'head': BRANCH, 'base': base})['html_url']}"


def _nothing_new(github: GitHub, open_one: Mapping[str, Any] | None) -> str:
    if open_one is None:
        return "nothing newer"
    github.patch(f"pulls/{open_one['number']}", {"state": "closed"})
    return f"nothing newer; closed {open_one['html_url']}"


def _same(github: GitHub, commit: str, parent: str, tree: str) -> bool:
    """Whether the branch stands as we would make it: then nobody's checks need to run again."""
    standing = github.get(f"git/commits/{commit}")
    return standing["tree"]["sha"] == tree and [one["sha"] for one in standing["parents"]] == [parent]
