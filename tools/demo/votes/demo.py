"""`make demo`: a burst of ballots through the deployed pipeline, and the proof that each counted.

What came out is compared with a count made by other code.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tools.common import pictures
from tools.common.balance import print_balance
from tools.common.console import step_printer
from tools.demo.votes.running import (
    CLIENTS,
    Progress,
    account,
    compare,
    print_problems,
    put_by_hand,
    settled,
)
from tools.local_cloud import stack
from tools.local_cloud.exclusive import exclusive_run
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.operations.votes import catalogue, witnesses
from tools.traffic import queue_picture
from tools.traffic.client import in_parallel
from tools.traffic.drain import Watch
from tools.traffic.votes import api, load
from tools.traffic.votes.counted import until_counted
from tools.traffic.votes.verdict import Verdict

QUEUES = ("ingest", "count", "tick")  # in the order of the way
PICTURE = "Queue depth while the votes pipeline takes in a burst"
FEWEST_VOTERS = 5  # a title with fewer says little about which is best


@dataclass
class Figures:
    """What the run measured."""

    requests: int = 0
    send_seconds: float = 0.0
    drain_seconds: float = 0.0
    differing: int = 0


def demo(size: int, seed: int, entrance: str = "") -> int:
    """Run it all in build/demo, by way of an `entrance` where it is not environments/local's.

    Returns the exit code: 0 only when everything came out as counted directly.
    """
    console = Console()
    run = Run.named("demo")
    with exclusive_run(run):
        say, began = step_printer(console), time.monotonic()
        stack.up(run, say, pipelines=("votes",), entrance=entrance)
        deployment = Deployment.local(run)
        say(f"up: {deployment.outputs['api_url']}")
        plan = load.build(seed, size, datetime.now(UTC))
        catalogue.load(deployment, plan.catalogue)
        say(f"send {plan.ballots} ballots")
        verdict, figures = Verdict(), Figures()
        with Watch(deployment) as watch:
            progress = Progress(console, watch, plan.ballots, time.monotonic() - began)
            _drive(progress, deployment, plan, watch, verdict, figures)
        say("compare every title's results with a direct count")
        figures.differing, results = compare(deployment, plan, verdict)
        say("quarantine and witnesses")
        found, seen = account(deployment, verdict)
        balance = verdict.balance(sum(found.values()), len(seen.missing))
        say("picture of the queues")
        images = _images(watch, figures, run.folder)
        _report(console, plan, verdict, figures, found, seen, results)
        _depths(console, watch, images)
        say(f"done, seed {seed}; stopping the local cloud")
    print_balance(console, balance, verdict.problems)
    return 1 if verdict.problems else 0


def _drive(
    progress: Progress, deployment: Deployment, plan: load.Load, watch: Watch, verdict: Verdict, figures: Figures
) -> None:
    """Send everything and wait until it is counted."""
    url = deployment.outputs["api_url"]
    with progress:
        for requests in (plan.requests, plan.late):
            answers = in_parallel(url, requests, api.post, CLIENTS, progress.answered)
            verdict.add_answers(plan, requests, answers)
            figures.requests += len(requests)
        figures.send_seconds = watch.seconds
        put_by_hand(deployment, plan, verdict)
        until_counted(deployment, lambda: watch.depths, on_look=progress.draining)
        figures.drain_seconds = watch.seconds - figures.send_seconds


def _report(
    console: Console,
    plan: load.Load,
    verdict: Verdict,
    figures: Figures,
    found: dict[str, int],
    seen: witnesses.Witnesses,
    results: dict[str, dict[str, Any]],
) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    rows = {
        "sent": (
            f"{verdict.sent} ballots: {verdict.sent - verdict.by_hand} in {figures.requests} requests by {CLIENTS} "
            f"clients, {verdict.by_hand} by hand"
        ),
        "accepted": f"{verdict.accepted} over HTTP, {verdict.repeats} of them exact repeats",
        "rejected": f"{verdict.rejected} ballots; {verdict.refused_requests} requests were refused whole",
        "quarantined": f"{sum(found.values())}: " + ", ".join(f"{reason} {count}" for reason, count in found.items()),
        "counted": f"{verdict.distinct_counted} ballots on {len(verdict.counted.titles())} titles",
        "difference": f"{figures.differing} over {len(plan.titles)} titles read over HTTP",
        "witnesses": settled(seen),
        "requests/s": f"{figures.requests / figures.send_seconds:.0f}",
        "drained": f"{figures.drain_seconds:.1f} s after the last request",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)
    console.print("\nbest-scored titles (mean over all aspects, at least five voters)")
    names = {film.title_id: film.title for film in plan.films}
    for score, voters, title in _best(results):
        console.print(f"  {score:.2f}  {names.get(title, title)}  ({voters} voters)", highlight=False)
    print_problems(console, verdict.problems)


def _best(results: dict[str, dict[str, Any]]) -> list[tuple[float, int, str]]:
    scored = []
    for title, found in results.items():
        votes = sum(aspect["votes"] for aspect in found["aspects"].values())
        if found["voters"] >= FEWEST_VOTERS and votes:
            points = sum(map(_points, found["aspects"].values()))
            scored.append((points / votes, found["voters"], title))
    return sorted(scored, reverse=True)[:5]


def _points(aspect: dict[str, Any]) -> int:
    """All scores of an aspect together."""
    return sum(int(score) * count for score, count in aspect["histogram"].items())


def _images(watch: Watch, figures: Figures, folder: Path) -> list[Path]:
    """The queues' depths as images; none where nobody asked for what draws them."""
    if not pictures.can_draw():
        return []
    return queue_picture.image(watch.samples, QUEUES, figures.send_seconds, PICTURE, folder)


def _depths(console: Console, watch: Watch, images: list[Path]) -> None:
    console.print(f"\nqueue depth over {watch.samples[-1].seconds:.0f} s")
    for queue in QUEUES:
        most = max(sample.depths[queue] for sample in watch.samples)
        for row, blocks in enumerate(queue_picture.lines(watch.samples, queue)):
            label = f"{queue:>7} {most:>5} " if row == 0 else " " * 14
            console.print(f"{label}│{blocks}", highlight=False, no_wrap=True, overflow="crop")
    as_image = ", ".join(str(path) for path in images) or "make demo PICTURE=yes (installs matplotlib)"
    console.print(f"as an image: {as_image}", soft_wrap=True)
