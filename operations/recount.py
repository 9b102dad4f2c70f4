"""`make recount`: rebuild the tallies from the standing votes, as of the last closed epoch, and report every difference."""

from __future__ import annotations

from rich.console import Console

from devcloud.runs import LocalCloudError
from operations.place import Place
from votes import recount
from votes.entry import UnreadableEntry
from votes.versions import NewerVersion

SHOWN = 50


def show(place: Place, console: Console, *, title: str | None) -> int:
    """Print the audit of all titles or of one; 1 when anything differs."""
    tables = place.outputs["tables"]
    source = recount.TableSource(place.client("dynamodb"), tables["journal"], tables["votes"], tables["tallies"])
    try:
        report = recount.audit(source, title)
    except (recount.Unsettled, UnreadableEntry, NewerVersion) as error:
        raise LocalCloudError(f"the audit could not be made: {error}") from error
    if title and not report.titles:
        raise LocalCloudError(f"nobody has voted on {title!r} as of epoch {report.epoch}")
    console.print(
        f"recount as of epoch {report.epoch}: {report.titles} titles rebuilt from {report.votes} rows of votes "
        f"({report.rewound} put since and taken back), {len(report.differences)} differences",
        soft_wrap=True,
    )
    for difference in report.differences[:SHOWN]:
        console.print(
            f"  {difference.title_id} {difference.counter}: tallied {difference.tallied}, rebuilt {difference.rebuilt}", highlight=False
        )
    if len(report.differences) > SHOWN:
        console.print(f"  … and {len(report.differences) - SHOWN} more")
    return 1 if report.differences else 0
