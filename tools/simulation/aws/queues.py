"""A simulated queue: what SQS promises of a standard and of a FIFO queue, and no more.

Times are µs since the epoch.
"""

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tools.simulation.aws.errors import Refused
from tools.simulation.aws.messages import Message, system_attributes

SECOND = 1_000_000
REMEMBERED_US = 300 * SECOND  # a deduplication id
DEFAULTS = {"VisibilityTimeout": "30", "DelaySeconds": "0", "MessageRetentionPeriod": "345600"}
FIRST_SEQUENCE = 18_849_496_460_467_696_128

Listener = Callable[["Queue", Message], None]


@dataclass(slots=True)
class Listeners:
    """Who is told of messages that come, and of those that go."""

    sent: list[Listener] = field(default_factory=list)
    gone: list[Listener] = field(default_factory=list)


class Queue:
    """One queue: its `messages` in the order in which they came, until they are deleted.

    `unseen` and `again` are odds, of a standard queue: that a receive misses a message which is
    there, and that one which is received is delivered once more, which befalls a message once: SQS
    keeps a copy too many, and not more with each receive. Without `locks` a FIFO queue gives a
    group to several receivers at once, as SQS never does.
    """

    def __init__(
        self,
        name: str,
        attributes: Mapping[str, str],
        now_us: Callable[[], int],
        rng: random.Random,
        listeners: Listeners,
    ) -> None:
        self.name, self.attributes, self.listeners = name, {**DEFAULTS, **attributes}, listeners
        self.fifo = name.endswith(".fifo")
        self.messages: dict[int, Message] = {}
        self.dead_letters: Queue | None = None
        self.most_receives = 0
        self.unseen, self.again, self.locks = 0.0, 0.0, True
        # group and id → until when, and the message
        self._remembered: dict[tuple[str, str], tuple[int, Message]] = {}
        self._now_us, self._rng = now_us, rng
        self._places = self._receives = self._generation = 0
        self._doubled: set[str] = set()  # ids

    def send(
        self,
        body: str,
        group: str | None = None,
        deduplication_id: str | None = None,
        *,
        delay_seconds: int | None = None,
        **more: Any,
    ) -> Message:
        """Take a message; a FIFO queue that remembers its deduplication id takes it for the one it
        knows, and returns that.
        """
        now = self._now_us()
        scope = group or "" if self.attributes.get("DeduplicationScope") == "messageGroup" else ""
        of = (scope, deduplication_id or "")
        if self.fifo and self._remembered.get(of, (0,))[0] > now:
            return self._remembered[of][1]
        delay = int(self.attributes["DelaySeconds"]) if delay_seconds is None else delay_seconds
        message = Message(
            f"{self._rng.getrandbits(128):032x}", body, now, now + delay * SECOND, group, deduplication_id, **more
        )
        if self.fifo:
            self._remembered[of] = now + REMEMBERED_US, message
        self._join(message)
        return message

    def receive(
        self, most: int, visibility_seconds: int | None = None, groups: Collection[str] | None = None
    ) -> list[Message]:
        """Receive at most so many messages (of these groups), as they come; one received too often
        goes to the dead letters instead.
        """
        now = self._now_us()
        hidden = int(self.attributes["VisibilityTimeout"]) if visibility_seconds is None else visibility_seconds
        found: list[Message] = []
        for message in self._in_order(now, groups) if self.fifo else self._in_any_order(now):
            if self.most_receives and message.receives >= self.most_receives and self.dead_letters:
                self._bury(message, self.dead_letters)
                continue
            self._receives += 1
            message.receives += 1
            message.first_received_at = message.first_received_at or now
            message.visible_at = now + hidden * SECOND
            message.handle = f"{self.name}/{self._generation}/{message.place}/{self._receives}"
            found.append(message)
            if len(found) == most:
                break
        for message in found:
            if not self.fifo and self._rng.random() < self.again and message.id not in self._doubled:
                self._doubled.add(message.id)
                self.duplicate(message)
        return found

    def take(
        self, most: int, visibility_seconds: int | None = None, groups: Collection[str] | None = None
    ) -> list[dict[str, Any]]:
        """Receive, as a mapping does: records of a Lambda event."""
        return [record_of(self, message) for message in self.receive(most, visibility_seconds, groups)]

    def ready(self) -> list[str]:
        """The groups of a FIFO queue that have a message to receive now, and are not locked by one
        in flight.
        """
        return list(dict.fromkeys(message.group or "" for message in self._in_order(self._now_us(), None)))

    def next_at(self) -> int | None:
        """When there may be something to receive, unless something changes before.

        What is in flight of a FIFO queue locks its group.
        """
        now, due = self._now_us(), dict[str, int]()
        for message in self.messages.values():
            group = (message.group or "") if self.fifo and self.locks else str(message.place)
            if group not in due or message.in_flight(now):
                due[group] = max(due.get(group, 0), message.visible_at)
        return min(due.values(), default=None)

    def delete(self, handle: str) -> None:
        """Delete what was received by this handle.

        An old handle of a standard queue's message that was received again deletes nothing, and
        says nothing. Raises Refused for what is no handle of this queue, and on a FIFO queue for
        one whose visibility has run out.
        """
        message = self._by(handle)
        if message is None:
            return
        if self.fifo and not (message.handle == handle and message.in_flight(self._now_us())):
            raise _expired(handle)
        if message.handle == handle:
            self._leave(message, "deleted")

    def change_visibility(self, handle: str, seconds: int) -> None:
        """Let what was received by this handle come back so many seconds from now.

        Raises Refused where it is not in flight.
        """
        message = self._by(handle)
        now = self._now_us()
        if message is None or not message.in_flight(now):
            raise Refused(
                "MessageNotInflight",
                f"Value {handle} for parameter ReceiptHandle: the message is not available for a change.",
            )
        if message.handle != handle:
            raise _expired(handle)
        message.visible_at = now + seconds * SECOND

    def duplicate(self, message: Message) -> Message:
        """Deliver a message of this (standard) queue once more than was asked for, also one that
        was deleted; returns the other one.
        """
        if self.fifo:
            raise ValueError("a FIFO queue delivers no message twice, unless its visibility runs out")
        again = replace(message, visible_at=self._now_us(), handle=None, gone="")
        self._join(again)
        return again

    def count_receive(self, message: Message) -> None:
        """Count a receive which no consumer ever saw."""
        message.receives += 1

    def purge(self) -> None:
        """Delete everything."""
        for message in list(self.messages.values()):
            self._leave(message, "purged")

    def replace(self) -> list[Message]:
        """Put an empty queue of the same name in this one's place, which knows no handle and no
        deduplication id; what this one held.
        """
        held = list(self.messages.values())
        self.messages.clear()
        self._remembered.clear()
        self._generation += 1
        return held

    def depths(self) -> tuple[int, int, int]:
        """How many messages wait, are in flight, and are delayed."""
        now = self._now_us()
        flying = sum(message.in_flight(now) for message in self.messages.values())
        waiting = sum(message.visible_at <= now for message in self.messages.values())
        return waiting, flying, len(self.messages) - waiting - flying

    def oldest_us(self) -> int:
        """The age of the oldest message; 0 when there is none."""
        now = self._now_us()
        return now - min((message.sent_at for message in self.messages.values()), default=now)

    def _in_any_order(self, now: int) -> Iterator[Message]:
        found = [message for message in self._kept(now) if message.visible_at <= now]
        self._rng.shuffle(found)
        return (message for message in found if not self.unseen or self._rng.random() >= self.unseen)

    def _in_order(self, now: int, groups: Collection[str] | None) -> Iterator[Message]:
        """Group by group what may be received: a group is locked while one of its messages is in
        flight.
        """
        of: dict[str, list[Message]] = {}
        locked: set[str] = set()
        for message in self._kept(now):
            group = message.group or ""
            if not message.in_flight(now):
                of.setdefault(group, []).append(message)
            elif self.locks:
                locked.add(group)
        names = [name for name in of if name not in locked and (groups is None or name in groups)]
        self._rng.shuffle(names)
        for name in names:
            for message in of[name]:
                if message.visible_at > now:  # delayed
                    break
                yield message

    def _kept(self, now: int) -> Iterable[Message]:
        """The messages, without those that have been here longer than the queue keeps them."""
        since = now - int(self.attributes["MessageRetentionPeriod"]) * SECOND
        for message in [message for message in self.messages.values() if message.sent_at < since]:
            self._leave(message, "expired")
        return self.messages.values()

    def _by(self, handle: str) -> Message | None:
        """The message of a handle; None when it is gone."""
        name, _, rest = handle.partition("/")
        generation, _, rest = rest.partition("/")
        place = rest.partition("/")[0]
        if name != self.name or generation != str(self._generation) or not place.isdigit():
            raise Refused(
                "ReceiptHandleIsInvalid", f'The input receipt handle "{handle}" is not a valid receipt handle.'
            )
        return self.messages.get(int(place))

    def _join(self, message: Message) -> None:
        self._places += 1
        message.place = self._places
        if self.fifo:
            message.sequence = FIRST_SEQUENCE + 256 * self._places
        self.messages[message.place] = message
        for listener in self.listeners.sent:
            listener(self, message)

    def _leave(self, message: Message, why: str) -> None:
        del self.messages[message.place]
        message.gone = why
        for listener in self.listeners.gone:
            listener(self, message)

    def _bury(self, message: Message, dead_letters: "Queue") -> None:
        """Move a message to the dead letters: it keeps its id, and on a standard queue its age."""
        now = self._now_us()
        dead_letters._join(replace(message, sent_at=now if self.fifo else message.sent_at, visible_at=now, handle=None))
        self._leave(message, "dead")


def record_of(queue: Queue, message: Message) -> dict[str, Any]:
    """A message as a Lambda event holds it."""
    return {
        "messageId": message.id,
        "receiptHandle": message.handle,
        "body": message.body,
        "attributes": system_attributes(message),
        "messageAttributes": dict(message.attributes),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn_of(queue.name),
        "awsRegion": "us-east-1",
    }


def arn_of(name: str) -> str:
    """A queue's ARN."""
    return f"arn:aws:sqs:us-east-1:000000000000:{name}"


def _expired(handle: str) -> Refused:
    message = f"Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    return Refused("InvalidParameterValue", message)
