"""`make batch BATCH=…`: what has become of every file of a batch, as its customer is told it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console

from receipts import accounting, revisions
from receipts.accounting import STATES, Account, Line
from receipts.ids import is_batch_id, rfc3339
from receipts.rows import FileRow
from shared import clock
from tools.common.errors import CommandError
from tools.common.text import counted, visible
from tools.operations.deployment import Deployment
from tools.operations.receipts.ledger_rows import ledger

MOST_NAME = 80  # characters


@dataclass(frozen=True)
class Options:
    """Which batch, and how many of its files are listed at most."""

    batch_id: str
    most: int = 500


def run(deployment: Deployment, console: Console, options: Options) -> int:
    """Print the account. Raises CommandError where there is no such batch."""
    account = account_of(deployment, options.batch_id)
    for text in told(account):
        console.print(visible(text), soft_wrap=True, highlight=False, markup=False)
    for line in account.lines[: options.most]:
        for text in _paragraph(line):
            console.print(text, soft_wrap=True, highlight=False, markup=False)
    if (more := len(account.lines) - options.most) > 0:
        console.print(f"… and {more} more: MOST={len(account.lines)} lists them")
    return 0


def account_of(deployment: Deployment, batch_id: str) -> Account:
    """The account of a batch now. Raises CommandError where there is none of that id."""
    if not batch_id:
        raise CommandError(f"say which: make batch BATCH=… ENV={deployment.name} (POST /v1/batches answered its id)")
    if not is_batch_id(batch_id):
        raise CommandError(f"BATCH {visible(batch_id)!r} is no batch's id: 26 of the characters a-z 2-7")
    there = ledger(deployment)
    batch = there.batch(batch_id)
    if batch is None:
        raise CommandError(f"{deployment.name} has no batch {batch_id}; rows are kept for as long as `keep.batch_days`")
    return accounting.account(batch, accounting.sort(there.items(batch_id)), clock.now_us())


def told(account: Account) -> Iterator[str]:
    """The account in a few lines: whose it is, how far it is, and a sum that adds up."""
    batch = account.batch
    what = f"{batch.files} files announced" if batch.archive is None else f"an archive of {batch.entries} entries"
    if batch.archive is not None and batch.entries is None:
        what = "an archive that has not been looked into"
    yield f"batch {batch.batch_id} of {batch.customer_id}: {what}, opened {rfc3339(batch.created_at)}"
    read = [line.row.read_at for line in account.lines if line.row and line.row.read_at is not None]
    if read:
        seconds = (max(read) - batch.created_at) / 1e6
        yield f"last result {rfc3339(max(read))}, {seconds:.1f} s after it was opened"
    at = [line.row.delivered_at for line in account.lines if line.row and line.row.delivered_at is not None]
    if at:
        yield f"last delivery {rfc3339(max(at))}, {(max(at) - batch.created_at) / 1e6:.1f} s after it was opened"
    yield f"{account.to_deliver} to be delivered, {account.to_review} to be looked at by a person"
    parts = [f"{account.counts[state]} {state}" for state in STATES if account.counts[state]]
    total = sum(account.counts.values())
    yield f"{' + '.join(parts) or '0'} = {total} files; " + ("under way" if account.is_open else "closed")


def _paragraph(line: Line) -> Iterator[str]:
    """A file as it is: place, names and state; then what became of it, why, and its id to type."""
    yield f"{line.place:>4}  {' = '.join(visible(name, MOST_NAME) for name in line.names)}: {line.state}"
    row = line.row
    if row is None:
        became, same = [], ""
    else:
        read = "" if row.receipts is None else counted(row.receipts, "receipt")
        delivered = _delivery(row)
        became = [read, delivered and f"delivery {delivered}", row.review and f"review {row.review}"]
        same = f"read before, in {row.same_as}" if row.same_as else ""
    why = ": ".join(filter(None, (line.reason, line.detail))) or same
    for text in ("; ".join(filter(None, became)), visible(why, 200), f"file {row.file_id}" if row else ""):
        if text:
            yield f"      {text}"


def _delivery(row: FileRow) -> str:
    """What became of each fact of a file: of what was read, and of its corrections."""
    words = {revisions.WAITS: "waits", revisions.STANDS: "stands", revisions.REFUSED: "refused"}
    return ", ".join(words[fate] for fate in row.revisions)
