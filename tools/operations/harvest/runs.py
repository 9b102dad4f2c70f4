"""`make runs`: the runs of a harvest, one of them live, and what a person asks of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from harvest.accounts import Accounts
from harvest.run_ledger import RunLedger
from harvest.run_rows import OVER, STOPPED
from tools.common.confirm import confirmed
from tools.common.errors import CommandError
from tools.common.text import visible
from tools.operations.deployment import Deployment
from tools.operations.harvest import asking, shown

LOOK_SECONDS = 2.0
ENDS = (*OVER, STOPPED)  # what is followed no longer
NO_CAP = 0.0  # RATE=0 takes a run's own cap away


@dataclass(frozen=True)
class Options:
    """What a person asked for. `start` is the name of a run to begin, `groups` with commas."""

    run: str = ""
    follow: bool = False
    pause: bool = False
    resume: bool = False
    cancel: bool = False
    rate: float | None = None
    cap: int | None = None
    start: str = ""
    groups: str = ""
    since: bool = False
    confirm: bool = False


def run(deployment: Deployment, console: Console, options: Options) -> int:
    """Show what there is, or do what is asked and show what came of it.

    Raises CommandError for options that contradict each other, and where the pipeline refuses.
    """
    asked = [*_asked(options)]
    if len(asked) > 1:
        raise CommandError(f"one thing at a time: {' or '.join(what for what, _ in asked)}")
    if options.start:
        return _start(deployment, console, options)
    if not options.run:
        if asked or options.follow:
            raise CommandError("say which: make runs RUN=… (`make runs` lists them)")
        return _list(deployment, console)
    for what, body in asked:
        now = asking.run(deployment, options.run)
        console.print(shown.line(now), soft_wrap=True, highlight=False, markup=False)
        command = f"runs RUN={options.run} {what.upper()}={options.rate if what == 'rate' else 'yes'}"
        if not confirmed(console, f"{what.capitalize()} it?", visible(command), confirm=options.confirm):
            return 0
        asking.lead(deployment, options.run, what, body)
    return _show(deployment, console, options.run, follow=options.follow)


def _asked(options: Options) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is asked of a run, and the body that says so."""
    if options.start:
        yield "start", {}
    if options.pause:
        yield "pause", {}
    if options.resume:
        yield "resume", {} if options.cap is None else {"cap": options.cap}
    if options.cancel:
        yield "cancel", {}
    if options.rate is not None:
        yield "rate", {"rate": None if options.rate == NO_CAP else options.rate}


def _start(deployment: Deployment, console: Console, options: Options) -> int:
    body: dict[str, Any] = {"name": options.start, "since": options.since}
    if options.groups:
        body["groups"] = options.groups.split(",")
    if options.cap is not None:
        body["cap"] = options.cap
    what = f"of {options.groups}" if options.groups else "of everything that the vendor lists"
    console.print(visible(f"{deployment.name}: a run {options.start!r} {what}"), soft_wrap=True, markup=False)
    command = f"runs START={options.start}{f' GROUPS={options.groups}' if options.groups else ''}"
    if not confirmed(console, "Start it?", visible(command), confirm=options.confirm):
        return 0
    begun = asking.start(deployment, body)
    return _show(deployment, console, begun["run_id"], follow=options.follow)


def known(deployment: Deployment) -> list[str]:
    """The runs that are under way, and the last of each name that has a schedule."""
    client, tables = deployment.client("dynamodb"), deployment.outputs["tables"]
    account = deployment.outputs["settings"]["vendor"]["account"]
    runs = RunLedger(client, tables["ledger"])
    under_way = Accounts(client, tables["accounts"]).get(account).runs
    last = [runs.name(name).last for name in deployment.outputs["schedules"] if name != "wake"]
    return list(dict.fromkeys([*under_way, *filter(None, last)]))


def _list(deployment: Deployment, console: Console) -> int:
    found = known(deployment)
    for run_id in found:
        console.print(shown.line(asking.run(deployment, run_id)), soft_wrap=True, highlight=False, markup=False)
    if not found:
        console.print("no run yet: make runs START=NAME")
    return 0


def _show(deployment: Deployment, console: Console, run_id: str, *, follow: bool) -> int:
    """Print a run, and again while it is under way where it is followed."""
    said = asking.run(deployment, run_id)
    while follow and said["state"] not in ENDS:
        console.print(shown.line(said), soft_wrap=True, highlight=False, markup=False)
        time.sleep(LOOK_SECONDS)
        said = asking.run(deployment, run_id)
    for line in shown.whole(said):
        console.print(visible(line, shown.MOST_LINE), soft_wrap=True, highlight=False, markup=False)
    return 0
