"""The load: a document for each row, made of its number, and the pointers to them."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from receipts import documents
from receipts.delivery.messages import Delivery
from receipts.delivery.messages import encode as message
from receipts.documents import Document
from receipts.fields import Field, Receipt
from receipts.ids import batch_id_of
from shared import queues
from shared.queues import OutgoingMessage
from tools.bench.receipts.peak.curve import Curve

CUSTOMER = "peak"
BATCH = batch_id_of(CUSTOMER, "january")
LOOK_SECONDS = 0.2
MOST_A_LOOK = 500
# The emulator goes through all of a queue for each message that is received or deleted: what is due
# beyond this waits with the sender, as it would on SQS.
MOST_IN_QUEUE = 5_000


def file_id(number: int) -> str:
    """The id of the file of that number."""
    return f"{number:032x}"


def document() -> Document:
    """What was read of file 0: one receipt."""
    kind, merchant, day, currency, total = (
        Field(value, 100, "printed-twice", review=False)
        for value in ("purchase", "Gasthof zur Post", "2027-01-28", "EUR", "12.50")
    )
    receipt = Receipt(page=1, kind=kind, merchant=merchant, date=day, currency=currency, total=total)
    return Document(
        batch_id=BATCH,
        customer_id=CUSTOMER,
        file_id=file_id(0),
        names=["receipt.jpg"],
        read_at=datetime(2027, 1, 28, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        reader="peak",
        pages=1,
        width=800,
        height=1200,
        notes=[],
        receipts=documents.receipts_of([receipt], [None]),
    )


class Bucket:
    """The bucket of documents, as much of an S3 client as a lane uses: each is made when it is
    asked for.
    """

    def __init__(self) -> None:
        self._content = documents.encode(document())

    def get_object(self, *, Key: str, **_: str) -> Mapping[str, Any]:  # noqa: N803 (as boto3 names it)
        """The document that a key names."""
        name = Key.rsplit("/", 1)[-1].removesuffix(".json").encode()
        return {"Body": io.BytesIO(self._content.replace(file_id(0).encode(), name))}


class Sender(threading.Thread):
    """Sends the pointers of a curve to a queue, as they are due and `depth` of it has room."""

    def __init__(self, sqs: Any, queue_url: str, curve: Curve, depth: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self.sent, self.error = 0, ""
        self._sqs, self._queue_url, self._curve, self._depth = sqs, queue_url, curve, depth
        self._began = time.monotonic()
        self._ended = threading.Event()

    def waiting(self) -> int:
        """How many are due and not done, on the queue or not there yet."""
        return self._depth() + max(0, self._due() - self.sent)

    def run(self) -> None:
        """Until all are sent, or `end` is called."""
        self._began = time.monotonic()
        while self.sent < self._curve.rows and not self._ended.is_set():
            room = min(MOST_A_LOOK, max(0, MOST_IN_QUEUE - self._depth()))
            due = min(self._due(), self.sent + room)
            some = [
                OutgoingMessage(message(Delivery(batch_id=BATCH, customer_id=CUSTOMER, file_id=file_id(number))))
                for number in range(self.sent, due)
            ]
            if some and queues.send_all(self._sqs, self._queue_url, some):
                self.error = "the queue does not take them"
                return
            self.sent = due
            self._ended.wait(LOOK_SECONDS)

    def _due(self) -> int:
        return self._curve.due(time.monotonic() - self._began)

    def end(self) -> None:
        """Send no more."""
        self._ended.set()
        self.join()
