"""`make redrive QUEUE=quarantine`: shows what was set aside by reason, and sends it back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice

from rich.console import Console

from tools.common.text import visible
from tools.operations import quarantine, redrive, redrive_quarantine
from tools.operations.audit import Audit
from tools.operations.deployment import Deployment
from tools.operations.pipeline import MessageToSend, Pipeline, Unsendable
from tools.operations.redrive_options import MOST_LINE, MOST_LISTED, Options, agreed, preview, say
from tools.operations.redrive_quarantine import QuarantinedObject, Redrive


def run(deployment: Deployment, console: Console, options: Options, pipeline: Pipeline) -> int:
    """Show quarantine by reason; send those of REASON back, if that is confirmed."""
    s3 = deployment.client("s3")
    keys = list(islice(quarantine.keys(deployment, s3, options.reason), quarantine.MOST_OBJECTS))
    objects = redrive_quarantine.read(deployment, s3, keys[: redrive_quarantine.MOST_READ])
    what = f"quarantine{f' for {options.reason}' if options.reason else ''}"
    more = " and more" if len(keys) == quarantine.MOST_OBJECTS else ""
    console.print(f"{what}: {len(keys)}{more} objects" + (f", {len(objects)} of them looked into:" if objects else ""))
    if not objects:
        return 0
    say(console, redrive_quarantine.by_reason(objects, pipeline))
    if not options.reason:
        console.print("REASON=… of these chooses what to send back to be judged again")
        return 0

    def show() -> None:
        lines = list(chain.from_iterable(_plan(one, pipeline) for one in objects))
        preview(console, lines, len(lines))

    if agreed(deployment, console, options, show):
        _send(deployment, console, options, pipeline, keys)
    return 0


def _plan(one: QuarantinedObject, pipeline: Pipeline) -> list[str]:
    """What would become of an object, a line a message."""

    def line(message: MessageToSend) -> str:
        what = f"{message.items} {pipeline.items}" if message.items else "a message as it was"
        return visible(f"{one.key} lines {message.first}-{message.last}: {what} → {message.queue}", MOST_LINE)

    try:
        return [line(message) for message in pipeline.messages_of(one.text)]
    except Unsendable as why:
        return [_stays(one.key, why)]


def _stays(key: str, why: Unsendable) -> str:
    return visible(f"{key} stays: {why}", MOST_LINE)


def _send(deployment: Deployment, console: Console, options: Options, pipeline: Pipeline, keys: Sequence[str]) -> None:
    """Send objects back until MOST messages are sent; one that was begun is finished."""
    if pipeline.take_back is not None:
        _take_back(deployment, console, options, pipeline, keys)
        return
    s3, sqs = deployment.client("s3"), deployment.client("sqs")
    left: list[str] = []
    with Audit(deployment, "redrive") as audit:
        pace = redrive.Pace(options.rate)
        work = Redrive(deployment, pipeline, s3, sqs, run=audit.run, pace=pace, audit=audit.line)
        for key in keys:
            if work.messages >= options.most:
                break
            for one in redrive_quarantine.read(deployment, s3, [key]):
                try:
                    work.send(one)
                except Unsendable as why:
                    left.append(_stays(key, why))
    for line in left[:MOST_LISTED]:
        console.print(line, soft_wrap=True, markup=False)
    console.print(
        f"{work.objects} of {len(keys)} objects went back as {work.messages} messages; audit: {audit.key}",
        soft_wrap=True,
    )
    console.print("what is still refused comes to quarantine again")


def _take_back(
    deployment: Deployment, console: Console, options: Options, pipeline: Pipeline, keys: Sequence[str]
) -> None:
    """Give objects back to their pipeline, all at once, and forget them after that."""
    s3, bucket = deployment.client("s3"), deployment.outputs["quarantine_bucket"]
    objects, left = dict[str, str](), []
    for one in redrive_quarantine.read(deployment, s3, keys[: options.most]):
        try:
            pipeline.messages_of(one.text)
            objects[one.key] = one.text
        except Unsendable as why:
            left.append(_stays(one.key, why))
    for line in left[:MOST_LISTED]:
        console.print(line, soft_wrap=True, markup=False)
    if not objects or pipeline.take_back is None:
        return
    with Audit(deployment, "redrive") as audit:
        came_of_it = pipeline.take_back(deployment, objects)
        audit.line(queue="quarantine", objects=len(objects), came_of_it=came_of_it)
        for key in objects:
            s3.delete_object(Bucket=bucket, Key=key)
            audit.line(queue="quarantine", object=key, cause=quarantine.reason_of(key))
    console.print(f"{came_of_it}; {len(objects)} of {len(keys)} objects; audit: {audit.key}", soft_wrap=True)
