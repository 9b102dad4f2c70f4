"""`make recount`: rebuild the tallies from the votes, as of the last closed epoch.

It says every difference, and repairs them where that is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from shared import clock
from shared.dynamo import Throttled
from shared.versions import NewerVersion
from tools.common.confirm import confirmed
from tools.common.errors import CommandError
from tools.operations.audit import Audit
from tools.operations.deployment import Deployment
from tools.operations.votes.recount_file import AuditFile, path_of
from tools.operations.votes.wake import wake_tally
from votes import recount
from votes.ballot import is_identifier
from votes.counting import Contended
from votes.entry import UnreadableEntry
from votes.journal import Journal, ShardsDiffer, VotesNotPut
from votes.recount import Report
from votes.repair import Refused, repair
from votes.rows import UnreadableVote

SHOWN = 50


@dataclass(frozen=True)
class Options:
    """What a person asked for: all titles or one, to start over, and to repair."""

    title: str | None = None
    fresh: bool = False
    repair: bool = False
    confirm: bool = False


def run(deployment: Deployment, console: Console, options: Options) -> int:
    """Audit, and repair where that is asked for; 1 when anything differs and was not repaired.

    Raises CommandError.
    """
    if options.title is not None and not is_identifier(options.title):
        raise CommandError(f"TITLE {options.title!r} is no title's id: 1 to 64 of A-Z a-z 0-9 _ -")
    client, tables = deployment.client("dynamodb"), deployment.outputs["tables"]
    source = recount.TableSource(client, tables["journal"], tables["votes"], tables["tallies"])
    report = _audited(console, source, AuditFile(path_of(deployment.name, options.title), tables["votes"]), options)
    if options.title and not report.titles:
        raise CommandError(f"nobody has voted on {options.title!r} as of epoch {report.epoch}")
    _show(console, report)
    if not report.differences:
        return 0
    command = "recount" + (f" TITLE={options.title}" if options.title else "") + " REPAIR=yes"
    if not options.repair:
        console.print(f"`make {command}` adds what is missing to the tallies (and takes away what is too much)")
        return 1
    if not confirmed(console, f"Set {len(report.differences)} counters right?", command, confirm=options.confirm):
        return 1
    _repair(deployment, console, Journal(client, tables["journal"], tables["votes"]), report)
    return 0


def _audited(console: Console, source: recount.TableSource, file: AuditFile, options: Options) -> Report:
    """The report of an audit begun now, or of the one that was not finished."""
    if options.fresh:
        file.forget()
    try:
        state = file.load(clock.now_us())
        if state:
            at = datetime.fromtimestamp(state.fold.as_of // 1_000_000, UTC).isoformat()
            console.print(f"going on with the audit as of {at}, after {state.votes} votes (FRESH=yes starts over)")
        else:
            state = recount.begin(source, options.title)
        _read(console, source, state, file)
        report = recount.finish(source, state)
    except recount.Unsettled as error:
        file.forget()
        raise CommandError(f"the audit could not be made: {error}") from error
    except UnreadableEntry as error:
        raise CommandError(f"the audit could not be made: {error}. `make mend` looks at the entry") from error
    except (NewerVersion, UnreadableVote) as error:
        raise CommandError(f"the audit could not be made: {error}") from error
    file.forget()
    return report


def _read(console: Console, source: recount.TableSource, state: recount.State, file: AuditFile) -> None:
    """Read the pages that are left.

    Kept between pages only: in the middle of one, an audit that is broken off is not whole.
    """
    columns: list[Any] = [TextColumn("votes read: {task.completed:,.0f}"), TimeElapsedColumn()]
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("votes", total=None, completed=state.votes)
        for _ in recount.read_on(source, state):
            bar.update(task, completed=state.votes)
            file.save_sometimes(state)


def _show(console: Console, report: Report) -> None:
    console.print(
        f"recount as of epoch {report.epoch}: {report.titles} titles rebuilt from {report.votes} rows of votes "
        f"({report.rewound} put since and taken back), {len(report.differences)} differences",
        soft_wrap=True,
    )
    for difference in report.differences[:SHOWN]:
        console.print(
            f"  {difference.title_id} {difference.counter}: tallied {difference.tallied}, rebuilt {difference.rebuilt}",
            highlight=False,
        )
    if len(report.differences) > SHOWN:
        console.print(f"  … and {len(report.differences) - SHOWN} more")


def _repair(deployment: Deployment, console: Console, journal: Journal, report: Report) -> None:
    titles: dict[str, dict[str, int]] = defaultdict(dict)
    for title_id, counter, tallied, rebuilt in report.differences:
        titles[title_id][counter] = rebuilt - tallied
    with Audit(deployment, "repair") as audit:
        for title_id, added in titles.items():
            audit.line(step="found", epoch=report.epoch, title=title_id, to_add=added)
        try:
            entries = repair(journal, int(deployment.outputs["settings"]["shards"]), report)
        except (Refused, Contended, Throttled, UnreadableEntry, NewerVersion, ShardsDiffer, VotesNotPut) as error:
            raise CommandError(
                f"the repair is not (all) made: {error}. Audit again: what was made is not made twice"
            ) from error
        audit.line(step="repaired", epoch=report.epoch, entries=entries)
    wake_tally(deployment)
    console.print(
        "the repair is in the journal; when it is folded, results show it, and `make recount` finds nothing; "
        f"audit: {audit.key}",
        soft_wrap=True,
    )
