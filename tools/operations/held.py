"""Messages of a queue that are kept from others while somebody looks at them or moves them.

SQS keeps a received message back for so many seconds, and no longer: then it gives itself back, and
its receipt is worth nothing. So whoever holds many watches the time, gives back in batches, and
passes over what has given itself back.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from shared import clock

Message = dict[str, Any]  # as SQS gives it, with all of its attributes
Clock = Callable[[], float]

A_BATCH = 10  # the most that SQS takes
# batches of messages met before, whose hold was over (or SQS gave them twice), one after the
# other; and one a group of a FIFO queue, which each such batch locks
MOST_STALE = 3
GONE = {"ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight"}


def seconds_now() -> float:
    """Seconds of a clock that never goes back."""
    return clock.monotonic()


class Held:
    """Messages of one queue, each held for `seconds`; a context manager.

    At its end all are given back that were not deleted.
    """

    def __init__(self, sqs: Any, url: str, seconds: int, now: Clock = seconds_now) -> None:
        self._sqs, self._url, self._seconds, self._now = sqs, url, seconds, now
        self._met: set[str] = set()
        self._groups: set[str] = set()
        self._receipts: dict[str, str] = {}  # message id → its latest receipt
        self._first_at: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._give_back()
        except (ClientError, BotoCoreError):
            if error is None:
                raise
            # what broke it off is the news: these give themselves back a little later

    @property
    def half_over(self) -> bool:
        """Whether half of the time has gone for which the first message is held."""
        return self._first_at is not None and self._now() - self._first_at >= self._seconds / 2

    def receive(self, most: int = A_BATCH) -> list[Message]:
        """At most `most` messages (10 at most), met before or not."""
        if self._first_at is None:
            self._first_at = self._now()
        messages: list[Message] = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=most,
            VisibilityTimeout=self._seconds,
            WaitTimeSeconds=1,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        for message in messages:
            self._receipts[message["MessageId"]] = message["ReceiptHandle"]
            self._groups.add(group_of(message))
        return messages

    def fresh(self, most: int = A_BATCH) -> list[Message]:
        """The next messages, without those met before; none where there are no more of them."""
        for _ in range(MOST_STALE + len(self._groups)):
            batch = self.receive(most)
            fresh = {one["MessageId"]: one for one in batch if one["MessageId"] not in self._met}
            if fresh or not batch:
                self._met |= fresh.keys()
                return list(fresh.values())
        return []

    def delete(self, message: Message) -> bool:
        """Delete a message; False where it gave itself back: it comes again, as a fresh one."""
        self._receipts.pop(message["MessageId"], None)
        try:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        except ClientError as error:
            if error.response["Error"]["Code"].rsplit(".", 1)[-1] not in GONE:
                raise
            self._met.discard(message["MessageId"])
            return False
        return True

    def _give_back(self) -> None:
        """Let what is held come again at once; what SQS does not take back has come already."""
        receipts = list(self._receipts.values())
        for start in range(0, len(receipts), A_BATCH):
            entries = [
                {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for number, receipt in enumerate(receipts[start : start + A_BATCH])
            ]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
        self._receipts.clear()


def group_of(message: Message) -> str:
    """A message's group; empty on a standard queue."""
    return str(message["Attributes"].get("MessageGroupId", ""))
