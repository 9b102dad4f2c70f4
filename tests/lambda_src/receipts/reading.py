"""Files on their way to `read`: simulated services, and a reader that says what a test tells it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from receipts import documents, ids
from receipts.documents import Document
from receipts.fields import Hints
from receipts.image import ImageRefused, prepare
from receipts.messages import Image, encode
from receipts.read import Read
from receipts.reader import Reader
from receipts.rows import FileRow
from receipts.settings import ReadSettings
from shared.quarantine import Quarantine
from tests.lambda_src.receipts.tables import BATCH_ID, LIMITS, NOW_US, Tables, file_row
from tests.lambda_src.stack import Context, metrics
from tools.simulation.aws.cloud import Cloud
from tools.traffic.receipts import blocks, drawing, encoding, layouts

Json = dict[str, Any]
TTL = NOW_US // 1_000_000 + 86_400


def counted(printed: str) -> Json:
    """The metrics in what was printed."""
    return metrics(json.loads(line) for line in printed.splitlines())


def drawn(number: int = 1, **how: str) -> tuple[bytes, drawing.Sheet]:
    """A drawn receipt: its file and its page."""
    rows, _ = layouts.receipt(number, 8, **how)
    sheet = drawing.draw(rows, drawing.Print(), number)
    return encoding.jpeg(sheet, 85), sheet


class Textract:
    """A reader that knows the pages that were drawn.

    `answers` come first, one a call: an answer, an error, or None for what stands on the page.
    """

    def __init__(self) -> None:
        self.known: dict[bytes, Json] = {}
        self.answers: list[Json | Exception | None] = []
        self.always: Exception | Json | None = None
        self.pages: list[bytes] = []
        self.before: Callable[[], None] = lambda: None

    def analyze_expense(self, **request: Any) -> Any:
        """Answer as Textract does."""
        content = request.pop("Document")["Bytes"]
        assert request == {}
        self.pages.append(content)
        self.before()
        answer = self.answers.pop(0) if self.answers else self.always
        if isinstance(answer, Exception):
            raise answer
        return self.known[content] if answer is None else answer


def delivering(cloud: Cloud) -> Json:
    """The settings of whoever points at what was read: two lanes, a tick in five seconds."""
    urls = {"delivery_queue_url": cloud.sqs.url("delivery"), "lane_queue_url": cloud.sqs.url("lane.fifo")}
    return urls | {"lanes": 2, "slot_seconds": 5}


class World:
    """Buckets, tables, the image queue, and read."""

    def __init__(self, cloud: Cloud, tables: Tables, **changes: Any) -> None:
        self.tables, self.textract = tables, Textract()
        self.sqs, self.s3 = cloud.client("sqs"), cloud.client("s3")
        for bucket in ("documents", "quarantine", "uploads"):
            if bucket not in cloud.s3.buckets:
                cloud.s3.create_bucket(bucket)
        self.buckets = cloud.s3.buckets
        for queue in ("image", "delivery", "lane.fifo"):
            if queue not in cloud.sqs.queues:
                cloud.sqs.create_queue(queue)
        url = cloud.sqs.url("image")
        values: Json = {"image_queue_url": url, "documents_bucket": "documents", "quarantine_bucket": "quarantine"}
        values |= {"ledger_table": "ledger", "usage_table": "usage", "reader": "textract"}
        values |= {"limits": LIMITS.model_dump_json(), "hints": json.dumps({"country": "GB"})}
        self.config = ReadSettings(**values | changes)
        self.function = self.made()
        self._serial = itertools.count(1)

    def made(self) -> Read:
        """A new worker."""
        aws = (self.sqs, self.s3, self.tables.client)
        return Read(self.config, aws, Reader(self.textract, Hints()), Quarantine(self.s3, "quarantine"))

    def receive(self, content: bytes, *sheets: drawing.Sheet, **changes: Any) -> FileRow:
        """A file that split has put, with what is to be read on its pages."""
        row = file_row(content, **changes)
        etag = self.s3.put_object(Bucket=row.bucket, Key=row.key, Body=content)["ETag"]
        try:
            pages = prepare(content).pages
        except ImageRefused:
            pages = ()
        self.textract.known |= {page.content: blocks.answer(sheet) for page, sheet in zip(pages, sheets, strict=False)}
        return self.tables.ledger.receive(row._replace(etag=etag), TTL)

    def message(self, row: FileRow, receives: int = 1, **changes: Any) -> Json:
        """The message of a file, on its queue and received."""
        values = {name: getattr(row, name) for name in ("batch_id", "customer_id", "file_id", "bucket", "key", "etag")}
        return self.record(encode(Image(**values | {"name": row.name} | changes)), receives)

    def record(self, body: str, receives: int = 1) -> Json:
        """A message as the function gets it."""
        number = next(self._serial)
        self.sqs.send_message_batch(
            QueueUrl=self.config.image_queue_url, Entries=[{"Id": "0", "MessageBody": body}]
        )  # fmt: skip
        (received,) = self.sqs.receive_message(QueueUrl=self.config.image_queue_url, AttributeNames=["All"])["Messages"]
        attributes = received["Attributes"] | {"ApproximateReceiveCount": str(receives)}
        handle = received["ReceiptHandle"]
        return {"messageId": f"m{number}", "receiptHandle": handle, "body": body, "attributes": attributes}

    def read(self, *records: Json, context: Context | None = None) -> list[str]:
        """Give messages to read: the ids that it keeps on the queue."""
        answer = self.function.handle({"Records": list(records)}, context or Context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def sent(self, queue: str) -> list[Json]:
        """The messages that wait on a queue, received and left there."""
        asked = {"QueueUrl": f"{self.config.image_queue_url.rpartition('/')[0]}/{queue}", "MaxNumberOfMessages": 10}
        found: list[Json] = self.sqs.receive_message(**asked, VisibilityTimeout=0).get("Messages", [])
        return [json.loads(one["Body"]) for one in found]

    def state(self, row: FileRow) -> FileRow:
        """The file's row now."""
        found = self.tables.ledger.file(row.batch_id, row.file_id)
        assert found
        return found

    def document(self, row: FileRow) -> Document:
        """What was read of the file."""
        key = documents.key_of(ids.customer_key(row.customer_id), row.file_id)
        return documents.decode(self.buckets["documents"][key].body)

    def results(self) -> list[str]:
        """The keys of all documents."""
        return [key for key in self.buckets["documents"] if key.startswith("results/")]

    def quarantined(self) -> list[Json]:
        """The lines in quarantine."""
        texts = [made.body.decode() for made in self.buckets["quarantine"].values()]
        return [json.loads(line) for text in texts for line in text.splitlines()]


__all__ = ["BATCH_ID", "Context", "Json", "Textract", "World", "counted", "drawn"]
