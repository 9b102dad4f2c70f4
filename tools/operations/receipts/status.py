"""What `make status` shows of receipts: what waits, files by state, and why files are refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from receipts.rows import State, Waiting
from tools.operations.deployment import Deployment
from tools.operations.receipts.ledger_rows import MOST_PAGES, files, waits

WAITS_FOR = {
    Waiting.UPLOAD: "batches open for their uploads",
    Waiting.IMAGE: "files to be read",
    Waiting.DELIVERY: "files to be delivered",
}


def lines(deployment: Deployment) -> Iterator[str]:
    """A line for what waits, one for the files by state, one for what was refused."""
    yield "waits: " + "; ".join(_waits(deployment, what) for what in Waiting)
    states: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    receipts = again = 0
    for row in files(deployment):
        states[row.state] += 1
        receipts += row.receipts or 0
        again += row.same_as is not None
        reasons.update([row.reason or "?"] if row.state is State.QUARANTINED else [])
    by_state = ", ".join(f"{state} {states[state]}" for state in State if states[state]) or "none"
    yield f"files (of the ledger's first {MOST_PAGES} MB at most): {by_state}"
    yield f"receipts in them: {receipts}; read in an earlier batch: {again}"
    yield "files refused, by reason: " + (", ".join(f"{why} {n}" for why, n in sorted(reasons.items())) or "none")
    if states[State.REVIEW]:
        yield f"for review: {states[State.REVIEW]}: make review {deployment.words}"


def _waits(deployment: Deployment, what: Waiting) -> str:
    there = waits(deployment, what)
    late = f" (first due {there.overdue_seconds:.0f} s ago)" if there.overdue_seconds else ""
    return f"{WAITS_FOR[what]} {there.number}{late}"
