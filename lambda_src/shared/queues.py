"""Queues: sending in few requests, reporting part failures, backing off, stopping early."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from shared import clock, logs

REQUEST_ENTRIES = 10
REQUEST_BYTES = 1_048_576
ROUNDS = 3
IDS_A_LINE = 100
LEAST_SECONDS_LEFT = 2.0
LEAST_SHARE_LEFT = 0.15


class OutgoingMessage(NamedTuple):
    """A message to send; `group` and `deduplication_id` belong to FIFO queues. The body is ASCII."""

    body: str
    group: str | None = None
    deduplication_id: str | None = None


def send_all(sqs: Any, queue_url: str, entries: Sequence[OutgoingMessage]) -> set[int]:
    """Send `entries` in order, in as few requests as they fit; return the indices of those that were not sent.

    Entries that a request refused are tried again, at most ROUNDS times in all. A request that fails as a whole (the
    client has repeated it by then) ends the sending. Whatever is not sent leaves one line in the log.
    """
    unsent: set[int] = set()
    kinds: list[str] = []
    waiting: Sequence[int] = range(len(entries))
    for round_number in range(ROUNDS):
        if round_number:
            clock.sleep(random.uniform(0.5, 1) * 0.1 * 2**round_number)  # noqa: S311
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
    """One pass: what may be tried again, what may not, the kinds of error, and whether a whole request failed."""
    again: list[int] = []
    lost: list[int] = []
    kinds: list[str] = []
    requests = list(_requests(entries, indices))
    for number, request in enumerate(requests):
        try:
            answer = sqs.send_message_batch(QueueUrl=queue_url, Entries=[_entry(i, entries[i]) for i in request])
        except (ClientError, BotoCoreError) as error:
            rest = [i for later in requests[number:] for i in later]
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


def failures(message_ids: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """The partial batch response that fails exactly `message_ids`, each once, in order."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in dict.fromkeys(message_ids)]}


def failed(place: str, kind: str, queue_url: str, records: Sequence[dict[str, Any]], **more: object) -> None:
    """The structured lines of `records` (of the event) that failed for one cause: `logs.failed`, naming their messages.

    SQS keeps no cause with a dead letter, so this is what it is joined with, by its id. A line names at most 100.
    """
    message_ids = [record["messageId"] for record in records]
    for start in range(0, max(1, len(message_ids)), IDS_A_LINE):
        named = message_ids[start : start + IDS_A_LINE]
        logs.failed(place, kind, queue_url, len(named), message_ids=named, **more)


def sent_at_us(record: dict[str, Any]) -> int:
    """When the queue took the message of a `record` (of the event), in microseconds."""
    return int(record["attributes"]["SentTimestamp"]) * 1000


def back_off(sqs: Any, queue_url: str, records: Iterable[dict[str, Any]], *, base: float = 2, cap: float = 60, context: Any = None) -> None:
    """Let failed `records` (of the event) come back after min(cap, base * 2^(receives - 1)) seconds, with jitter.

    Best effort: without it they come back when their visibility runs out. Messages left by an early stop come back so too: it
    ends only when half of the time kept for an early stop is gone.
    """
    waiting = list(records)
    missed: Counter[str] = Counter()
    for start in range(0, len(waiting), REQUEST_ENTRIES):
        if context is not None and out_of_time(context, 0.5):
            missed["OutOfTime"] = len(waiting) - start
            break
        entries = [
            {"Id": str(i), "ReceiptHandle": record["receiptHandle"], "VisibilityTimeout": _pause(record, base, cap)}
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
        logs.logger().warning(
            "back-off not set", extra={"queue": queue_url.rsplit("/", 1)[-1], "kind": missed.most_common(1)[0][0], "count": missed.total()}
        )


def _pause(record: dict[str, Any], base: float, cap: float) -> int:
    receives = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    longest = min(cap, base * 2.0 ** min(receives - 1, 30))
    return max(1, round(random.uniform(0.5, 1) * longest))  # noqa: S311


_first_look: tuple[Any, int] = (None, 0)


def out_of_time(context: Any, share: float = 1) -> bool:
    """True when less than 2 s, or 15 % of the time there was at the first look at this `context`, remains (or a `share` of that).

    Look once at the start of an invocation: then that time is the function's timeout.
    """
    global _first_look
    remaining = context.get_remaining_time_in_millis()
    if _first_look[0] is not context:
        _first_look = (context, remaining)
    return bool(remaining < share * max(LEAST_SECONDS_LEFT * 1000, LEAST_SHARE_LEFT * _first_look[1]))
