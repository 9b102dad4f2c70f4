"""`make redrive QUEUE=…`: shows dead letters or quarantine by cause, says what it would do, and does it when told to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from rich.console import Console

from devcloud.runs import LocalCloudError
from operations import quarantine, redrive, redrive_look, redrive_quarantine
from operations.asking import agreed
from operations.audit import Audit
from operations.place import Place
from operations.queues import depth
from operations.redrive_causes import Causes
from operations.redrive_look import NO_LINE
from operations.redrive_quarantine import Held, Redrive, Unsendable

CONSUMERS = {"ingest": "process", "count": "write", "tick": "tally"}
MOST_LISTED = 100  # messages that a dry run lists


@dataclass(frozen=True)
class Order:
    """What a person asked for. `rate`: messages a second; `reason`: of quarantine, all of it when empty."""

    queue: str
    reason: str = ""
    most: int = 1_000
    rate: float = 50.0
    confirm: bool = False
    dry_run: bool = False


def run(place: Place, console: Console, order: Order) -> int:
    """Show, and move if that is confirmed. Raises LocalCloudError for an order that cannot be carried out."""
    if order.most < 1 or order.rate < 1:
        raise LocalCloudError("MOST and RATE must be at least 1: how many messages to move, and how many a second")
    if order.queue == "quarantine":
        return _quarantine(place, console, order)
    if order.queue in place.outputs["queues"]:
        return _dead_letters(place, console, order)
    sqs, queues = place.client("sqs"), place.outputs["queues"]
    for name, queue in queues.items():
        console.print(f"{name}: {depth(sqs, queue['dead_letter_url']).total} dead letters")
    found, whole = quarantine.by_reason(place, place.client("s3"))
    console.print(f"quarantine: {found.total()}{'' if whole else ' and more'} objects")
    raise LocalCloudError(f"say which: make redrive QUEUE={'|'.join([*queues, 'quarantine'])}")


def _dead_letters(place: Place, console: Console, order: Order) -> int:
    sqs, queue, function = place.client("sqs"), place.outputs["queues"][order.queue], CONSUMERS[order.queue]
    causes = Causes(place.client("logs"), function, place.outputs["functions"][function]["log_group"])
    letters = redrive_look.look(sqs, queue["dead_letter_url"], order.most)
    held = max(depth(sqs, queue["dead_letter_url"]).total, len(letters))  # SQS says about how many
    console.print(f"{order.queue}: {held} dead letters" + (f", {len(letters)} of them looked at:" if letters else ""))
    if not letters:
        return 0
    known = causes.of(letter.message_id for letter in letters)
    console.print(redrive_look.by_cause(letters, known))
    if causes.trouble:
        console.print(causes.trouble, soft_wrap=True)
    if len(known) < len(letters):
        console.print(
            f"{NO_LINE}: {function} was cut off (timeout, crash, memory) or the message was never delivered; "
            f"look for REPORT and 'Task timed out' lines: make logs FUNCTION={function}",
            soft_wrap=True,
        )

    def would() -> None:
        for letter in letters[:MOST_LISTED]:
            cause = known.get(letter.message_id, NO_LINE)
            group = f", group {letter.group}" if letter.group else ""
            console.print(f"  {letter.message_id}: {letter.kind}{group} → {order.queue} ({cause})", highlight=False, soft_wrap=True)
        _listed(console, min(held, order.most), min(len(letters), MOST_LISTED))

    if not _agreed(console, order, would):
        return 0
    with Audit(place, "redrive") as audit:
        moved = redrive.move(
            sqs,
            queue["dead_letter_url"],
            queue["url"],
            most=min(order.most, held),  # not what fails again meanwhile
            rate=order.rate,
            told=lambda line: audit.line(queue=order.queue, cause=_cause(causes, line["dead_letter"]), **line),
        )
    left = depth(sqs, queue["dead_letter_url"]).total
    console.print(f"{moved.count} moved back to {order.queue}, {left} left; audit: {audit.key}", soft_wrap=True)
    return 0


def _cause(causes: Causes, message_id: str) -> str:
    return str(causes.of([message_id]).get(message_id, NO_LINE))


def _quarantine(place: Place, console: Console, order: Order) -> int:
    s3 = place.client("s3")
    keys = list(islice(redrive_quarantine.keys_of(place, s3, order.reason), quarantine.MOST_OBJECTS))
    objects = redrive_quarantine.read(place, s3, keys[: redrive_quarantine.MOST_READ])
    what = f"quarantine{f' for {order.reason}' if order.reason else ''}"
    console.print(f"{what}: {len(keys)} objects" + (f", {len(objects)} of them looked into:" if objects else ""))
    if not objects:
        return 0
    console.print(redrive_quarantine.by_reason(objects))
    if not order.reason:
        console.print("REASON=… of these chooses what to send back to be judged again")
        return 0

    def would() -> None:
        plan = [line for held in objects for line in _plan(held)]
        for line in plan[:MOST_LISTED]:
            console.print(f"  {line}", highlight=False, soft_wrap=True)
        _listed(console, len(plan), MOST_LISTED)

    if _agreed(console, order, would):
        _send(place, console, order, keys)
    return 0


def _plan(held: Held) -> list[str]:
    """What would become of an object, a line a message."""
    try:
        made = redrive_quarantine.backs(held.text)
    except Unsendable as why:
        return [f"{held.key} stays: {why}"]
    what = [f"{back.ballots} ballots" if back.ballots else "a message as it was" for back in made]
    return [f"{held.key} lines {back.first}-{back.last}: {said} → {back.queue}" for back, said in zip(made, what, strict=True)]


def _send(place: Place, console: Console, order: Order, keys: Sequence[str]) -> None:
    """Send objects back until MOST messages are sent; one that was begun is finished."""
    s3 = place.client("s3")
    left: list[str] = []
    with Audit(place, "redrive") as audit:
        work = Redrive(place, s3, place.client("sqs"), run=audit.run, pace=redrive.Pace(order.rate), audit=audit.line)
        for key in keys:
            if work.messages >= order.most:
                break
            for held in redrive_quarantine.read(place, s3, [key]):
                try:
                    work.send(held)
                except Unsendable as why:
                    left.append(f"{key} stays: {why}")
    for line in left[:MOST_LISTED]:
        console.print(line, soft_wrap=True)
    console.print(f"{work.objects} of {len(keys)} objects went back as {work.messages} messages; audit: {audit.key}", soft_wrap=True)
    console.print("what is still refused comes to quarantine again")


def _listed(console: Console, count: int, listed: int) -> None:
    if count > listed:
        console.print(f"  … and {count - listed} more")


def _agreed(console: Console, order: Order, would: Callable[[], None]) -> bool:
    """Whether to go on; what would be done is listed where that is asked for, or nobody could be asked."""
    if order.dry_run or not (order.confirm or sys.stdin.isatty()):
        console.print(f"this would go back, at most {order.rate:g} messages a second:")
        would()
    if order.dry_run:
        console.print("nothing was changed: it was a dry run")
        return False
    command = f"redrive QUEUE={order.queue}{f' REASON={order.reason}' if order.reason else ''}"
    return agreed(console, "Send them back?", command, confirm=order.confirm)
