"""What every run against a local cloud of its own has in common: what it tells meanwhile, what it compares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.live import Live

from demo.drain import Watch
from demo.load import Load
from demo.send import Answer, Client, in_parallel
from demo.verdict import Verdict
from operations import quarantine, witnesses
from operations.place import Place

CLIENTS = 4
SHOWN_PROBLEMS = 20


class Progress:
    """One line that is rewritten on a terminal, and a line every few seconds elsewhere."""

    def __init__(self, console: Console, watch: Watch, ballots: int) -> None:
        self._console, self._watch, self._ballots = console, watch, ballots
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._answers = self._taken = 0
        self._said = 0.0

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

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


def put_by_hand(place: Place, plan: Load, verdict: Verdict) -> None:
    """Put what comes by hand, good and poison, on the ingest queue."""
    sqs = place.client("sqs")
    for body in plan.by_hand:
        sqs.send_message(QueueUrl=place.outputs["queues"]["ingest"]["url"], MessageBody=body)
    verdict.add_by_hand(plan)


def compare(place: Place, plan: Load, verdict: Verdict) -> tuple[int, dict[str, dict[str, Any]]]:
    """Read every title's results over HTTP and hold them against the direct count: how many statements differ, and the results."""
    titles = plan.titles
    results = in_parallel(place.outputs["votes_api_url"], titles, Client.results, CLIENTS)
    differing = verdict.check_results(titles, results)
    return differing, {title: found for title, found in zip(titles, results, strict=True) if found}


def account(place: Place, verdict: Verdict) -> tuple[dict[str, int], witnesses.Witnesses]:
    """Hold quarantine against what belongs there, and the witnesses against each other: quarantined by reason, and the witnesses."""
    found = verdict.check_quarantine(list(quarantine.lines(place, place.client("s3"))))
    seen = witnesses.read(place)
    if seen.missing:
        verdict.problems.append(f"{len(seen.missing)} accepted ballots were never settled: {sorted(seen.missing)[:5]} …")
    return dict(sorted(found.items())), seen


def tell_problems(console: Console, problems: Sequence[str]) -> None:
    for problem in problems[:SHOWN_PROBLEMS]:
        console.print(f"[red]problem:[/red] {problem}", highlight=False)
    if len(problems) > SHOWN_PROBLEMS:
        console.print(f"[red]… and {len(problems) - SHOWN_PROBLEMS} more problems[/red]")
