"""The queues that a lane takes from and tells: what came, what is done, what is given back."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from receipts.delivery import messages
from receipts.delivery.messages import Delivery, Outcome, Question
from receipts.messages import Unreadable
from shared import logs, queues
from shared.queues import REQUEST_ENTRIES, OutgoingMessage
from shared.versions import NewerVersion

Json = dict[str, Any]


class Asked(NamedTuple):
    """A message of the delivery queue: what it asks, and the record of it (as in an event)."""

    what: Delivery | Question
    record: Json


class Inbox:
    """The delivery queue and the delivered one; `sqs` is a client."""

    def __init__(self, sqs: Any, delivery_queue_url: str, delivered_queue_url: str) -> None:
        self._sqs, self._url, self._told_url = sqs, delivery_queue_url, delivered_queue_url

    def receive(self, most: int, wait_seconds: int) -> tuple[list[Asked], int]:
        """At most ten messages, waiting so long for one; and how many came in all.

        What cannot be read stays on the queue, comes later each time, and ends as a dead letter.
        Raises the client's errors.
        """
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(most, REQUEST_ENTRIES),
            WaitTimeSeconds=wait_seconds,
            AttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )
        records = [_record(message) for message in answer.get("Messages", ())]
        asked: list[Asked] = []
        for record in records:
            try:
                asked.append(Asked(messages.decode_delivery(record["body"]), record))
            except (Unreadable, NewerVersion) as error:
                self.fail([record], error)
        return asked, len(records)

    def tell(self, outcomes: Sequence[Outcome]) -> set[int]:
        """Send what became of things: the indices of those not sent, which the log tells."""
        outgoing = [OutgoingMessage(messages.encode(one)) for one in outcomes]
        return queues.send_all(self._sqs, self._told_url, outgoing) if outgoing else set()

    def done(self, records: Sequence[Json]) -> None:
        """Delete these messages. One that stays comes again, and changes nothing."""
        missed = self._each(records, self._sqs.delete_message_batch)
        if missed:
            extra = {"queue": self._url.rsplit("/", 1)[-1], "count": missed}
            logs.logger().warning("not deleted", extra=extra)

    def give_back(self, records: Iterable[Json]) -> None:
        """Let these messages be received again at once. Best effort: else they come later."""
        self._each(list(records), self._sqs.change_message_visibility_batch, VisibilityTimeout=0)

    def fail(self, records: Sequence[Json], error: Exception) -> None:
        """Say what these messages failed for, and let them come later, each time later."""
        cause = logs.cause_of(error)
        queues.failed("deliver", logs.kind_of(error), self._url, records, **cause)
        logs.count_always(queues.MESSAGES_FAILED, len(records))
        queues.back_off(self._sqs, self._url, records, cap=300)

    def _each(self, records: Sequence[Json], call: Any, **more: object) -> int:
        """Make a batch request of each ten: how many entries came to nothing."""
        missed = 0
        for start in range(0, len(records), REQUEST_ENTRIES):
            some = records[start : start + REQUEST_ENTRIES]
            entries = [
                {"Id": str(i), "ReceiptHandle": one["receiptHandle"], **more}
                for i, one in enumerate(some)
            ]
            try:
                missed += len(call(QueueUrl=self._url, Entries=entries).get("Failed", ()))
            except (ClientError, BotoCoreError) as error:
                logs.error("deliver", error)
                return missed + len(records) - start
        return missed


def _record(message: Json) -> Json:
    """A received message as an event would have it."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
    }
