"""Moving dead letters back to the queue they came from.

A message goes back with its old group and a deduplication id of its own, which follows from the
dead letter: repeating a redrive that broke off sends nothing twice within SQS's five minutes, and
after that the pipeline itself takes repeats.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from shared import clock as clocks
from tools.operations.held import A_BATCH, Clock, Held, Message, group_of, seconds_now

MOVE_SECONDS = 60
# a message attribute: the id under which failures name a dead letter that was rewritten
WAS = "sluice-was"
MOST_ATTRIBUTES = 10  # of a message

Sleep = Callable[[float], None]


def pause(seconds: float) -> None:
    """Wait `seconds`."""
    clocks.sleep(seconds)


class Pace:
    """At most `rate` a second: call `wait` before each."""

    def __init__(self, rate: float, now: Clock = seconds_now, sleep: Sleep = pause) -> None:
        self._rate, self._now, self._sleep = rate, now, sleep
        self._began, self._count = now(), 0

    def wait(self) -> None:
        """Sleep until the next may go."""
        ahead = self._count / self._rate - (self._now() - self._began)
        if ahead > 0:
            self._sleep(ahead)
        self._count += 1


def move(
    sqs: Any,
    source: str,
    target: str,
    *,
    most: int = 1_000,
    rate: float = 50.0,
    clock: Clock = seconds_now,
    sleep: Sleep = pause,
    on_moved: Callable[[Message, str], None] | None = None,
    chosen: Callable[[Message], bool] | None = None,
) -> int:
    """Move at most `most` dead letters from `source` to `target`, and return how many went back.

    At most `rate` (1 or more) a second. Each is sent first, `on_moved` is called with it and its
    new id next, and it is deleted last: a failure in between leaves it in both, never in neither.
    None is begun later than half the time that it is held for; those left then come again. Those
    that are not `chosen` (all are where nothing says so) stay.
    """
    pace = Pace(rate, clock, sleep)

    def send(message: Message) -> None:
        pace.wait()
        sent = sqs.send_message(QueueUrl=target, MessageBody=message["Body"], **addressing(message, target, "redrive"))
        if on_moved:
            on_moved(message, sent["MessageId"])

    return take(sqs, source, send, most=most, clock=clock, chosen=chosen)


def take(
    sqs: Any,
    source: str,
    handle: Callable[[Message], None],
    *,
    most: int,
    clock: Clock = seconds_now,
    chosen: Callable[[Message], bool] | None = None,
) -> int:
    """Take at most `most` of the `chosen` messages off a queue, and return how many are gone.

    Each is given to `handle` first and deleted after it.
    """
    count = tries = 0
    while tries < most:
        before = tries
        with Held(sqs, source, MOVE_SECONDS, clock) as held:
            while tries < most and (batch := held.fresh(min(A_BATCH, most - tries))):
                for message in batch:
                    if held.half_over or tries >= most:
                        break
                    if chosen is None or chosen(message):
                        handle(message)
                        tries += 1
                        count += held.delete(message)
                if held.half_over or chosen is None:
                    break
        if tries == before:
            break
    return count


def addressing(message: Message, target: str, what: str, was: str = "") -> dict[str, Any]:
    """What a message that is sent again goes with: its attributes, its group, an id of its own.

    The id follows from the message and from `what` is done, so a repeat is the same. `was`: the id
    under which failures name it; what goes back to its queue has none, and gets new ones.
    """
    attributes = {name: value for name, value in message.get("MessageAttributes", {}).items() if name != WAS}
    if was and len(attributes) < MOST_ATTRIBUTES:
        attributes[WAS] = {"DataType": "String", "StringValue": was}
    more: dict[str, Any] = {"MessageAttributes": attributes} if attributes else {}
    if not target.endswith(".fifo"):
        return more
    identity = hashlib.sha256(f"{what} {message['MessageId']}".encode()).hexdigest()
    return more | {"MessageGroupId": group_of(message), "MessageDeduplicationId": identity}


def named_by(message: Message) -> str:
    """The id by which failures name a dead letter: its own, unless it was rewritten."""
    was = message.get("MessageAttributes", {}).get(WAS, {}).get("StringValue")
    return str(was or message["MessageId"])
