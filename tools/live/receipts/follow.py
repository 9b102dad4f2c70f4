"""The way of one file of a batch, by what the ledger says of it."""

from __future__ import annotations

from receipts import accounting
from receipts.accounting import Line
from receipts.ids import is_batch_id
from receipts.rows import State
from shared import clock
from tools.live.local.place import Place
from tools.live.local.watched import DONE, FAILED, NOT_YET, NOW, Json, step
from tools.operations.receipts.ledger_rows import ledger

REACHED = (State.READ, State.REVIEW, State.DELIVERED)


def steps(place: Place, what: str) -> list[Json] | None:
    """The steps of "batch/place", or of a batch's first file; None where there is none."""
    batch_id, _, number = what.partition("/")
    if not is_batch_id(batch_id):
        return None
    there = ledger(place.deployment)
    batch = there.batch(batch_id)
    if batch is None:
        return None
    account = accounting.account(batch, accounting.sort(there.items(batch_id)), clock.now_us())
    wanted = int(number) if number.isdigit() else 0
    lines = [line for line in account.lines if line.place <= wanted]
    opened = step(
        "opened", DONE, f"batch of {batch.customer_id}, {sum(account.counts.values())} files", batch.created_at / 1000
    )
    return [opened, *(_of(lines[-1]) if lines else [])]


def _of(line: Line) -> list[Json]:
    row, name = line.row, " = ".join(line.names)
    if line.state in (State.QUARANTINED, accounting.IGNORED):
        return [step("refused", FAILED, f"{name}: {line.reason}: {line.detail or ''}")]
    if row is None:
        return [step("received", NOW, f"{name}: nothing has come yet")]
    found = [step("received", DONE, f"{name}, {row.size:,} bytes", row.received_at / 1000)]
    if row.state in REACHED:
        told = f"{row.receipts} receipts in {row.result_key}{f', as in batch {row.same_as}' if row.same_as else ''}"
        found.append(step("read", DONE, told, None if row.read_at is None else row.read_at / 1000))
    else:
        found.append(step("read", NOW, f"waits to be read, sent {row.sent} times"))
    if row.delivered_at is not None:
        found.append(step("delivered", DONE, "its rows stand in the database", row.delivered_at / 1000))
    else:
        found.append(step("delivered", NOW if row.state in REACHED else NOT_YET, "waits for the database"))
    if row.review:
        found.append(step("review", NOW, f"for a person: {row.review}"))
    return found
