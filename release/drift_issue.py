"""`make drift-issue`: one issue for all drift. It is opened, updated while there is drift, and closed when there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devcloud.runs import DEPLOYED
from release.drift import Drift
from release.github import GitHub, GitHubError
from release.text import plain

LABEL = "drift"
MARKER = "<!-- sluice: drift of the environments -->"
TITLE = "Drift: an environment is not what Terraform left"
LISTED = 50  # changes of one environment


def run(folder: Path) -> int:
    """Bring the issue in line with the results in `folder`; 1 when an environment was not looked at. Raises GitHubError."""
    results = {name: _result(folder / f"{name}.json") for name in DEPLOYED}
    print(bring_in_line(GitHub.from_environment(), results))
    return int(None in results.values())


def bring_in_line(github: GitHub, results: Mapping[str, Drift | None]) -> str:
    """Open, update or close the issue, whichever the results ask for; say what was done. Raises GitHubError."""
    standing = _standing(github)
    if not any(result is None or result.outside for result in results.values()):
        return _closed(github, standing)
    body = text(results)
    if not standing:
        issue = github.post("issues", {"title": TITLE, "body": body, "labels": [LABEL]})
        if LABEL not in [label["name"] for label in issue["labels"]]:
            raise GitHubError(
                f"{issue['html_url']} did not get the label {LABEL}, so it would not be found again: the token may not set labels"
            )
        return f"opened {issue['html_url']}"
    first, *others = standing
    for other in others:  # two runs at once may have opened two
        github.patch(f"issues/{other['number']}", {"state": "closed", "state_reason": "not_planned"})
    updated = github.patch(f"issues/{first['number']}", {"body": body})
    return f"updated {updated['html_url']}"


def text(results: Mapping[str, Drift | None]) -> str:
    """The issue's body: what was changed outside Terraform, by environment."""
    parts = [_part(name, result) for name, result in results.items()]
    advice = (
        "Somebody or something changed these outside Terraform. Take the change into the code, or merge anything to main: its promotion "
        "puts back what the code says. The nightly run closes this issue when nothing differs any more."
    )
    return "\n\n".join([MARKER, *parts, advice])


def _closed(github: GitHub, standing: list[dict[str, Any]]) -> str:
    for issue in standing:
        github.post(f"issues/{issue['number']}/comments", {"body": "No environment has drift any more."})
        github.patch(f"issues/{issue['number']}", {"state": "closed", "state_reason": "completed"})
    return f"closed {standing[0]['html_url']}" if standing else "no drift, and no issue about it"


def _standing(github: GitHub) -> list[dict[str, Any]]:
    """Our open issues about drift, oldest first. The marker tells them from whatever else has the label, pull requests too."""
    found = github.pages("issues", state="open", labels=LABEL, creator=github.me(), sort="created", direction="asc")
    return [issue for issue in found if (issue["body"] or "").startswith(MARKER)]


def _part(name: str, result: Drift | None) -> str:
    if result is None:
        return f"## {name}\n\n**It could not be looked at**: see the log of the nightly run."
    if not result.outside:
        return f"## {name}\n\nNo drift."
    listed = [f"- `{plain(change)}`" for change in result.outside[:LISTED]]
    more = len(result.outside) - LISTED
    return "\n".join([f"## {name}\n", *listed, *([f"- and {more} more"] if more > 0 else [])])


def _result(path: Path) -> Drift | None:
    """What `make drift` found, or None where it found nothing out."""
    try:
        return Drift(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise GitHubError(f"{path} is not what `make drift` writes ({error}): run it again") from error
