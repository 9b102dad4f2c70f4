"""`make status`: pipelines at a glance, and whether they are well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from tools.common.console import plain_table
from tools.common.errors import CommandError
from tools.common.text import MOST, visible
from tools.operations import quarantine
from tools.operations.deployment import Deployment
from tools.operations.findings import Finding, paragraphs, verdict
from tools.operations.invariants import Watch
from tools.operations.pipeline import Pipeline
from tools.operations.queues import depth, oldest_seconds


class Health(NamedTuple):
    """What is wrong with a pipeline, and what to say of it where nothing is."""

    findings: list[Finding]
    well: str


def run(looked_at: Sequence[tuple[Deployment, Pipeline]], console: Console) -> int:
    """Print of each pipeline its queues, quarantine and what it adds; last, whether all are well.

    1 where one is not.
    """
    healths = {}
    for deployment, pipeline in looked_at:
        _show(deployment, console, pipeline)
        healths[deployment.pipeline] = health(deployment, pipeline)
    found = findings(healths)
    line = visible(verdict(found, well(healths)), 4 * MOST)
    if found and console.is_terminal:
        line = paragraphs(found, console.width)
    style = "bold red" if found else "bold green"
    console.print(line, style=style, soft_wrap=True, highlight=False, markup=False)
    return int(bool(found))


def health(deployment: Deployment, pipeline: Pipeline, *, from_outside: bool = False) -> Health:
    """How a pipeline is now (see `Watch`). What cannot be looked at is a finding too."""
    try:
        watch = Watch(deployment, pipeline, from_outside=from_outside)
        return Health(watch.wrong(), watch.well)
    except (ClientError, BotoCoreError, CommandError) as error:
        return Health([Finding(f"nobody knows how {deployment.pipeline} is, for it cannot be looked at ({error})")], "")


def findings(healths: Mapping[str, Health]) -> list[Finding]:
    """All of them, each with its pipeline's name where there are several."""
    return [
        Finding(f"{_named(name, healths)}{one}", one.command, since=one.since)
        for name, health in healths.items()
        for one in health.findings
    ]


def well(healths: Mapping[str, Health]) -> str:
    """What to say where nothing is wrong."""
    return "; ".join(f"{_named(name, healths)}{health.well}" for name, health in healths.items())


def _named(pipeline: str, healths: Mapping[str, Health]) -> str:
    return f"{pipeline}: " if len(healths) > 1 else ""


def _show(deployment: Deployment, console: Console, pipeline: Pipeline) -> None:
    console.print(f"[bold]{deployment.pipeline}[/bold] in {deployment.name}", highlight=False)
    if url := deployment.outputs.get("api_url"):
        console.print(url, soft_wrap=True, markup=False)
    console.print(_queues(deployment, pipeline))
    if deployment.outputs.get("quarantine_bucket"):
        console.print(_quarantine(deployment), markup=False)
    for line in pipeline.status(deployment):
        console.print(visible(line), markup=False)
    console.print()


def _quarantine(deployment: Deployment) -> str:
    counts, complete = quarantine.by_reason(deployment, deployment.client("s3"))
    reasons = visible(", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()))) or "empty"
    return f"quarantine (objects by reason{'' if complete else ', the first 20,000'}): {reasons}"


def _queues(deployment: Deployment, pipeline: Pipeline) -> Table:
    sqs = deployment.client("sqs")
    table = plain_table("queue", "waiting", "in flight", "delayed", "oldest", "dead letters")
    for name in in_order(deployment, pipeline):
        queue = deployment.outputs["queues"][name]
        now, dead = depth(sqs, queue["url"]), depth(sqs, queue["dead_letter_url"])
        age = oldest_seconds(deployment, queue["url"], queue["name"])
        oldest = "–" if age is None else f"{age:,.0f} s"
        letters = f"[red]{dead.total:,}[/red]" if dead.total else "0"
        table.add_row(name, *(f"{count:,}" for count in (now.waiting, now.in_flight, now.delayed)), oldest, letters)
    return table


def in_order(deployment: Deployment, pipeline: Pipeline) -> Iterator[str]:
    """The queues, in the order of the way that messages go; those that nobody takes from last."""
    queues = deployment.outputs["queues"]
    yield from (name for name in pipeline.consumers if name in queues)
    yield from (name for name in queues if name not in pipeline.consumers)
