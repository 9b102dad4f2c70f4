"""`make drift-issue`: one issue for all drift.

It is opened, updated while there is drift, and closed when there is none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tools.deploy.drift import Drift
from tools.deploy.github.github import GitHub, GitHubError
from tools.deploy.github.standing_issue import StandingIssue
from tools.deploy.plan_markdown import short
from tools.environment.names import DEPLOYED

ISSUE = StandingIssue(
    label="drift",
    marker="<!-- sluice: drift of the environments -->",
    title="Drift: an environment is not what Terraform left",
)
LISTED = 50  # changes of one environment


def run(folder: Path) -> int:
    """Bring the issue in line with the results in `folder`.

    Returns 1 when an environment was not looked at. Raises GitHubError.
    """
    results = {name: _result(folder / f"{name}.json") for name in DEPLOYED}
    print(bring_in_line(GitHub.from_environment(), results))
    return int(None in results.values())


def bring_in_line(github: GitHub, results: Mapping[str, Drift | None]) -> str:
    """Open, update or close the issue, whichever the results ask for; say what was done.

    Raises GitHubError.
    """
    if any(result is None or result.outside for result in results.values()):
        return ISSUE.keep_open(github, text_of(results))
    return ISSUE.close(github, "No environment has drift any more.", "no drift, and no issue about it")


def text_of(results: Mapping[str, Drift | None]) -> str:
    """The issue's text: what was changed outside Terraform, by environment."""
    parts = [_part(name, result) for name, result in results.items()]
    advice = (
        "Somebody or something changed these outside Terraform. Take the change into the code, "
        "or merge anything to main: its promotion puts back what the code says. "
        "The nightly run closes this issue when nothing differs any more."
    )
    return "\n\n".join([*parts, advice])


def _part(name: str, result: Drift | None) -> str:
    if result is None:
        return f"## {name}\n\n**It could not be looked at**: see the log of the nightly run."
    if not result.outside:
        return f"## {name}\n\nNo drift."
    listed = [f"- `{short(change)}`" for change in result.outside[:LISTED]]
    more = len(result.outside) - LISTED
    if more > 0:
        listed.append(f"- and {more} more")
    return "\n".join([f"## {name}\n", *listed])


def _result(path: Path) -> Drift | None:
    """What `make drift` wrote, or None where it could not look."""
    try:
        return Drift(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise GitHubError(f"{path} is not what `make drift` writes ({error}): run it again") from error
