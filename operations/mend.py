"""`make mend SHARD=… ENTRY=…`: move a journal entry that cannot be read to quarantine, so that its shard goes on."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console

from devcloud.runs import LocalCloudError
from operations.asking import agreed
from operations.audit import Audit
from operations.place import Place
from operations.queues import wake_tally
from votes import repair
from votes.journal import Journal
from votes.quarantine import Quarantine
from votes.repair import Refused
from votes.tallies import Tallies


@dataclass(frozen=True)
class Order:
    """What a person asked for: which entry; `insist`: it is damaged, whatever speaks against it."""

    shard: int
    entry: int
    insist: bool = False
    confirm: bool = False


def run(place: Place, console: Console, order: Order) -> int:
    """Say what is wrong with the entry, and move it if that is confirmed. Raises LocalCloudError when it must not be moved."""
    client, tables = place.client("dynamodb"), place.outputs["tables"]
    journal = Journal(client, tables["journal"], tables["votes"])
    try:
        trouble = repair.look(journal, order.shard, order.entry, insist=order.insist)
        fold = Tallies(client, tables["tallies"]).fold()
        if trouble.row is None and fold and order.entry <= fold.upto.get(order.shard, 0):
            raise Refused(f"entry {order.entry} of shard {order.shard} is counted and has expired: there is nothing to mend")
        state = "its votes are put" if trouble.finished else "some of its votes may be put"
        console.print(f"entry {order.entry} of shard {order.shard}: {trouble.detail} ({state})", soft_wrap=True, highlight=False)
        command = f"mend SHARD={order.shard} ENTRY={order.entry}" + (" INSIST=yes" if order.insist else "")
        if not agreed(console, "Move it to quarantine, and put an entry that says nothing in its place?", command, confirm=order.confirm):
            return 0
        with Audit(place, "mend") as audit:
            shelf = Quarantine(place.client("s3"), place.outputs["quarantine_bucket"])
            key = repair.mend(journal, shelf, order.shard, order.entry, insist=order.insist)
            audit.line(shard=order.shard, entry=order.entry, detail=trouble.detail, moved_to=key)
    except Refused as error:
        raise LocalCloudError(str(error)) from error
    wake_tally(place)
    console.print(f"{f'moved to {key}' if key else 'mended'}: the shard goes on; audit: {audit.key}", soft_wrap=True)
    console.print(
        "redrive its dead letters, if it has any; when all is folded, `make recount` tells what the tallies miss of it", soft_wrap=True
    )
    return 0
