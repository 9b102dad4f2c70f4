"""`make chaos`: ballots through the deployed pipeline while calls fail and workers are killed.

Nothing may be lost, nothing counted twice.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from tools.common.balance import print_balance
from tools.common.console import step_printer
from tools.common.errors import CommandError
from tools.demo.nemesis import Nemesis
from tools.demo.votes import chaos_faults, chaos_report
from tools.demo.votes.chaos_report import Figures
from tools.demo.votes.running import Progress, account, compare, print_problems, put_by_hand
from tools.local_cloud import fault_proxy, stack
from tools.local_cloud.exclusive import exclusive_run
from tools.local_cloud.runs import Run
from tools.operations import redrive
from tools.operations.deployment import Deployment
from tools.operations.votes import catalogue, recount, witnesses
from tools.traffic.client import Answer, in_parallel
from tools.traffic.drain import EVERY_SECONDS, Watch
from tools.traffic.resend import Resending
from tools.traffic.votes import api, load
from tools.traffic.votes.counted import until_counted
from tools.traffic.votes.verdict import Verdict

CLIENTS = 8
KILL_EVERY = 8  # requests answered, or looks at the queues
GO_ON_SECONDS, NEARLY_EMPTY = 45.0, 15
DRAIN_SECONDS = 240.0
ROUNDS = 3
REDRIVE_RATE = 200.0

# As deployed elsewhere, but with short timeouts: the messages of a killed worker stay hidden for
# six of them.
SIZING: dict[str, dict[str, Any]] = {
    "process": {"window_seconds": 1, "maximum_concurrency": 4, "max_receives": 5, "timeout_seconds": 6},
    "write": {"maximum_concurrency": 4, "max_receives": 5, "timeout_seconds": 6},
    "tally": {"timeout_seconds": 6},
}


def chaos(size: int, seed: int) -> int:
    """Run it all in build/chaos.

    Returns the exit code: 0 only when faults fired and everything is counted exactly once.
    """
    console = Console()
    run = Run.named("chaos")
    began = time.monotonic()
    with exclusive_run(run):
        say = step_printer(console)
        say("emulator, behind a proxy that injects faults")
        proxy = fault_proxy.start(run)
        stack.up(run, say, pipelines=("votes",), changed={"module": {"votes": {"sizing": SIZING}}})
        deployment = Deployment.local(run)
        plan = load.build(seed, size, datetime.now(UTC), stamped=1)
        catalogue.load(deployment, plan.catalogue)
        watch = Watch(deployment)
        with Progress(console, watch, plan.ballots, time.monotonic() - began) as progress, watch:
            trial = Trial(run, deployment, proxy, plan, seed, watch, progress)
            say(f"send {plan.ballots} ballots, while calls fail and workers are killed")
            trial.send()
            say("no more faults: redrive what they made dead letters, until all is counted")
            trial.drain()
        say("compare every title's results with a direct count; quarantine, witnesses, recount")
        seen = trial.judge(console)
        trial.figures.seconds = time.monotonic() - began
        chaos_report.show(console, run, plan, trial.verdict, trial.figures, seen)
        print_problems(console, trial.verdict.problems)
        balance = trial.verdict.balance(sum(trial.figures.quarantined.values()), len(seen.missing))
        say(f"done, seed {seed}; stopping the local cloud")
    print_balance(console, balance, trial.verdict.problems)
    return 1 if trial.verdict.problems else 0


@dataclass
class Trial:
    """One load, sent under faults to the stack that is up."""

    run: Run
    deployment: Deployment
    proxy: fault_proxy.Proxy
    plan: load.Load
    seed: int
    watch: Watch
    progress: Progress
    verdict: Verdict = field(default_factory=Verdict)
    figures: Figures = field(default_factory=Figures)

    def send(self) -> None:
        """Send everything, from the first fault to the last.

        They go on until most of it is through and each kind fired, but no longer than
        GO_ON_SECONDS.
        """
        url = self.deployment.outputs["api_url"].replace(self.run.state()["endpoint"], self.proxy.address)
        clients, figures = Resending(api.post_once, api.is_taken_in_part), self.figures
        nemesis = Nemesis(self.run.state()["pid"], random.Random(self.seed), KILL_EVERY)  # noqa: S311 (repeatable, not secret)

        def answered(answer: Answer) -> None:
            self.progress.answered(answer)
            nemesis.step()

        began = time.monotonic()
        self.proxy.inject(chaos_faults.rules(self.seed, time.time()))
        try:
            put_by_hand(self.deployment, self.plan, self.verdict)
            for requests in (self.plan.requests, self.plan.late):
                self.verdict.add_answers(
                    self.plan, requests, in_parallel(url, requests, clients.post, CLIENTS, answered)
                )
            figures.send_seconds = time.monotonic() - began
            deadline = time.monotonic() + GO_ON_SECONDS
            while time.monotonic() < deadline and (sum(self.watch.depths.values()) > NEARLY_EMPTY or self._quiet()):
                nemesis.step()
                time.sleep(EVERY_SECONDS)
        finally:
            self.proxy.inject([])
        figures.fault_seconds = time.monotonic() - began
        figures.requests = len(self.plan.requests) + len(self.plan.late)
        figures.again, figures.tries = clients.again, clients.tries
        figures.killed = nemesis.killed

    def _quiet(self) -> bool:
        return bool(chaos_faults.not_fired(chaos_faults.by_kind(self.proxy.fired())))

    def drain(self) -> None:
        """Wait until all is counted, and redrive dead letters, as often as there are new ones.

        Raises CommandError: what hangs.
        """
        sqs = self.deployment.client("sqs")
        redriven = self.figures.redriven
        began = time.monotonic()
        for _ in range(ROUNDS):
            until_counted(
                self.deployment,
                lambda: self.watch.depths,
                bound=DRAIN_SECONDS,
                on_look=self.progress.draining,
                dead_letters=True,
            )
            before = redriven.total()
            for name, queue in self.deployment.outputs["queues"].items():
                dead, target = queue["dead_letter_url"], queue["url"]
                redriven[name] += redrive.move(sqs, dead, target, most=10_000, rate=REDRIVE_RATE)
            if redriven.total() == before:
                self.figures.drain_seconds = time.monotonic() - began
                return
        raise CommandError(
            f"there are new dead letters after {ROUNDS} redrives: {dict(redriven)}. The functions' logs say why"
        )

    def judge(self, console: Console) -> witnesses.Witnesses:
        """Hold everything against everything; the verdict's problems say what is not right."""
        self.figures.differing, _ = compare(self.deployment, self.plan, self.verdict)
        self.figures.quarantined, seen = account(self.deployment, self.verdict)
        if recount.run(self.deployment, console, recount.Options(fresh=True)):
            self.verdict.problems.append("the audit found differences between the tallies and the votes")
        chaos_report.read(self.deployment, self.run, self.proxy, self.figures)
        self.verdict.problems += chaos_report.too_quiet(self.figures)
        return seen
