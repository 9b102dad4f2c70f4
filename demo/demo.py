"""`make demo`: a burst of ballots through the deployed pipeline, compared with a count made by other code."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from demo import load, picture
from demo.drain import Watch, until_drained
from demo.send import Answer, Client, in_parallel
from demo.verdict import Verdict
from devcloud import emulator, stack
from devcloud.runs import Run
from operations import catalogue, quarantine, witnesses
from operations.place import Place

CLIENTS = 4
FEWEST_VOTERS = 5  # a title with fewer says little about which is best
SHOWN_PROBLEMS = 20


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
    with run.locked(), _stopping_on_signals(), _cleared(run):
        began = time.monotonic()

        def say(step: str) -> None:
            console.print(f"[dim]{time.monotonic() - began:5.1f} s[/dim]  {step}", soft_wrap=True, highlight=False)

        stack.up(run, say)
        place = Place.local(run)
        say(f"up: {place.outputs['votes_api_url']}")
        plan = load.build(seed, size, datetime.now(UTC))
        catalogue.put(place.client("dynamodb"), place.outputs["tables"]["catalogue"], catalogue.parse(plan.catalogue))
        say(f"send {plan.ballots} ballots")
        verdict, figures = Verdict(), Figures()
        watch = Watch(place)
        try:
            _drive(console, place, plan, watch, verdict, figures)
        finally:
            watch.stop()
        say("compare every title's results with a direct count")
        results = _compare(place, plan, verdict, figures)
        say("quarantine and witnesses")
        found = verdict.check_quarantine(list(quarantine.lines(place, place.client("s3"))))
        seen = witnesses.read(place)
        if seen.missing:
            verdict.problems.append(f"{len(seen.missing)} accepted ballots were never settled: {sorted(seen.missing)[:5]} …")
        say("picture of the queues")
        images = picture.image(watch.samples, figures.send_seconds, run.folder)
        _report(console, plan, verdict, figures, found, seen, results)
        _depths(console, watch, images)
        say(f"done, seed {seed}; stopping the local cloud")
    return 1 if verdict.problems else 0


def _drive(console: Console, place: Place, plan: load.Load, watch: Watch, verdict: Verdict, figures: Figures) -> None:
    """Send everything and wait until it is counted."""
    url = place.outputs["votes_api_url"]
    progress = _Progress(console, watch, plan.ballots)
    watch.start()
    with progress:
        for requests in (plan.requests, plan.late):
            answers = in_parallel(url, requests, Client.post, CLIENTS, progress.answered)
            verdict.add_answers(plan, requests, answers)
            figures.requests += len(requests)
        figures.send_seconds = watch.seconds
        sqs = place.client("sqs")
        for body in plan.by_hand:
            sqs.send_message(QueueUrl=place.outputs["queues"]["ingest"]["url"], MessageBody=body)
        verdict.add_by_hand(plan)
        until_drained(place, lambda: watch.depths, told=progress.draining)
        figures.drain_seconds = watch.seconds - figures.send_seconds


def _compare(place: Place, plan: load.Load, verdict: Verdict, figures: Figures) -> dict[str, dict[str, Any]]:
    """Read every title's results over HTTP and hold them against the direct count."""
    titles = [film.title_id for film in plan.films] + [load.CLOSED, load.NOT_OPEN, load.OPEN]
    results = in_parallel(place.outputs["votes_api_url"], titles, Client.results, CLIENTS)
    figures.differing = verdict.check_results(titles, results)
    return {title: found for title, found in zip(titles, results, strict=True) if found}


class _Progress:
    """One line that is rewritten on a terminal, and a line every few seconds elsewhere."""

    def __init__(self, console: Console, watch: Watch, ballots: int) -> None:
        self._console, self._watch, self._ballots = console, watch, ballots
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._answers = self._taken = 0
        self._said = 0.0

    def __enter__(self) -> None:
        if self._live:
            self._live.start()

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def answered(self, answer: Answer) -> None:
        self._answers += 1
        self._taken += len(answer.body["accepted"]) if answer.status == 202 else 0
        rate = self._answers / max(0.1, self._watch.seconds)
        self._show(
            f"sending: {self._answers} requests answered, {self._taken} of {self._ballots} ballots accepted, {rate:.0f} requests/s",
            self._watch.depths,
        )

    def draining(self, depths: dict[str, int], behind: int) -> None:
        self._show(f"draining: {behind} journal entries not folded yet", depths)

    def _show(self, what: str, depths: dict[str, int]) -> None:
        line = f"{self._watch.seconds:5.1f} s  {what}; queues: " + ", ".join(f"{name} {count}" for name, count in depths.items())
        if self._live:
            self._live.update(line)
        elif self._watch.seconds - self._said > 2:
            self._said = self._watch.seconds
            self._console.print(line, highlight=False, soft_wrap=True)


def _report(
    console: Console,
    plan: load.Load,
    verdict: Verdict,
    figures: Figures,
    found: Counter[str],
    seen: witnesses.Witnesses,
    results: dict[str, dict[str, Any]],
) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    settled = ", ".join(f"{outcome} {len(hashes)}" for outcome, hashes in sorted(seen.settled.items()))
    rows = {
        "sent": f"{verdict.sent} ballots in {figures.requests} requests by {CLIENTS} clients, and {len(plan.by_hand)} messages by hand",
        "accepted": f"{verdict.accepted} ballots, {verdict.repeats} of them exact repeats",
        "rejected": f"{verdict.rejected} ballots; {verdict.refused_requests} requests were refused whole",
        "quarantined": f"{found.total()}: " + ", ".join(f"{reason} {count}" for reason, count in sorted(found.items())),
        "counted": f"{verdict.distinct_counted} ballots on {len(verdict.counted.titles())} titles",
        "difference": f"{figures.differing} over {len(plan.films) + 3} titles read over HTTP",
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
    for problem in verdict.problems[:SHOWN_PROBLEMS]:
        console.print(f"[red]problem:[/red] {problem}", highlight=False)
    if len(verdict.problems) > SHOWN_PROBLEMS:
        console.print(f"[red]… and {len(verdict.problems) - SHOWN_PROBLEMS} more problems[/red]")


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


@contextmanager
def _cleared(run: Run) -> Iterator[None]:
    """Stop what the run started, however it ends, and what an earlier one left that was killed."""
    stack.down(run)
    try:
        yield
    finally:
        emulator.stop(run)
        run.outputs_file.unlink(missing_ok=True)


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the run as Ctrl-C does: through every `finally`."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
