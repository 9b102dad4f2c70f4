"""What `make status` shows of receipts: what waits, lanes, files by state, why some are refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from receipts.deliveries import is_to_review, waits_since
from receipts.rows import State, Waiting
from shared import clock
from tools.operations.deployment import Deployment
from tools.operations.receipts import local_database
from tools.operations.receipts.ledger_rows import MOST_PAGES, files, heartbeats, oldest_undelivered, waits

WAITS_FOR = {
    Waiting.UPLOAD: "batches open for their uploads",
    Waiting.IMAGE: "files to be read",
    Waiting.DELIVERY: "files to be delivered",
    Waiting.REVIEW: "delivered ones for review",
}


def lines(deployment: Deployment) -> Iterator[str]:
    """A line for what waits, one a lane, one for the files by state, one for what was refused."""
    yield "waits: " + "; ".join(_waits(deployment, what) for what in Waiting)
    yield from _delivery(deployment)
    yield from local_database.lines(deployment)
    states: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    receipts = again = to_review = 0
    for row in files(deployment):
        states[row.state] += 1
        receipts += row.receipts or 0
        again += row.same_as is not None
        to_review += is_to_review(row)
        reasons.update([row.reason or "?"] if row.state is State.QUARANTINED else [])
    by_state = ", ".join(f"{state} {states[state]}" for state in State if states[state]) or "none"
    yield f"files (of the ledger's first {MOST_PAGES} MB at most): {by_state}"
    yield f"receipts in them: {receipts}; read in an earlier batch: {again}"
    yield "files refused, by reason: " + (", ".join(f"{why} {n}" for why, n in sorted(reasons.items())) or "none")
    if to_review:
        yield f"for review: {to_review}: make review {deployment.words}"


def _waits(deployment: Deployment, what: Waiting) -> str:
    there = waits(deployment, what)
    word = "read" if what is Waiting.REVIEW else "due"
    late = f" (first {word} {there.overdue_seconds:.0f} s ago)" if there.overdue_seconds else ""
    return f"{WAITS_FOR[what]} {there.number}{late}"


def _delivery(deployment: Deployment) -> Iterator[str]:
    """How long the longest has waited for its delivery, and how each lane is."""
    now = clock.now_us()
    if (oldest := oldest_undelivered(deployment)) is not None:
        since = (now - (waits_since(oldest) or now)) / 1e6
        yield f"oldest undelivered: {since:.0f} s: {oldest.file_id} of batch {oldest.batch_id}"
    for beat in heartbeats(deployment):
        how = f"reached the database, {beat.latency_ms} ms, {beat.rows_a_transaction} rows a transaction"
        if not beat.reached:
            how = f"did not reach the database ({beat.reason or 'no reason told'})"
        yield f"lane {beat.lane}: {how}, {(now - beat.at) / 1e6:.0f} s ago; release {beat.version}"
