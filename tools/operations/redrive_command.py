"""`make redrive QUEUE=…`: shows dead letters or quarantine by reason, and sends them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from shared.quarantine import Quarantine, line_of
from tools.common.errors import CommandError
from tools.common.text import counted, visible
from tools.operations import dead_letters, quarantine, quarantine_command, redrive
from tools.operations.audit import Audit
from tools.operations.dead_letters import NEWER_VERSION, NO_LINE, DeadLetter, reason_of
from tools.operations.deployment import Deployment
from tools.operations.held import Message, group_of
from tools.operations.pipeline import Pipeline
from tools.operations.queues import depth
from tools.operations.redrive_causes import Cause, Causes
from tools.operations.redrive_options import MOST_LINE, Options, agreed, preview, say

__all__ = ["Options", "run"]

PUT_AWAY = "given-up"  # the reason of what an operator puts away


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
        return quarantine_command.run(deployment, console, options, pipeline)
    if options.queue in deployment.outputs["queues"]:
        return _dead_letters(deployment, console, options, pipeline)
    sqs, queues = deployment.client("sqs"), deployment.outputs["queues"]
    for name, queue in queues.items():
        console.print(f"{name}: {counted(depth(sqs, queue['dead_letter_url']).total, 'dead letter')}")
    if has_quarantine:
        counts, complete = quarantine.by_reason(deployment, deployment.client("s3"))
        console.print(f"quarantine: {counts.total()}{'' if complete else ' and more'} objects")
    known = [*queues, *(["quarantine"] if has_quarantine else [])]
    raise CommandError(f"say which: make redrive QUEUE={'|'.join(known)}")


@dataclass(frozen=True)
class _Chosen:
    """Which dead letters are meant: those of the reason asked for, or all that may succeed."""

    asked: str
    causes: Causes
    pipeline: Pipeline

    def holds(self, reason: str) -> bool:
        """By its reason; a kind of error alone chooses all places where it came about."""
        if not self.asked:
            return reason != NEWER_VERSION
        return self.asked in (reason, reason.partition("/")[0])

    def __call__(self, message: Message) -> bool:
        return self.holds(self.reason(message))

    def reason(self, message: Message) -> str:
        """The reason of a message, as it was received."""
        named = redrive.named_by(message)
        return reason_of(named, self.pipeline.summary_of(message["Body"]), self.causes.of([named]))


def _dead_letters(deployment: Deployment, console: Console, options: Options, pipeline: Pipeline) -> int:
    sqs, queue = deployment.client("sqs"), deployment.outputs["queues"][options.queue]
    function = _consumer(options.queue, pipeline)
    causes = Causes(deployment.client("logs"), function, deployment.outputs["functions"][function]["log_group"])
    letters = dead_letters.peek(sqs, queue["dead_letter_url"], pipeline.summary_of, options.most)
    total = max(depth(sqs, queue["dead_letter_url"]).total, len(letters))  # SQS says about how many
    looked_at = f", {len(letters):,} of them looked at:" if letters else ""
    console.print(f"{options.queue}: {counted(total, 'dead letter')}{looked_at}", highlight=False)
    if not letters:
        return 0
    known = causes.of(letter.named for letter in letters)
    say(console, f"\n{dead_letters.by_reason(letters, known, pipeline.items)}\n")
    _say_what_is_not_known(deployment, console, causes, letters, known)
    chosen = _Chosen(options.reason, causes, pipeline)
    meant = [one for one in letters if chosen.holds(reason_of(one.named, one.summary, known))]
    _check(deployment, options, letters, meant, known)
    if left := 0 if options.reason else len(letters) - len(meant):
        newer = f"{counted(left, 'message')} of a later release would fail again, and stay"
        say(console, f"{newer}: REASON={NEWER_VERSION} means them")
    if not meant:
        return 0
    most = min(options.most, total - len(letters) + len(meant))  # not what fails again meanwhile

    def show() -> None:
        preview(console, [_line(letter, options, known) for letter in meant], most)

    if agreed(deployment, console, options, show):
        causes.read_all()  # now: between a receive and its deletion there is no time to read a log
        (_put_away if options.quarantine else _move)(deployment, console, options, chosen, most)
    return 0


def _say_what_is_not_known(
    deployment: Deployment, console: Console, causes: Causes, letters: Sequence[DeadLetter], known: Mapping[str, Cause]
) -> None:
    if causes.trouble:
        say(console, visible(causes.trouble))
    if any(letter.named not in known for letter in letters):
        say(
            console,
            f"{NO_LINE}: {causes.function} was cut off (timeout, crash, memory) or the message was never delivered; "
            f"look for REPORT and 'Task timed out' lines: "
            f"make logs {deployment.words} FUNCTION={causes.function} RAW=yes",
        )


def _check(
    deployment: Deployment,
    options: Options,
    letters: Sequence[DeadLetter],
    meant: Sequence[DeadLetter],
    known: Mapping[str, Cause],
) -> None:
    """Raises CommandError for a reason that none has, and for putting away what nobody named."""
    reasons = sorted({reason_of(one.named, one.summary, known) for one in letters})
    if options.quarantine and not options.reason:
        raise CommandError(f"say which are given up: QUARANTINE=yes with REASON={'|'.join(reasons)}")
    if options.quarantine and not deployment.outputs.get("quarantine_bucket"):
        raise CommandError(f"{deployment.pipeline} has no quarantine to put them in: its outputs name no bucket")
    if options.reason and not meant:
        looked_at = f"none of the {len(letters)} dead letters looked at has REASON={options.reason}"
        raise CommandError(f"{looked_at}: REASON is one of {', '.join(reasons)}")


def _consumer(queue: str, pipeline: Pipeline) -> str:
    """The function whose log says why messages of a queue failed."""
    if queue not in pipeline.consumers:
        raise CommandError(
            f"no function of the outputs takes from {queue!r}: call it so in `consumes` of the function module too"
        )
    return pipeline.consumers[queue]


def _line(letter: DeadLetter, options: Options, known: Mapping[str, Cause]) -> str:
    group = f", group {letter.group}" if letter.group else ""
    cause = known.get(letter.named, NO_LINE)
    to = "quarantine" if options.quarantine else options.queue
    return visible(f"{letter.message_id}: {letter.summary.kind}{group} → {to} ({cause})", MOST_LINE)


def _about(options: Options, message: Message, chosen: _Chosen) -> dict[str, str]:
    """What an audit says of a dead letter."""
    named = redrive.named_by(message)
    return {
        "queue": options.queue,
        "cause": str(chosen.causes.of([named]).get(named, NO_LINE)),
        "dead_letter": message["MessageId"],
        "kind": chosen.pipeline.summary_of(message["Body"]).kind,
        "group": group_of(message),
    }


def _move(deployment: Deployment, console: Console, options: Options, chosen: _Chosen, most: int) -> None:
    sqs, queue = deployment.client("sqs"), deployment.outputs["queues"][options.queue]
    with Audit(deployment, "redrive") as audit:
        count = redrive.move(
            sqs,
            queue["dead_letter_url"],
            queue["url"],
            most=most,
            rate=options.rate,
            on_moved=lambda message, new_id: audit.line(message=new_id, **_about(options, message, chosen)),
            chosen=chosen,
        )
    left = depth(sqs, queue["dead_letter_url"]).total
    say(console, f"{count} moved back to {options.queue}, {left} left; audit: {audit.key}")


def _put_away(deployment: Deployment, console: Console, options: Options, chosen: _Chosen, most: int) -> None:
    """Each goes to quarantine whole, under its reason, before it is deleted: it can go back."""
    sqs, queue = deployment.client("sqs"), deployment.outputs["queues"][options.queue]
    store = Quarantine(deployment.client("s3"), deployment.outputs["quarantine_bucket"])
    with Audit(deployment, "redrive") as audit:

        def put(message: Message) -> None:
            sent_us = int(message["Attributes"].get("SentTimestamp", 0)) * 1000
            line = line_of(options.queue, PUT_AWAY, chosen.reason(message), sent_us, body=message["Body"])
            key = store.put(PUT_AWAY, sent_us, [line | {"message": message["MessageId"]}])
            audit.line(put_away=key, **_about(options, message, chosen))

        count = redrive.take(sqs, queue["dead_letter_url"], put, most=most, chosen=chosen)
    left = depth(sqs, queue["dead_letter_url"]).total
    back = f"make redrive {deployment.words} QUEUE=quarantine REASON={PUT_AWAY}"
    say(console, f"{count} put away, {left} left; audit: {audit.key}; back: {back}")
