"""What receipts brings to the commands that all pipelines have."""

from __future__ import annotations

from tools.operations.pipeline import Pipeline
from tools.operations.receipts import invariants, message_summary, redrive_quarantine, smoke, status

PIPELINE = Pipeline(
    items="files",
    consumers={
        "intake": "split",
        "image": "read",
        "delivery": "deliver",
        "lane": "deliver",
        "delivered": "settle",
    },
    # Who sends goes back first: so nothing of the new release's making reaches a function that is
    # old already and has not met it yet.
    rollback_order=(
        "accept",
        "sweep",
        "review",
        "report",
        "split",
        "read",
        "wake",
        "deliver",
        "settle",
        "account",
    ),
    summary_of=message_summary.summary_of,
    messages_of=redrive_quarantine.messages_of,
    identity_of=redrive_quarantine.identity_of,
    status=status.lines,
    invariants=invariants.invariants,
    smoke=smoke.run,
    before_redrive=redrive_quarantine.before_redrive,
)
