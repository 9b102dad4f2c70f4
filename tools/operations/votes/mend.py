"""`make mend SHARD=… ENTRY=…`: move a journal entry that cannot be read to quarantine.

Then its shard goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console

from shared.quarantine import Quarantine
from tools.common.confirm import confirmed
from tools.common.errors import CommandError
from tools.common.text import visible
from tools.operations.audit import Audit
from tools.operations.deployment import Deployment
from tools.operations.votes.wake import wake_tally
from votes import repair
from votes.journal import Journal
from votes.repair import Refused
from votes.tallies import Tallies


@dataclass(frozen=True)
class Options:
    """What a person asked for: which entry; `insist`: it is damaged, whatever speaks against it."""

    shard: int
    entry: int
    insist: bool = False
    confirm: bool = False


def run(deployment: Deployment, console: Console, options: Options) -> int:
    """Say what is wrong with the entry, and move it if that is confirmed.

    Raises CommandError when it must not be moved.
    """
    client, tables = deployment.client("dynamodb"), deployment.outputs["tables"]
    journal = Journal(client, tables["journal"], tables["votes"])
    try:
        trouble = repair.diagnose(journal, options.shard, options.entry, insist=options.insist)
        fold = Tallies(client, tables["tallies"]).fold()
        if trouble.row is None and fold and options.entry <= fold.upto.get(options.shard, 0):
            raise Refused(
                f"entry {options.entry} of shard {options.shard} is counted and has expired: there is nothing to mend"
            )
        state = "its votes are put" if trouble.finished else "some of its votes may be put"
        which = f"entry {options.entry} of shard {options.shard}"
        said = visible(f"{which}: {trouble.detail} ({state})")
        console.print(said, soft_wrap=True, highlight=False, markup=False)
        command = f"mend SHARD={options.shard} ENTRY={options.entry}" + (" INSIST=yes" if options.insist else "")
        if not confirmed(
            console,
            "Move it to quarantine, and put an entry that says nothing in its place?",
            command,
            confirm=options.confirm,
        ):
            return 0
        with Audit(deployment, "mend") as audit:
            quarantine = Quarantine(deployment.client("s3"), deployment.outputs["quarantine_bucket"])
            key = repair.mend(journal, quarantine, options.shard, options.entry, insist=options.insist)
            audit.line(shard=options.shard, entry=options.entry, detail=trouble.detail, moved_to=key)
    except Refused as error:
        raise CommandError(str(error)) from error
    wake_tally(deployment)
    console.print(f"{f'moved to {key}' if key else 'mended'}: the shard goes on; audit: {audit.key}", soft_wrap=True)
    console.print(
        "redrive its dead letters, if it has any; when all is folded, `make recount` tells what the tallies miss of it",
        soft_wrap=True,
    )
    return 0
