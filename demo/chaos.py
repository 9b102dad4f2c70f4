"""`make chaos`: ballots through the deployed pipeline while its calls fail and its workers are killed; nothing lost, nothing twice."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from demo import chaos_faults, chaos_report, load
from demo.chaos_report import Figures
from demo.drain import EVERY_SECONDS, Watch, until_drained
from demo.nemesis import Nemesis
from demo.resend import Resending
from demo.running import Progress, account, compare, put_by_hand, tell_problems
from demo.send import Answer, in_parallel
from demo.verdict import Verdict
from devcloud import faults, stack
from devcloud.alone import alone, teller
from devcloud.runs import LocalCloudError, Run
from operations import catalogue, recount, redrive, witnesses
from operations.place import Place

CLIENTS = 8
KILL_EVERY = 8  # requests answered, or looks at the queues
GO_ON_SECONDS, NEARLY_EMPTY = 45.0, 15
DRAIN_SECONDS = 240.0
ROUNDS = 3
REDRIVE_RATE = 200.0

# As deployed elsewhere, but with short timeouts: the messages of a killed worker stay hidden for six of them.
SIZING: dict[str, dict[str, Any]] = {
    "process": {"window_seconds": 1, "maximum_concurrency": 4, "max_receives": 5, "timeout_seconds": 6},
    "write": {"maximum_concurrency": 4, "max_receives": 5, "timeout_seconds": 6},
    "tally": {"timeout_seconds": 6},
}


def chaos(size: int, seed: int) -> int:
    """Run it all in build/chaos and return the exit code: 0 only when faults fired and everything is counted exactly once."""
    console = Console()
    run = Run.named("chaos")
    began = time.monotonic()
    with alone(run):
        say = teller(console)
        say("emulator, behind a proxy that injects faults")
        proxy = faults.start(run)
        stack.up(run, say, changed={"sizing": SIZING})
        place = Place.local(run)
        plan = load.build(seed, size, datetime.now(UTC), stamped=1)
        catalogue.put(place.client("dynamodb"), place.outputs["tables"]["catalogue"], catalogue.parse(plan.catalogue))
        watch = Watch(place)
        with Progress(console, watch, plan.ballots) as progress, watch:
            trial = Trial(run, place, proxy, plan, seed, watch, progress)
            say(f"send {plan.ballots} ballots, while calls fail and workers are killed")
            trial.send()
            say("no more faults: redrive what they made dead letters, until all is counted")
            trial.drain()
        say("compare every title's results with a direct count; quarantine, witnesses, recount")
        seen = trial.judge(console)
        trial.figures.seconds = time.monotonic() - began
        chaos_report.show(console, run, plan, trial.verdict, trial.figures, seen)
        tell_problems(console, trial.verdict.problems)
        say(f"done, seed {seed}; stopping the local cloud")
    return 1 if trial.verdict.problems else 0


@dataclass
class Trial:
    """One load, sent under faults to the stack that is up."""

    run: Run
    place: Place
    proxy: faults.Proxy
    plan: load.Load
    seed: int
    watch: Watch
    progress: Progress
    verdict: Verdict = field(default_factory=Verdict)
    figures: Figures = field(default_factory=Figures)

    def send(self) -> None:
        """Send everything, from the first fault to the last: they go on until most of it is through and each kind fired, bounded."""
        url = self.place.outputs["votes_api_url"].replace(self.run.state()["endpoint"], self.proxy.address)
        clients, figures = Resending(), self.figures
        nemesis = Nemesis(self.run.state()["pid"], random.Random(self.seed), KILL_EVERY)  # noqa: S311 (repeatable, not secret)

        def answered(answer: Answer) -> None:
            self.progress.answered(answer)
            nemesis.step()

        began = time.monotonic()
        self.proxy.inject(chaos_faults.rules(self.seed, time.time()))
        try:
            put_by_hand(self.place, self.plan, self.verdict)
            for requests in (self.plan.requests, self.plan.late):
                self.verdict.add_answers(self.plan, requests, in_parallel(url, requests, clients.post, CLIENTS, answered))
            figures.send_seconds = time.monotonic() - began
            deadline = time.monotonic() + GO_ON_SECONDS
            while time.monotonic() < deadline and (sum(self.watch.depths.values()) > NEARLY_EMPTY or self._quiet()):
                nemesis.step()
                time.sleep(EVERY_SECONDS)
        finally:
            self.proxy.inject([])
        figures.fault_seconds = time.monotonic() - began
        figures.requests, figures.again, figures.tries = len(self.plan.requests) + len(self.plan.late), clients.again, clients.tries
        figures.killed = nemesis.killed

    def _quiet(self) -> bool:
        return bool(chaos_faults.not_fired(chaos_faults.by_kind(self.proxy.fired())))

    def drain(self) -> None:
        """Wait until all is counted, and redrive dead letters, as often as there are new ones. Raises LocalCloudError: what hangs."""
        sqs = self.place.client("sqs")
        redriven = self.figures.redriven
        began = time.monotonic()
        for _ in range(ROUNDS):
            until_drained(self.place, lambda: self.watch.depths, bound=DRAIN_SECONDS, told=self.progress.draining, dead_letters=True)
            before = redriven.total()
            for name, queue in self.place.outputs["queues"].items():
                redriven[name] += redrive.move(sqs, queue["dead_letter_url"], queue["url"], most=10_000, rate=REDRIVE_RATE).count
            if redriven.total() == before:
                self.figures.drain_seconds = time.monotonic() - began
                return
        raise LocalCloudError(f"there are new dead letters after {ROUNDS} redrives: {dict(redriven)}. The functions' logs say why")

    def judge(self, console: Console) -> witnesses.Witnesses:
        """Hold everything against everything; what is not as it must be is in the verdict's problems."""
        self.figures.differing, _ = compare(self.place, self.plan, self.verdict)
        self.figures.quarantined, seen = account(self.place, self.verdict)
        if recount.run(self.place, console, recount.Order(fresh=True)):
            self.verdict.problems.append("the audit found differences between the tallies and the votes")
        chaos_report.read(self.place, self.run, self.proxy, self.figures)
        self.verdict.problems += chaos_report.too_quiet(self.figures)
        return seen
