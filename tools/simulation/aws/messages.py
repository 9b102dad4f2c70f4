"""A message on a simulated queue. Times are µs since the epoch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Message:
    """A message on a queue.

    One that SQS delivers more often than it should is a second Message with the same id.
    """

    id: str
    body: str
    sent_at: int
    visible_at: int
    group: str | None = None
    deduplication_id: str | None = None
    sequence: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)  # MessageAttributes
    receives: int = 0
    first_received_at: int | None = None
    handle: str | None = None  # the receipt handle of the last receive
    place: int = 0  # which Message of its queue this is
    # why it left its last queue: "deleted", "expired", "purged", "dead" (it is on the dead-letter
    # queue then)
    gone: str = ""

    def in_flight(self, now: int) -> bool:
        """Whether somebody has it, or its visibility has yet to run out."""
        return self.handle is not None and self.visible_at > now


def system_attributes(message: Message) -> dict[str, str]:
    """What SQS says of a message that was received."""
    found = {
        "ApproximateReceiveCount": str(message.receives),
        "SentTimestamp": str(message.sent_at // 1000),
        "SenderId": "AIDASIMULATED",
        "ApproximateFirstReceiveTimestamp": str((message.first_received_at or 0) // 1000),
    }
    if message.group is not None:
        found["MessageGroupId"] = message.group
    if message.deduplication_id is not None:
        found["MessageDeduplicationId"] = message.deduplication_id
        found["SequenceNumber"] = str(message.sequence)
    return found
