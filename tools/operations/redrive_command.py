"""`make redrive QUEUE=…`: shows dead letters or quarantine by cause, and sends them back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from tools.common.confirm import confirmed
from tools.common.errors import CommandError
from tools.common.text import visible
from tools.operations import dead_letters, quarantine, redrive, redrive_quarantine
from tools.operations.audit import Audit
from tools.operations.dead_letters import NO_LINE, DeadLetter
from tools.operations.deployment import Deployment
from tools.operations.held import Message, group_of
from tools.operations.pipeline import MessageToSend, Pipeline, Unsendable
from tools.operations.queues import depth
from tools.operations.redrive_causes import Cause, Causes
from tools.operations.redrive_quarantine import QuarantinedObject, Redrive

MOST_LISTED = 100  # messages that a dry run lists
MOST_LINE = 1_000  # characters


@dataclass(frozen=True)
class Options:
    """What a person asked for.

    `rate`: messages a second; `reason`: of quarantine, all of it when empty.
    """

    queue: str
    reason: str = ""
    most: int = 1_000
    rate: float = 50.0
    confirm: bool = False
    dry_run: bool = False


def run(deployment: Deployment, console: Console, options: Options, pipeline: Pipeline) -> int:
    """Show, and move if that is confirmed.

    Raises CommandError for options that cannot be followed, and where a service refuses.
    """
    if options.most < 1 or options.rate < 1:
        raise CommandError("MOST and RATE must be at least 1: how many messages to move, and how many a second")
    try:
        return _run(deployment, console, options, pipeline)
    except (ClientError, BotoCoreError) as error:
        raise CommandError(
            f"it broke off ({error}): what went back until then stands in the audit, if it began; all else is where "
            f"it was, and can be seen again within {dead_letters.LOOK_SECONDS // 60} minutes. Run it again: a repeat "
            "is harmless"
        ) from error


def _run(deployment: Deployment, console: Console, options: Options, pipeline: Pipeline) -> int:
    has_quarantine = bool(deployment.outputs.get("quarantine_bucket"))
    if options.queue == "quarantine" and has_quarantine:
        return _quarantine(deployment, console, options, pipeline)
    if options.queue in deployment.outputs["queues"]:
        return _dead_letters(deployment, console, options, pipeline)
    sqs, queues = deployment.client("sqs"), deployment.outputs["queues"]
    for name, queue in queues.items():
        console.print(f"{name}: {depth(sqs, queue['dead_letter_url']).total} dead letters")
    if has_quarantine:
        counts, complete = quarantine.by_reason(deployment, deployment.client("s3"))
        console.print(f"quarantine: {counts.total()}{'' if complete else ' and more'} objects")
    known = [*queues, *(["quarantine"] if has_quarantine else [])]
    raise CommandError(f"say which: make redrive QUEUE={'|'.join(known)}")


def _dead_letters(deployment: Deployment, console: Console, options: Options, pipeline: Pipeline) -> int:
    sqs, queue = deployment.client("sqs"), deployment.outputs["queues"][options.queue]
    function = _consumer(options.queue, pipeline)
    causes = Causes(deployment.client("logs"), function, deployment.outputs["functions"][function]["log_group"])
    letters = dead_letters.peek(sqs, queue["dead_letter_url"], pipeline.summary_of, options.most)
    total = max(depth(sqs, queue["dead_letter_url"]).total, len(letters))  # SQS says about how many
    looked_at = f", {len(letters)} of them looked at:" if letters else ""
    console.print(f"{options.queue}: {total} dead letters{looked_at}")
    if not letters:
        return 0
    known = causes.of(letter.named for letter in letters)
    console.print(dead_letters.by_cause(letters, known, pipeline.items))
    if causes.trouble:
        console.print(visible(causes.trouble), soft_wrap=True, markup=False)
    if any(letter.named not in known for letter in letters):
        console.print(
            f"{NO_LINE}: {function} was cut off (timeout, crash, memory) or the message was never delivered; "
            f"look for REPORT and 'Task timed out' lines: make logs FUNCTION={function}",
            soft_wrap=True,
        )

    def preview() -> None:
        for letter in letters[:MOST_LISTED]:
            console.print(_line(letter, options.queue, known), highlight=False, soft_wrap=True, markup=False)
        _say_how_many_more(console, min(total, options.most), min(len(letters), MOST_LISTED))

    if _confirmed(console, options, preview):
        # not what fails again meanwhile
        _move(deployment, console, options, pipeline, causes, min(options.most, total))
    return 0


def _consumer(queue: str, pipeline: Pipeline) -> str:
    """The function whose log says why messages of a queue failed."""
    if queue not in pipeline.consumers:
        raise CommandError(
            f"no function of the outputs takes from {queue!r}: call it so in `consumes` of the function module too"
        )
    return pipeline.consumers[queue]


def _line(letter: DeadLetter, queue: str, known: Mapping[str, Cause]) -> str:
    group = f", group {letter.group}" if letter.group else ""
    cause = known.get(letter.named, NO_LINE)
    return visible(f"  {letter.message_id}: {letter.summary.kind}{group} → {queue} ({cause})", MOST_LINE)


def _move(
    deployment: Deployment, console: Console, options: Options, pipeline: Pipeline, causes: Causes, most: int
) -> None:
    sqs, queue = deployment.client("sqs"), deployment.outputs["queues"][options.queue]
    causes.read_all()  # now: between a receive and its deletion there is no time to read a log
    with Audit(deployment, "redrive") as audit:

        def on_moved(message: Message, new_id: str) -> None:
            named = redrive.named_by(message)
            audit.line(
                queue=options.queue,
                cause=str(causes.of([named]).get(named, NO_LINE)),
                dead_letter=message["MessageId"],
                message=new_id,
                kind=pipeline.summary_of(message["Body"]).kind,
                group=group_of(message),
            )

        count = redrive.move(
            sqs, queue["dead_letter_url"], queue["url"], most=most, rate=options.rate, on_moved=on_moved
        )
    left = depth(sqs, queue["dead_letter_url"]).total
    console.print(f"{count} moved back to {options.queue}, {left} left; audit: {audit.key}", soft_wrap=True)


def _quarantine(deployment: Deployment, console: Console, options: Options, pipeline: Pipeline) -> int:
    s3 = deployment.client("s3")
    keys = list(islice(quarantine.keys(deployment, s3, options.reason), quarantine.MOST_OBJECTS))
    objects = redrive_quarantine.read(deployment, s3, keys[: redrive_quarantine.MOST_READ])
    what = f"quarantine{f' for {options.reason}' if options.reason else ''}"
    more = " and more" if len(keys) == quarantine.MOST_OBJECTS else ""
    console.print(f"{what}: {len(keys)}{more} objects" + (f", {len(objects)} of them looked into:" if objects else ""))
    if not objects:
        return 0
    console.print(redrive_quarantine.by_reason(objects, pipeline))
    if not options.reason:
        console.print("REASON=… of these chooses what to send back to be judged again")
        return 0

    def preview() -> None:
        lines = list(chain.from_iterable(_plan(one, pipeline) for one in objects))
        for line in lines[:MOST_LISTED]:
            console.print(f"  {line}", highlight=False, soft_wrap=True, markup=False)
        _say_how_many_more(console, len(lines), MOST_LISTED)

    if _confirmed(console, options, preview):
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


def _say_how_many_more(console: Console, count: int, listed: int) -> None:
    if count > listed:
        console.print(f"  … and {count - listed} more")


def _confirmed(console: Console, options: Options, preview: Callable[[], None]) -> bool:
    """Whether to go on.

    What would be done is listed where that is asked for, or nobody could be asked.
    """
    if options.dry_run or not (options.confirm or sys.stdin.isatty()):
        console.print(f"this would go back, at most {options.rate:g} messages a second:")
        preview()
    if options.dry_run:
        console.print("nothing was changed: it was a dry run")
        return False
    command = f"redrive QUEUE={options.queue}{f' REASON={options.reason}' if options.reason else ''}"
    return confirmed(console, "Send them back?", command, confirm=options.confirm)
