"""`make demo`: a burst of ballots through the deployed pipeline, compared with a count made by other code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from demo import load, picture
from demo.drain import Watch, until_drained
from demo.running import CLIENTS, Progress, account, compare, put_by_hand, tell_problems
from demo.send import Client, in_parallel
from demo.verdict import Verdict
from devcloud import stack
from devcloud.alone import alone, teller
from devcloud.runs import Run
from operations import catalogue, witnesses
from operations.place import Place

FEWEST_VOTERS = 5  # a title with fewer says little about which is best


@dataclass
class Figures:
    """What the run measured."""

    requests: int = 0
    send_seconds: float = 0.0
    drain_seconds: float = 0.0
    differing: int = 0


def demo(size: int, seed: int) -> int:
    """Run it all in build/demo and return the exit code: 0 only when everything came out as counted directly."""
    console = Console()
    run = Run.named("demo")
    with alone(run):
        say = teller(console)
        stack.up(run, say)
        place = Place.local(run)
        say(f"up: {place.outputs['votes_api_url']}")
        plan = load.build(seed, size, datetime.now(UTC))
        catalogue.put(place.client("dynamodb"), place.outputs["tables"]["catalogue"], catalogue.parse(plan.catalogue))
        say(f"send {plan.ballots} ballots")
        verdict, figures = Verdict(), Figures()
        with Watch(place) as watch:
            _drive(console, place, plan, watch, verdict, figures)
        say("compare every title's results with a direct count")
        figures.differing, results = compare(place, plan, verdict)
        say("quarantine and witnesses")
        found, seen = account(place, verdict)
        say("picture of the queues")
        images = picture.image(watch.samples, figures.send_seconds, run.folder)
        _report(console, plan, verdict, figures, found, seen, results)
        _depths(console, watch, images)
        say(f"done, seed {seed}; stopping the local cloud")
    return 1 if verdict.problems else 0


def _drive(console: Console, place: Place, plan: load.Load, watch: Watch, verdict: Verdict, figures: Figures) -> None:
    """Send everything and wait until it is counted."""
    url = place.outputs["votes_api_url"]
    progress = Progress(console, watch, plan.ballots)
    with progress:
        for requests in (plan.requests, plan.late):
            answers = in_parallel(url, requests, Client.post, CLIENTS, progress.answered)
            verdict.add_answers(plan, requests, answers)
            figures.requests += len(requests)
        figures.send_seconds = watch.seconds
        put_by_hand(place, plan, verdict)
        until_drained(place, lambda: watch.depths, told=progress.draining)
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
    settled = ", ".join(f"{outcome} {len(hashes)}" for outcome, hashes in sorted(seen.settled.items()))
    rows = {
        "sent": f"{verdict.sent} ballots in {figures.requests} requests by {CLIENTS} clients, and {len(plan.by_hand)} messages by hand",
        "accepted": f"{verdict.accepted} ballots, {verdict.repeats} of them exact repeats",
        "rejected": f"{verdict.rejected} ballots; {verdict.refused_requests} requests were refused whole",
        "quarantined": f"{sum(found.values())}: " + ", ".join(f"{reason} {count}" for reason, count in found.items()),
        "counted": f"{verdict.distinct_counted} ballots on {len(verdict.counted.titles())} titles",
        "difference": f"{figures.differing} over {len(plan.titles)} titles read over HTTP",
        "witnesses": f"{len(seen.accepted)} accepted; settled: {settled}; {len(seen.missing)} missing",
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
    tell_problems(console, verdict.problems)


def _best(results: dict[str, dict[str, Any]]) -> list[tuple[float, int, str]]:
    scored = []
    for title, found in results.items():
        votes = sum(aspect["votes"] for aspect in found["aspects"].values())
        if found["voters"] >= FEWEST_VOTERS and votes:
            points = sum(int(score) * count for aspect in found["aspects"].values() for score, count in aspect["histogram"].items())
            scored.append((points / votes, found["voters"], title))
    return sorted(scored, reverse=True)[:5]


def _depths(console: Console, watch: Watch, images: list[Path]) -> None:
    console.print(f"\nqueue depth over {watch.samples[-1].seconds:.0f} s")
    for queue in picture.COLOURS:
        most = max(sample.depths[queue] for sample in watch.samples)
        for row, blocks in enumerate(picture.lines(watch.samples, queue)):
            label = f"{queue:>7} {most:>5} " if row == 0 else " " * 14
            console.print(f"{label}│{blocks}", highlight=False, no_wrap=True, overflow="crop")
    console.print(f"as an image: {', '.join(str(path) for path in images)}", soft_wrap=True)
