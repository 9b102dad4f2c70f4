"""What votes brings to the commands that all pipelines have."""

from __future__ import annotations

from tools.operations.pipeline import Pipeline
from tools.operations.votes import invariants, message_summary, redrive_quarantine, smoke, status

PIPELINE = Pipeline(
    items="ballots",
    consumers={"ingest": "process", "count": "write", "tick": "tally"},
    # Who writes goes back first: so nothing of the new release's making reaches a function that is
    # old already and has not met it yet.
    rollback_order=("receive", "process", "write", "tally", "results", "vote", "rank", "conservation", "probe"),
    summary_of=message_summary.summary_of,
    messages_of=redrive_quarantine.messages_of,
    identity_of=redrive_quarantine.identity_of,
    status=status.lines,
    invariants=invariants.invariants,
    smoke=smoke.run,
)
