"""What Lambda's pollers make of a queue: the batches that functions are given, and the requests
that are billed for it.

The rules are AWS's documented ones; where it documents none, the assumption is named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tools.simulation.aws.meter import Meter
from tools.simulation.aws.wire import ENVELOPE_BYTES, Message

EVENT_BYTES = 6 * 1024 * 1024 - 64 * 1024  # 6 MB, and AWS keeps a little for itself
REQUEST_ENTRIES = 10
# a standard queue's mapping begins with five batches at a time, and adds only when they do not keep
# up
POLLERS = 5
ROUND_TRIP_SECONDS = (
    # assumed: a long poll answers as soon as there is one message; at a low rate it finds what came
    # since
    0.01
)
IDLE_SECONDS = 20  # the longest long poll


@dataclass(frozen=True)
class Mapping:
    """A mapping's settings: batch_size, window (s) and the most batches at a time."""

    batch_size: int
    window_seconds: int = 0
    maximum_concurrency: int = 1000

    def batch_at(self, rate: float) -> int:
        """Messages in a batch of a standard queue when `rate` come each second: what a poller
        gathers in its window.
        """
        pollers = min(POLLERS, self.maximum_concurrency)
        return max(1, min(self.batch_size, round(rate * max(self.window_seconds, ROUND_TRIP_SECONDS) / pollers)))


def a_receive(rate: float | None, pollers: int = POLLERS) -> int:
    """Messages that one receive finds at this rate; as many as it can when the queue is never empty
    (None).
    """
    if rate is None:
        return REQUEST_ENTRIES
    return max(1, min(REQUEST_ENTRIES, round(rate * ROUND_TRIP_SECONDS / pollers)))


def receives(messages: int, seconds: float) -> int:
    """Requests in which one poller receives so many messages that come within so many seconds."""
    each = a_receive(messages / max(seconds, ROUND_TRIP_SECONDS), 1)
    return -(-messages // each)


def standard(messages: Sequence[Message], most: int) -> Iterator[list[Message]]:
    """Batches of a standard queue: at most `most` messages and 6 MB of event."""
    batch: list[Message] = []
    size = 0
    for message in messages:
        bytes_more = _escaped(message.body) + ENVELOPE_BYTES
        if batch and (len(batch) == most or size + bytes_more > EVENT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += bytes_more
    if batch:
        yield batch


def fifo(messages: Sequence[Message], most: int) -> Iterator[list[Message]]:
    """Batches of a FIFO queue: at most ten messages and 6 MB, taken as they come.

    Behind a backlog a receive gives several messages of one group; then journal entries are larger,
    and cheaper, than here.
    """
    yield from standard(messages, min(most, REQUEST_ENTRIES))


def charge(meter: Meter, batch: Sequence[Message], each: int, *, is_fifo: bool) -> None:
    """Count the requests that brought and then deleted a batch: `each` messages a receive, ten a
    delete.
    """
    for start in range(0, len(batch), each):
        meter.sqs(is_fifo, sum(len(message.body) for message in batch[start : start + each]))
    for _ in range(0, len(batch), REQUEST_ENTRIES):
        meter.sqs(is_fifo)


def idle_receives_a_month(mapping: Mapping) -> float:
    """Empty long polls of a mapping in 30 days: five pollers (assumed for FIFO queues too), 20 s
    each.
    """
    return min(POLLERS, mapping.maximum_concurrency) * 30 * 86_400 / IDLE_SECONDS


def event(batch: Sequence[Message], number: int, queue_arn: str, sent_ms: int) -> dict[str, Any]:
    """The event of a batch."""
    records = []
    for place, message in enumerate(batch):
        attributes = {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(sent_ms),
            "SenderId": "AROAEXAMPLE:function",
            "ApproximateFirstReceiveTimestamp": str(sent_ms + 1),
        }
        if message.group is not None:
            attributes |= {"MessageGroupId": message.group, "SequenceNumber": "18849496460467696128"}
        records.append(
            {
                "messageId": f"{number:08x}-0000-4000-8000-{place:012x}",
                "receiptHandle": f"receipt-{number}-{place}",
                "body": message.body,
                "attributes": attributes,
                "messageAttributes": {},
                "md5OfBody": "0" * 32,
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": "us-east-1",
            }
        )
    return {"Records": records}


def _escaped(body: str) -> int:
    """The bytes of a body within an event, where it is a JSON string."""
    return len(body) + body.count('"') + body.count("\\")
