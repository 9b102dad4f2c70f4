"""`make audit-issue`: one issue for the known vulnerabilities that nobody has accepted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tools.deploy.github.github import GitHub
from tools.deploy.github.standing_issue import StandingIssue
from tools.deploy.plan_markdown import plain
from tools.packager import audit
from tools.packager.audit import Finding

ISSUE = StandingIssue(
    label="vulnerabilities",
    marker="<!-- sluice: known vulnerabilities in the locks -->",
    title="Known vulnerabilities in what is locked",
)
ADVICE = (
    "`make lock UPGRADE=yes` takes what is fixed and a week old; a bound in `requirements/*.in` and `make lock` takes "
    "it at once. What we can live with for a time goes into `requirements/audit.toml`, with a reason and a day. "
    "The weekly run closes this issue when nothing is left."
)


def run(folder: Path) -> int:
    """Bring the issue in line with what `make audit` found.

    Returns 1 when it found out nothing. Raises GitHubError, CommandError.
    """
    report = folder / audit.REPORT
    found = audit.read(report) if report.is_file() else None
    print(bring_in_line(GitHub.from_environment(), found))
    return int(found is None)


def bring_in_line(github: GitHub, found: Sequence[Finding] | None) -> str:
    """Open, update or close the issue; say what was done. `found`: None where nobody could look.

    Raises GitHubError.
    """
    if found is None:
        return ISSUE.keep_open(github, "**The locks could not be audited**: see the log of the weekly run.")
    open_ones = [finding for finding in found if not finding.reason]
    if open_ones:
        return ISSUE.keep_open(github, text_of(open_ones))
    return ISSUE.close(github, "No known vulnerability is left.", "no known vulnerability, and no issue about one")


def text_of(found: Sequence[Finding]) -> str:
    """The issue's text: what is shipped first."""
    in_zips = [finding for finding in found if finding.lock == audit.IN_ZIPS]
    on_sites = [finding for finding in found if finding.lock == audit.ON_SITES]
    others = [finding for finding in found if finding.lock not in audit.SHIPPED]
    parts = [
        *_part("In the functions' zips", in_zips),
        *_part("On clients' sites, where the agent is", on_sites),
        *_part("On machines that build, test and deploy", others),
    ]
    return "\n\n".join([*parts, ADVICE])


def _part(title: str, found: Sequence[Finding]) -> list[str]:
    lines = "\n".join(f"- `{plain(str(finding))}`" for finding in found)
    return [f"## {title}\n\n{lines}"] if found else []
