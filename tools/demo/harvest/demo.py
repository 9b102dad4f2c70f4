"""`make demo PIPELINE=harvest`: a vendor's whole API at the rate that it permits, while workers are
killed, everything is killed, the rate is changed and a group is added.

The vendor is a stand-in on this machine; its own log is what the harvest is judged by.
"""

from __future__ import annotations

import random
import time
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from harvest import proof, run_rows
from harvest.ledger import Ledger
from tools.common import pictures, private
from tools.common.console import step_printer
from tools.common.errors import CommandError
from tools.demo.harvest import report, units
from tools.demo.harvest.acts import SMALL, SMALL_HOSTS, Acts
from tools.demo.harvest.report import Found
from tools.demo.progress import ProgressLine
from tools.iam.trail import recording
from tools.local_cloud import stack
from tools.local_cloud.exclusive import exclusive_run
from tools.local_cloud.harvest.pipeline import LIMITS
from tools.local_cloud.runs import Run
from tools.local_cloud.vendor import estate, stand_in
from tools.local_cloud.vendor.settings import Settings
from tools.local_cloud.vendor.stand_in import StandIn
from tools.operations.deployment import Deployment
from tools.traffic.harvest import answers, picture
from tools.traffic.harvest.calls import CallWatch
from tools.traffic.harvest.rates import Permitted

NAME = "demo"
GROUPS = 12
LATENCY = [0.05, 0.8]  # seconds, from and to
BOUND_SECONDS = 480.0  # of calls; a machine that other work shares takes longer
STORED_SECONDS = 60.0  # of merging, once the last call is made
LOOK_SECONDS = 0.4
QUEUES = ("parcel", "turn", "store")

Json = dict[str, Any]


def demo(calls: int, seed: int) -> int:
    """Run it all in build/demo.

    Returns the exit code: 0 only when nothing is missing, refused, or slower than it may be.
    """
    console = Console()
    run = Run.named("demo")
    with exclusive_run(run):
        say = step_printer(console)
        stack.up(run, say, pipelines=("harvest",))
        deployment = Deployment.local(run)
        vendor = stand_in.start(run)
        settings = begin(vendor, calls, seed)
        known = sum(estate.calls_of(settings).values())
        say(f"up: {deployment.outputs['api_url']}; the vendor has about {known:,} calls")
        say("harvest it, while workers are killed, a group is added and the rate is changed")
        found = _harvested(console, deployment, vendor, run, known, seed)
        say("prove it, and ask what was stored")
        _judged(deployment, vendor, found, run.folder / "results")
        report.show(console, found, deployment.outputs["bound"]["share"])
        report.show_picture(console, found, _images(found, run.folder))
        problems = report.problems(found)
        report.show_problems(console, problems)
        say(f"done, seed {seed}; stopping the local cloud")
    report.balance(console, found, problems)
    return 1 if problems else 0


def begin(vendor: StandIn, calls: int, seed: int) -> Settings:
    """Have the stand-in begin anew: few large groups and a long tail, of about so many calls."""
    said: Json = {
        "seed": seed,
        "groups": estate.unequal(seed, GROUPS, calls),
        "limits": [{**limit, "window": "fixed"} for limit in LIMITS],
        "latency": LATENCY,
    }
    vendor.ask("begin", **said)
    return Settings().changed(said)


def _harvested(console: Console, deployment: Deployment, vendor: StandIn, run: Run, known: int, seed: int) -> Found:
    """Start a run, do to it what is due, and wait until it is over and stored."""
    rate = LIMITS[0]["calls"] / LIMITS[0]["seconds"]
    permitted, rng = Permitted(), random.Random(seed)  # noqa: S311 (repeatable, not secret)
    watch = CallWatch(deployment, vendor)
    with recording(deployment) as trail, watch, ProgressLine(console, watch) as line:
        permitted.set(time.time(), rate)
        begun: Json = {"name": NAME}
        add_group = partial(vendor.ask, "group", name=SMALL, hosts=SMALL_HOSTS)
        acts = Acts(deployment, begun, run.state()["pid"], rate, permitted, add_group, rng)
        begun |= acts.ask("POST", "/v1/runs", dict(begun))
        found = Found(begun["run_id"], permitted, acts.done, watch)
        _wait(found, acts, line, known)
        _wait_stored(deployment, acts, found)
        watch.read()
        rows = len(Ledger(deployment.client("dynamodb"), deployment.outputs["tables"]["ledger"]).read(found.run_id)[1])
        found.units = units.counted(deployment, trail, rows, acts.done.requests, watch.seconds / 60)
    return found


def _wait(found: Found, acts: Acts, line: ProgressLine, known: int) -> None:
    """Until no call is left to make. Raises CommandError after a bound."""
    path = f"/v1/runs/{found.run_id}"
    deadline, asked_at, state = time.monotonic() + BOUND_SECONDS, 0.0, run_rows.RUNNING
    while state not in run_rows.OVER:
        watch = found.watch
        acts.look(len(watch.calls) / known)
        now = found.permitted.at(time.time())
        done = f"{len(watch.calls):,} of about {known:,} calls, {watch.recent:.1f}/s of {now:g} permitted"
        line.show(f"{done}, 429s {watch.refused}", watch.depths)
        if time.monotonic() > asked_at + 2 and len(watch.calls) >= 0.95 * known:
            asked_at = time.monotonic()
            found.said = acts.ask("GET", path)
            state = found.said["state"]
        if time.monotonic() > deadline:
            said = acts.ask("GET", path)
            raise CommandError(
                f"after {BOUND_SECONDS:.0f} s the run is {said['state']}, {said['done']} of {said['known']} done, "
                f"pacer {said['pacer']}: `make logs PIPELINE=harvest` says why"
            )
        time.sleep(LOOK_SECONDS)


def _wait_stored(deployment: Deployment, acts: Acts, found: Found) -> None:
    """Until what was fetched is merged, and the whole run's manifest is there."""
    s3, bucket = deployment.client("s3"), deployment.outputs["buckets"]["results"]
    deadline = time.monotonic() + STORED_SECONDS
    while not s3.list_objects_v2(Bucket=bucket, Prefix=f"runs/run={found.run_id}.json").get("KeyCount"):
        if time.monotonic() > deadline:
            raise CommandError(f"the answers are not merged {STORED_SECONDS:.0f} s after the last call")
        time.sleep(LOOK_SECONDS)
    found.said = acts.ask("GET", f"/v1/runs/{found.run_id}")


def _judged(deployment: Deployment, vendor: StandIn, found: Found, folder: Path) -> None:
    """Ask the vendor's log, the ledger's rows and what was stored."""
    found.judged = vendor.ask("judge")
    ledger = Ledger(deployment.client("dynamodb"), deployment.outputs["tables"]["ledger"])
    found.proof = proof.prove(ledger, found.run_id)
    private.remove(folder)
    answers.fetch(deployment.client("s3"), deployment.outputs["buckets"]["results"], found.run_id, folder)
    found.stored = answers.counted(folder, found.run_id)


def _images(found: Found, folder: Path) -> list[Path]:
    """Queues and calls as an image; none where nobody asked for what draws it."""
    if not pictures.can_draw():
        return []
    marks = {what: at - found.watch.began_at for what, at in found.done.marks.items()}
    return picture.image(found.bins, found.watch.samples, QUEUES, found.permitted, found.watch.began_at, marks, folder)
