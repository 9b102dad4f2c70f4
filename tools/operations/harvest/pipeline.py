"""What a harvest brings to the commands that all pipelines have."""

from __future__ import annotations

from tools.operations.harvest import invariants, message_summary, redrive_tasks, smoke, status
from tools.operations.pipeline import Pipeline

PIPELINE = Pipeline(
    items="tasks",
    consumers={"turn": "pace", "parcel": "work", "store": "store"},
    # Who writes goes back first: so nothing of the new release's making reaches a function that is
    # old already and has not met it yet.
    rollback_order=("start", "pace", "work", "store", "runs"),
    summary_of=message_summary.summary_of,
    messages_of=redrive_tasks.messages_of,
    identity_of=redrive_tasks.identity_of,
    status=status.lines,
    invariants=invariants.invariants,
    smoke=smoke.run,
    take_back=redrive_tasks.take_back,
)
