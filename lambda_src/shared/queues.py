"""Queues: sending in few requests, reporting part failures, backing off, stopping early."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from shared import backoff, clock, logs

REQUEST_ENTRIES = 10
REQUEST_BYTES = 1_048_576
ROUNDS, FIRST_PAUSE_SECONDS = 3, 0.2
IDS_A_LINE = 100
LEAST_SECONDS_LEFT = 2.0
LEAST_SHARE_LEFT = 0.15
MESSAGES_FAILED = "MessagesFailed"  # a metric that every consumer writes


class OutgoingMessage(NamedTuple):
    """A message to send; `group` and `deduplication_id` belong to FIFO queues.

    The body is ASCII.
    """

    body: str
    group: str | None = None
    deduplication_id: str | None = None


def send_all(sqs: Any, queue_url: str, entries: Sequence[OutgoingMessage]) -> set[int]:
    """Send `entries` in order, in as few requests as they fit: the indices of those not sent.

    Entries that a request refused are tried again, at most ROUNDS times in all. A request that
    fails as a whole (the client has repeated it by then) ends the sending. Whatever is not sent
    leaves one line in the log.
    """
    unsent: set[int] = set()
    kinds: list[str] = []
    waiting: Sequence[int] = range(len(entries))
    for round_number in range(ROUNDS):
        if round_number:
            clock.sleep(backoff.pause_seconds(round_number, FIRST_PAUSE_SECONDS))
        waiting, lost, kinds, broken = _send_round(sqs, queue_url, entries, waiting)
        unsent.update(lost)
        if broken or not waiting:
            break
    unsent.update(waiting)
    if unsent:
        logs.failed("send", Counter(kinds).most_common(1)[0][0], queue_url, len(unsent))
    return unsent


def _send_round(
    sqs: Any, queue_url: str, entries: Sequence[OutgoingMessage], indices: Sequence[int]
) -> tuple[list[int], list[int], list[str], bool]:
    """One pass over `indices`.

    Gives what may be tried again, what may not, the kinds of error, and whether a whole request
    failed.
    """
    again: list[int] = []
    lost: list[int] = []
    kinds: list[str] = []
    requests = list(_requests(entries, indices))
    for number, request in enumerate(requests):
        try:
            answer = sqs.send_message_batch(
                QueueUrl=queue_url, Entries=[_entry(i, entries[i]) for i in request]
            )
        except (ClientError, BotoCoreError) as error:
            rest = list(chain.from_iterable(requests[number:]))
            kinds += [logs.kind_of(error)] * len(rest)
            return again + rest, lost, kinds, True
        for failure in answer.get("Failed", ()):
            kinds.append(failure["Code"])
            (lost if failure.get("SenderFault") else again).append(int(failure["Id"]))
    return again, lost, kinds, False


def _requests(entries: Sequence[OutgoingMessage], indices: Iterable[int]) -> Iterator[list[int]]:
    request: list[int] = []
    size = 0
    for index in indices:
        length = len(entries[index].body)
        if request and (len(request) == REQUEST_ENTRIES or size + length > REQUEST_BYTES):
            yield request
            request, size = [], 0
        request.append(index)
        size += length
    if request:
        yield request


def _entry(index: int, message: OutgoingMessage) -> dict[str, str]:
    entry = {"Id": str(index), "MessageBody": message.body}
    if message.group is not None:
        entry["MessageGroupId"] = message.group
    if message.deduplication_id is not None:
        entry["MessageDeduplicationId"] = message.deduplication_id
    return entry


def failures(
    message_ids: Iterable[str], *, kept: Iterable[str] = ()
) -> dict[str, list[dict[str, str]]]:
    """The partial batch response that fails exactly these messages, each once, in order.

    It counts as MESSAGES_FAILED all but those that are only `kept` on their queue. SQS would not
    tell: a standard queue leaves a message out of its oldest one's age from the third receive on.
    """
    failed = dict.fromkeys(message_ids)
    logs.count_always(MESSAGES_FAILED, len(failed))
    again = failed | dict.fromkeys(kept)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


def failed(
    place: str, kind: str, queue_url: str, records: Sequence[dict[str, Any]], **more: object
) -> None:
    """Write `logs.failed` of `records` (of the event) that failed for one cause, naming them.

    SQS keeps no cause with a dead letter, so this is what it is joined with, by its id. A line
    names at most 100 messages.
    """
    message_ids = [record["messageId"] for record in records]
    for start in range(0, max(1, len(message_ids)), IDS_A_LINE):
        named = message_ids[start : start + IDS_A_LINE]
        logs.failed(place, kind, queue_url, len(named), message_ids=named, **more)


def sent_at_us(record: dict[str, Any]) -> int:
    """When the queue took the message of a `record` (of the event), in microseconds."""
    return int(record["attributes"]["SentTimestamp"]) * 1000


def back_off(
    sqs: Any,
    queue_url: str,
    records: Iterable[dict[str, Any]],
    *,
    base: float = 2,
    cap: float = 60,
    context: Any = None,
) -> None:
    """Let failed `records` (of the event) come back soon, and later each time they are received.

    That is after `base` to `cap` seconds, see `backoff.pause_seconds`. Best effort: without it they
    come back when their visibility runs out. Messages left by an early stop come back so too: it
    ends only when half of the time kept for an early stop is gone.
    """
    waiting = list(records)
    missed: Counter[str] = Counter()
    for start in range(0, len(waiting), REQUEST_ENTRIES):
        if context is not None and out_of_time(context, 0.5):
            missed["OutOfTime"] = len(waiting) - start
            break
        entries = [
            {
                "Id": str(i),
                "ReceiptHandle": record["receiptHandle"],
                "VisibilityTimeout": _visibility_seconds(record, base, cap),
            }
            for i, record in enumerate(waiting[start : start + REQUEST_ENTRIES])
        ]
        try:
            answer = sqs.change_message_visibility_batch(QueueUrl=queue_url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            missed[logs.kind_of(error)] += len(waiting) - start
            break
        for failure in answer.get("Failed", ()):
            missed[failure["Code"]] += 1
    if missed:
        kind, count = missed.most_common(1)[0][0], missed.total()
        extra = {"queue": queue_url.rsplit("/", 1)[-1], "kind": kind, "count": count}
        logs.logger().warning("back-off not set", extra=extra)


def _visibility_seconds(record: dict[str, Any], base: float, cap: float) -> int:
    receives = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    return max(1, round(backoff.pause_seconds(receives, base, cap)))


_first_check: tuple[Any, int] = (None, 0)


def out_of_time(context: Any, share: float = 1) -> bool:
    """True when less than 2 s, or 15 % of the invocation's time, remains (or a `share` of that).

    Check once at the start of an invocation: the time that remained at the first check of this
    `context` is taken for the function's timeout.
    """
    global _first_check
    remaining = context.get_remaining_time_in_millis()
    if _first_check[0] is not context:
        _first_check = (context, remaining)
    return bool(
        remaining < share * max(LEAST_SECONDS_LEFT * 1000, LEAST_SHARE_LEFT * _first_check[1])
    )
