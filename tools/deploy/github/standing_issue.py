"""One issue about something that lasts: opened, updated while it does, and closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.deploy.github.github import GitHub, GitHubError


@dataclass(frozen=True)
class StandingIssue:
    """What tells the issue from all others: our label, and a marker that begins its body."""

    label: str
    marker: str
    title: str

    def keep_open(self, github: GitHub, text: str) -> str:
        """Open it, or bring it up to date, with `text` as its body; say what was done.

        Raises GitHubError.
        """
        body = f"{self.marker}\n\n{text}"
        standing = self._standing(github)
        if not standing:
            return f"opened {self._opened(github, body)}"
        first, *others = standing
        for other in others:  # two runs at once may have opened two
            github.patch(f"issues/{other['number']}", {"state": "closed", "state_reason": "not_planned"})
        updated = github.patch(f"issues/{first['number']}", {"body": body})
        return f"updated {updated['html_url']}"

    def close(self, github: GitHub, comment: str, nothing: str) -> str:
        """Close it with a comment; say what was done, or `nothing`. Raises GitHubError."""
        standing = self._standing(github)
        for issue in standing:
            github.post(f"issues/{issue['number']}/comments", {"body": comment})
            github.patch(f"issues/{issue['number']}", {"state": "closed", "state_reason": "completed"})
        return f"closed {standing[0]['html_url']}" if standing else nothing

    def _opened(self, github: GitHub, body: str) -> str:
        issue = github.post("issues", {"title": self.title, "body": body, "labels": [self.label]})
        if self.label not in [label["name"] for label in issue["labels"]]:
            raise GitHubError(
                f"{issue['html_url']} did not get the label {self.label}, so it would not be found again: "
                "the token may not set labels"
            )
        return str(issue["html_url"])

    def _standing(self, github: GitHub) -> list[dict[str, Any]]:
        """The open issues of ours, oldest first.

        The marker tells them from whatever else has the label, pull requests too.
        """
        asked = {"state": "open", "labels": self.label, "creator": github.me(), "sort": "created", "direction": "asc"}
        return [issue for issue in github.pages("issues", **asked) if (issue["body"] or "").startswith(self.marker)]
