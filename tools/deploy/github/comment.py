"""`make comment`: the plans of a pull request as one comment, which is updated, not repeated."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tools.deploy.github.github import GitHub, GitHubError
from tools.environment.names import DEPLOYED

LAST = (
    "After the merge main plans again, and applies what has these digests or nothing. This is the pull request's own "
    "word: read its files too; main's is in the summary of its run."
)
MARKER = "<!-- sluice: the plans of this pull request -->"


def run(folder: Path) -> int:
    """Write the comment. Raises GitHubError, also when PULL_REQUEST names none."""
    number = os.environ.get("PULL_REQUEST", "")
    if not number.isdigit():
        raise GitHubError("PULL_REQUEST is missing: the number of the pull request to comment on")
    files = {name: folder / f"{name}.md" for name in DEPLOYED}
    plans = {name: file.read_text() for name, file in files.items() if file.is_file()}
    print(write(GitHub.from_environment(), int(number), body_of(plans, os.environ.get("COMMIT", ""))))
    return 0


def body_of(plans: Mapping[str, str], commit: str = "") -> str:
    """The comment: every environment's part, in the order of promotion.

    `plans`: Markdown by environment; a part without a plan says so.
    """
    parts = [plans[name].strip() if name in plans else _missing(name) for name in DEPLOYED]
    of = f" of {commit[:12]}" if commit else ""
    return "\n\n".join([f"{MARKER}\n# Plans{of}", *parts, LAST])


def write(github: GitHub, number: int, body: str) -> str:
    """Update our comment on pull request `number`, or make it; return its address.

    Raises GitHubError.
    """
    me = github.me()
    for comment in github.pages(f"issues/{number}/comments"):
        # Anybody can write the marker; a comment of somebody else stays theirs, because they could
        # change what it says.
        if comment["body"].startswith(MARKER) and (comment["user"] or {}).get("login") == me:
            return str(github.patch(f"issues/comments/{comment['id']}", {"body": body})["html_url"])
    return str(github.post(f"issues/{number}/comments", {"body": body})["html_url"])


def _missing(name: str) -> str:
    return f"## {name}\n\n**There is no plan**: its job failed or did not run. See the workflow's log."
