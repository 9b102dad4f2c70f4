"""`make proof RUN=…`: sums the tree of a run's parcels again, and looks for each one's answers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rich.console import Console

from harvest import proof, run_rows
from harvest.ledger import Ledger
from harvest.proof import Proof
from shared import clock
from tools.common.errors import CommandError
from tools.common.text import visible
from tools.operations.deployment import Deployment

MOST_NAMED = 20
DAY_MS = 86_400_000


def run(deployment: Deployment, console: Console, run_id: str) -> int:
    """Print what the rows add up to, level by level; 1 where that is not complete.

    Raises CommandError where there is no such run.
    """
    if not run_id:
        raise CommandError("say which: make proof RUN=… (`make runs` lists them)")
    found = proof.prove(Ledger(deployment.client("dynamodb"), deployment.outputs["tables"]["ledger"]), run_id)
    if found is None:
        raise CommandError(f"there is no run {run_id!r} here: rows are kept for 30 days")

    def say(text: str) -> None:
        console.print(visible(text, 400), soft_wrap=True, highlight=False, markup=False)

    say(f"{run_id}: {found.run.state}; {found.parcels:,} parcels, {found.orphans:,} that no commit names")
    for name, level in found.counts.levels.items():
        holds = "=" if level.expected == level.settled else "≠"
        ends = f"{level.ok:,} ok + {level.gone:,} gone + {level.failed:,} failed"
        say(f"  {name}: {level.expected:,} expected {holds} {ends}")
    problems = [*found.problems, *_unproven(found), *_lost(deployment, found)]
    for problem in problems[:MOST_NAMED]:
        say(f"  {problem}")
    if len(problems) > MOST_NAMED:
        say(f"  … and {len(problems) - MOST_NAMED} more")
    say("complete: every task that a commit names is settled once" if not problems else "NOT complete")
    return 1 if problems else 0


def _unproven(found: Proof) -> list[str]:
    """What the tree itself lacks."""
    lacks = [f"{found.still_open:,} parcels are open"] if found.still_open else []
    if not found.counts.agree:
        lacks.append("at some level, expected is not ok + gone + failed")
    if found.run.state in (run_rows.COMPLETED, run_rows.WITH_FAILURES) and lacks:
        lacks.append("and yet the run says that it is complete: keep its rows, and tell us")
    return lacks


def _lost(deployment: Deployment, found: Proof) -> list[str]:
    """Answers that are named and not in the bucket, unless they may have expired."""
    kept_ms = deployment.outputs["settings"]["parcel_days"] * DAY_MS
    if found.run.started < clock.now_us() // 1000 - kept_ms:
        return []
    there = _keys(deployment.client("s3"), deployment.outputs["buckets"]["results"], found.run.run_id)
    return [f"{key} is named by a commit and is not there" for key in found.objects if key not in there]


def _keys(s3: Any, bucket: str, run_id: str) -> Collection[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"parcels/run={run_id}/")
    return {one["Key"] for page in pages for one in page.get("Contents", ())}
