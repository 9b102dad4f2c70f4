"""What every run against a local cloud of its own shares: its progress, what it compares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from tools.demo.progress import ProgressLine
from tools.operations import quarantine
from tools.operations.api import address
from tools.operations.deployment import Deployment
from tools.operations.votes import witnesses
from tools.traffic.client import Answer, in_parallel
from tools.traffic.drain import Watch
from tools.traffic.votes import api
from tools.traffic.votes.load import Load
from tools.traffic.votes.verdict import Verdict

CLIENTS = 4
SHOWN_PROBLEMS = 20


class Progress(ProgressLine):
    """What is sent and accepted, and then what is not folded yet."""

    def __init__(self, console: Console, watch: Watch, ballots: int, ahead: float = 0.0) -> None:
        super().__init__(console, watch, ahead)
        self._ballots = ballots
        self._answers = self._taken = 0

    def answered(self, answer: Answer) -> None:
        """A request was answered."""
        self._answers += 1
        self._taken += len(answer.body["accepted"]) if answer.status == 202 else 0
        rate = self._answers / max(0.1, self._watch.seconds)
        done = f"{self._answers} requests answered, {self._taken} of {self._ballots} ballots accepted"
        self.show(f"sending: {done}, {rate:.0f} requests/s", self._watch.depths)

    def draining(self, depths: dict[str, int], behind: int) -> None:
        """All is sent, and so many journal entries are not folded."""
        self.show(f"draining: {behind} journal entries not folded yet", depths)


def put_by_hand(deployment: Deployment, plan: Load, verdict: Verdict) -> None:
    """Put what comes by hand, good and poison, on the ingest queue."""
    sqs = deployment.client("sqs")
    for body in plan.by_hand:
        sqs.send_message(QueueUrl=deployment.outputs["queues"]["ingest"]["url"], MessageBody=body)
    verdict.add_by_hand(plan)


def compare(deployment: Deployment, plan: Load, verdict: Verdict) -> tuple[int, dict[str, dict[str, Any]]]:
    """Read every title's results over HTTP, and hold them against the direct count.

    Returns how many statements differ, and the results by title.
    """
    titles = plan.titles
    results = in_parallel(address(deployment, "GET", "/v1/titles/any/results"), titles, api.results, CLIENTS)
    differing = verdict.check_results(titles, results)
    return differing, {title: found for title, found in zip(titles, results, strict=True) if found}


def account(deployment: Deployment, verdict: Verdict) -> tuple[dict[str, int], witnesses.Witnesses]:
    """Hold quarantine against what belongs there, and the witnesses against each other.

    Returns how much is quarantined by reason, and the witnesses.
    """
    found = verdict.check_quarantine(list(quarantine.lines(deployment, deployment.client("s3"))))
    seen = witnesses.read(deployment)
    if seen.missing:
        verdict.problems.append(
            f"{len(seen.missing)} accepted ballots were never settled: {sorted(seen.missing)[:5]} …"
        )
    return dict(sorted(found.items())), seen


def settled(seen: witnesses.Witnesses) -> str:
    """The witnesses of what was accepted over HTTP, each once, and what they became.

    A repeat is superseded by the very ballot that counts, which is then counted.
    """
    left, told = set(seen.accepted), list[str]()
    for outcome, hashes in sorted(seen.settled.items()):
        if those := left & set(hashes):
            told.append(f"{outcome} {len(those)}")
            left -= those
    became = f" = {' + '.join(told)}" if told else ""
    return f"{len(seen.accepted)} accepted over HTTP{became}; {len(seen.missing)} missing"


def print_problems(console: Console, problems: Sequence[str]) -> None:
    """The first of them, and how many more there are."""
    for problem in problems[:SHOWN_PROBLEMS]:
        console.print(f"[red]problem:[/red] {problem}", highlight=False)
    if len(problems) > SHOWN_PROBLEMS:
        console.print(f"[red]… and {len(problems) - SHOWN_PROBLEMS} more problems[/red]")
