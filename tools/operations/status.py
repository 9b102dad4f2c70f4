"""`make status`: the pipeline at a glance."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tools.common.text import visible
from tools.environment.names import DEFAULT_PIPELINE
from tools.operations import quarantine
from tools.operations.deployment import Deployment
from tools.operations.pipeline import Pipeline
from tools.operations.queues import depth, oldest_seconds


def run(deployment: Deployment, console: Console, pipeline: Pipeline) -> int:
    """Print queue depths, oldest messages, dead letters, quarantine, and what the pipeline adds."""
    console.print(f"[bold]{deployment.name}[/bold]  {deployment.outputs.get('api_url', deployment.pipeline)}")
    console.print(_queues(deployment))
    if deployment.outputs.get("quarantine_bucket"):
        console.print(_quarantine(deployment), markup=False)
    for line in pipeline.status(deployment):
        console.print(visible(line), markup=False)
    return 0


def _quarantine(deployment: Deployment) -> str:
    counts, complete = quarantine.by_reason(deployment, deployment.client("s3"))
    reasons = visible(", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()))) or "empty"
    return f"quarantine (objects by reason{'' if complete else ', the first 20,000'}): {reasons}"


def _queues(deployment: Deployment) -> Table:
    sqs = deployment.client("sqs")
    table = Table("queue", "waiting", "in flight", "delayed", "oldest", "dead letters")
    for name, queue in deployment.outputs["queues"].items():
        now, dead = depth(sqs, queue["url"]), depth(sqs, queue["dead_letter_url"])
        age = oldest_seconds(deployment, queue["url"], queue["name"])
        oldest = "–" if age is None else f"{age:.0f} s"
        named = f"PIPELINE={deployment.pipeline} " if deployment.pipeline != DEFAULT_PIPELINE else ""
        command = f"make redrive {named}QUEUE={name}"
        letters = f"[red]{dead.total}[/red]  {command}" if dead.total else "0"
        table.add_row(name, str(now.waiting), str(now.in_flight), str(now.delayed), oldest, letters)
    return table
