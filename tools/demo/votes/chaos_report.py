"""What `make chaos` did, in numbers: shown when it is over, and left in build/chaos/report.json."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Column, Table

from tools.demo.votes.chaos_faults import by_kind, not_fired
from tools.demo.votes.running import settled
from tools.local_cloud.fault_proxy import Proxy
from tools.local_cloud.runs import Run
from tools.operations import logs
from tools.operations.deployment import Deployment
from tools.operations.votes.witnesses import Witnesses
from tools.traffic.votes.load import Load
from tools.traffic.votes.verdict import Verdict

# What the emulator says of a batch whose worker ended before it answered.
LOST_BATCH = re.compile(r"Lambda \S+-([^\s-]+) failed processing SQS batch from .*errorMessage=(.*)")


@dataclass
class Figures:
    """What the run measured."""

    requests: int = 0
    again: int = 0
    tries: Counter[str] = field(default_factory=Counter)  # tries of requests by what they came to
    # (service, operation) → kind → faults
    fired: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)  # workers by function
    # by function: its worker was killed, or out of time
    batches_lost: Counter[str] = field(default_factory=Counter)
    # messages by function and kind of error
    given_back: Counter[str] = field(default_factory=Counter)
    redriven: Counter[str] = field(default_factory=Counter)  # dead letters by queue
    quarantined: dict[str, int] = field(default_factory=dict)
    differing: int = 0
    send_seconds: float = 0.0
    fault_seconds: float = 0.0
    drain_seconds: float = 0.0
    seconds: float = 0.0


def read(deployment: Deployment, run: Run, proxy: Proxy, figures: Figures) -> None:
    """Take in what the proxy counted, and what the functions and the emulator logged."""
    figures.fired = by_kind(proxy.fired())
    for function, line in logs.structured(deployment, '"message_ids"'):
        if line.get("message") == "failed":
            figures.given_back[f"{function} {line['kind'].rpartition('.')[2]}"] += len(line["message_ids"])
    for function, what in LOST_BATCH.findall((run.folder / "emulator.log").read_text(errors="replace")):
        figures.batches_lost[f"{function} {'out of time' if 'timed out' in what else 'killed'}"] += 1


def too_quiet(figures: Figures) -> list[str]:
    """Why the run shows too little: faults that did not fire, functions that lost no worker."""
    spared = sorted({"receive", "process", "write"} - set(figures.killed))
    quiet = [f"no fault fired: {what}" for what in not_fired(figures.fired)]
    quiet += [f"no worker of {function} was killed" for function in spared]
    if not figures.batches_lost:
        quiet.append("no worker was killed while it was at work")
    return [f"{why} (more ballots, or another seed, make more chances)" for why in quiet]


def show(console: Console, run: Run, plan: Load, verdict: Verdict, figures: Figures, seen: Witnesses) -> None:
    """Print the figures, and write them to report.json in the run's folder."""
    rows = _rows(plan, verdict, figures, seen)
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)
    broken = Table("service", "operation", "faults", Column("of them", overflow="fold"), box=None, pad_edge=False)
    for (service, operation), kinds in figures.fired.items():
        broken.add_row(service, operation, str(kinds.total()), _listed(kinds))
    console.print(broken)
    content = {"problems": verdict.problems, "rows": rows} | {
        name: value for name, value in vars(figures).items() if name not in {"fired", "differing"}
    }
    content["fired"] = {f"{service} {operation}": kinds for (service, operation), kinds in figures.fired.items()}
    content["differences"] = figures.differing
    (run.folder / "report.json").write_text(json.dumps(content, indent=2) + "\n")
    console.print(f"as JSON: {run.folder / 'report.json'}", soft_wrap=True)


def _rows(plan: Load, verdict: Verdict, figures: Figures, seen: Witnesses) -> dict[str, str]:
    faults = sum(kinds.total() for kinds in figures.fired.values())
    over_http = verdict.sent - verdict.by_hand
    return {
        "sent": f"{verdict.sent} ballots: {over_http} in {figures.requests} requests, {verdict.by_hand} by hand",
        "accepted": f"{verdict.accepted} over HTTP, {verdict.repeats} of them exact repeats",
        "rejected": f"{verdict.rejected} ballots",
        "tries": f"{figures.tries.total()}, {figures.again} requests more than once: {_listed(figures.tries)}",
        "faults": f"{faults} injected into calls",
        "killed": f"{figures.killed.total()} workers: {_listed(figures.killed)}",
        "batches lost": f"{figures.batches_lost.total()}: {_listed(figures.batches_lost)}",
        "given back": f"{figures.given_back.total()} messages: {_listed(figures.given_back)}",
        "dead letters": f"{figures.redriven.total()} redriven: {_listed(figures.redriven)}",
        "quarantined": f"{sum(figures.quarantined.values())}: {_listed(figures.quarantined)}",
        "counted": f"{verdict.distinct_counted} ballots on {len(verdict.counted.titles())} titles",
        "difference": f"{figures.differing} over {len(plan.titles)} titles read over HTTP",
        "witnesses": settled(seen),
        "seconds": f"{figures.send_seconds:.0f} sending, {figures.fault_seconds:.0f} with faults, "
        f"{figures.drain_seconds:.0f} more until all was counted, {figures.seconds:.0f} in all",
    }


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count) or "none"
