"""`make demo PIPELINE=receipts`: a pile of receipts in one request, read, and delivered into a
database that stops meanwhile and is slow for a time.

Each file is drawn here, so it is known what stands on it, or why it cannot be read.
"""

from __future__ import annotations

import secrets
import time
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from receipts import documents
from receipts.documents import Document
from receipts.ids import customer_key
from receipts.rows import State
from tools.common import pictures
from tools.common.console import step_printer
from tools.common.errors import CommandError
from tools.demo.progress import ProgressLine
from tools.demo.receipts import by_agent, delivered, report, units
from tools.demo.receipts.delivered import Found
from tools.demo.receipts.outage import Outage
from tools.demo.receipts.report import Figures
from tools.iam.trail import recording
from tools.local_cloud import stack
from tools.local_cloud.exclusive import exclusive_run
from tools.local_cloud.reader import stand_in
from tools.local_cloud.receipts.pipeline import database
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.operations.receipts.uploads import put
from tools.traffic.client import Client
from tools.traffic.receipts import api, collection, states, verdict
from tools.traffic.receipts.archive import Archive, zipped
from tools.traffic.receipts.collection import Collection
from tools.traffic.receipts.deliveries import DeliveryWatch
from tools.traffic.receipts.states import StateWatch
from tools.traffic.receipts.verdict import READ

CUSTOMER = "demo"
LANES, AGENT = "lanes", "agent"
STILL_SECONDS = 240.0  # in which no file moves on; a machine that other work shares is only slow
LOOK_SECONDS = 0.5
PICTURE = "Files of one request by state, while they are read and delivered"

DONE = (*READ, State.QUARANTINED)

Json = dict[str, Any]


def demo(size: int, seed: int, by: str = LANES) -> int:
    """Run it all in build/demo; `by`: who delivers, LANES or AGENT.

    Returns the exit code: 0 only when every file is accounted for, nothing is wrong unmarked, and
    every receipt stands in the database once.
    """
    if by not in (LANES, AGENT):
        raise CommandError(f"BY is {LANES} or {AGENT}, not {by!r}")
    console = Console()
    run = Run.named("demo")
    with exclusive_run(run):
        began, say = time.monotonic(), step_printer(console)
        stack.up(run, say, pipelines=("receipts",))
        deployment = Deployment.local(run)
        say(f"up: {deployment.outputs['api_url']}")
        pile = collection.collect(size, seed)
        archive = zipped(pile)
        say(f"{len(pile.files)} files drawn, {archive.left} more entries that systems leave in archives")
        sent_at = time.monotonic() - began
        say("send them in one request, and wait until the last is read and delivered; the database stops meanwhile")
        with by_agent.delivering(run, deployment) if by == AGENT else nullcontext():
            figures, account, found, stored = _through(console, run, deployment, pile, archive, sent_at)
        if by == AGENT:
            stored.by, stored.cap = "by the agent", 1
        say("compare every field with what was drawn, and every row with what was read")
        judged = verdict.judge(pile, account["files"], found)
        delivered.judge(stored, deployment, database(run), found)
        judged.problems += [*_accounted(account, archive), *delivered.problems(stored)]
        figures.receipts, figures.written = judged.receipts, sum(document.pages for document in found.values())
        report.show(console, account, judged, figures, archive)
        delivered.show(console, stored)
        report.show_picture(console, figures.samples, _images(figures, stored, run.folder))
        say(f"done, seed {seed}; stopping the local cloud")
    report.balance(console, account, judged, archive, stored)
    return 1 if judged.problems else 0


def _through(
    console: Console, run: Run, deployment: Deployment, pile: Collection, archive: Archive, sent_at: float
) -> tuple[Figures, Json, dict[str, Document], Found]:
    """Send the pile in one request, wait until all of it is delivered, and get what came of it."""
    url, premises = deployment.outputs["api_url"], database(run)
    figures = Figures(files=len(pile.files))
    premises.begin()
    seeing = DeliveryWatch(premises, partial(_waiting, deployment))
    with (
        recording(deployment) as trail,
        StateWatch(deployment) as watch,
        ProgressLine(console, watch, sent_at) as line,
        seeing,
    ):
        with closing(Client(url)) as client:
            opened = api.post(client, api.of_archive(CUSTOMER, secrets.token_hex(8), archive.content))
        if opened.status != 201:
            raise CommandError(f"the batch was not opened: {opened.status} {opened.body}")
        begun = watch.seconds
        (upload,) = opened.body["uploads"]
        status = put(upload, archive.content)
        if status != 200:
            raise CommandError(f"the archive was not taken by the address that was signed: {status}")
        figures.upload_seconds = watch.seconds - begun
        watch.batch_id = opened.body["batch_id"]
        outage = Outage(premises, lambda: seeing.seconds)
        figures.seconds = _wait(watch, line, outage, len(pile.files)) - begun
        with closing(Client(url)) as client:
            account = api.account(client, opened.body["batch_id"])
        figures.pages = stand_in.start(run).counts()["read"]
        figures.samples = watch.samples
        figures.units = units.counted(deployment, trail, pages=figures.pages, requests=2, uploads=1)
    told = deployment.outputs["settings"]["delivery"]
    stored = Found("by lanes", told["lanes"], told["pace"]["latency_ms"], seeing.read(), outage)
    return figures, account, _documents(deployment, account), stored


def _wait(watch: StateWatch, line: ProgressLine, outage: Outage, files: int) -> float:
    """Wait until nothing of the batch is under way: the watch's seconds when the last was read.

    Raises CommandError once nothing has moved for long; no state goes back, so that is a bound.
    """
    moved_at, read_at, before = time.monotonic(), 0.0, dict[str, int]()
    while watch.is_open or watch.to_deliver or not outage.is_over:
        depths = watch.depths
        if depths != before:
            moved_at, before = time.monotonic(), dict(depths)
        line.show(f"{states.words(depths) or 'uploaded'}; database {outage.state}")
        outage.look(sum(depths[state] for state in DONE) / files)
        if not (watch.is_open or read_at):
            read_at = watch.seconds
        if time.monotonic() > moved_at + STILL_SECONDS:
            told = f"for {STILL_SECONDS:.0f} s there are still {states.words(depths)}"
            raise CommandError(f"{told}: `make logs` of the functions says why")
        time.sleep(LOOK_SECONDS)
    return read_at


def _waiting(deployment: Deployment) -> int:
    """How many files wait for their delivery."""
    return depth(deployment.client("sqs"), deployment.outputs["queues"]["delivery"]["url"]).total


def _documents(deployment: Deployment, account: Json) -> dict[str, Document]:
    """What was read of each file of an account, by its id."""
    s3, bucket, folder = deployment.client("s3"), deployment.outputs["buckets"]["documents"], customer_key(CUSTOMER)
    found = {}
    for file_id in {line["file_id"] for line in account["files"] if line["state"] in READ}:
        content = s3.get_object(Bucket=bucket, Key=documents.key_of(folder, file_id))["Body"].read()
        found[file_id] = documents.decode(content)
    return found


def _accounted(account: Json, archive: Archive) -> list[str]:
    """What does not add up in an account."""
    total, ignored = sum(account["counts"].values()), account["counts"]["ignored"]
    problems = [] if total == archive.entries else [f"{total} entries are accounted for, of {archive.entries}"]
    if ignored != archive.left:
        problems.append(f"{ignored} entries were ignored; systems left {archive.left}")
    return problems + ["the account is still open"] * account["open"]


def _images(figures: Figures, stored: Found, folder: Path) -> list[Path]:
    """The states and the delivery as images; none where what draws them is not installed."""
    drawn = states.image(figures.samples, PICTURE, folder) if pictures.can_draw() else []
    return drawn + delivered.images(stored, folder)
