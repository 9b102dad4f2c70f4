"""Files on their way into the database: what lanes say of them, and settle on a simulated cloud."""

from __future__ import annotations

import itertools
import json
from typing import Any

from receipts import documents, ids
from receipts.deliveries import Deliveries
from receipts.delivery import messages
from receipts.delivery.messages import Delivered, Delivery, Heartbeat, Outcome, Question, RowRefused, Standing
from receipts.delivery.pointers import Pointers
from receipts.documents import Document
from receipts.facts_kept import Facts
from receipts.fields import Field, Receipt
from receipts.ledger import ReadResult
from receipts.report import Reports
from receipts.review import Reviews
from receipts.rows import FileRow
from receipts.settings import ReportSettings, ReviewSettings, SettleSettings
from receipts.settle import Settle
from receipts.standing import Answers
from shared import clock
from shared.quarantine import Quarantine
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER, NOW_US, Tables, batch, file_row
from tests.lambda_src.stack import Answer, Context, request
from tools.simulation.aws.cloud import Cloud

Json = dict[str, Any]
LANE = "lambda-0"
BUCKETS = ("documents", "quarantine")
QUEUES = ("delivered", "delivery")

SURE = Field("12.30", 99, "printed-twice", review=False)
UNSURE = Field("2026-04-03", 40, "ambiguous-day-and-month", review=True, alternatives=("2026-03-04",))
CERTAIN = Receipt(
    page=1,
    kind=Field("purchase", 90, "no-sign", review=False),
    merchant=Field("Café Ö", 90, "printed-twice", review=False),
    date=Field("2026-04-03", 99, "only-date", review=False),
    currency=Field("EUR", 99, "printed", review=False),
    total=SURE,
)
DOUBTFUL = Receipt(
    page=1, kind=CERTAIN.kind, merchant=CERTAIN.merchant, date=UNSURE, currency=CERTAIN.currency, total=SURE
)


class Delivering:
    """A batch whose files were read, and the queues and buckets behind `read`."""

    def __init__(self, cloud: Cloud, tables: Tables) -> None:
        self.cloud, self.tables, self.ledger = cloud, tables, tables.ledger
        self.s3, self.sqs = cloud.client("s3"), cloud.client("sqs")
        for bucket in set(BUCKETS) - cloud.s3.buckets.keys():
            self.s3.create_bucket(Bucket=bucket)
        for queue in {*QUEUES, "lane.fifo"} - cloud.sqs.queues.keys():
            cloud.sqs.create_queue(queue)
        self.urls = {name.removesuffix(".fifo"): cloud.sqs.url(name) for name in (*QUEUES, "lane.fifo")}
        tables.ledger.open_batch(batch())
        tables.ledger.ready(batch(), batch().expires_at)
        self._serial = itertools.count(1)

    @property
    def pointing(self) -> Json:
        """The settings of who sends pointers, to two lanes."""
        return {"delivery_queue_url": self.urls["delivery"], "lane_queue_url": self.urls["lane"], "lanes": 2}

    @property
    def settle(self) -> Settle:
        """A new worker of settle."""
        config = SettleSettings(
            delivered_queue_url=self.urls["delivered"],
            documents_bucket="documents",
            quarantine_bucket="quarantine",
            ledger_table="ledger",
        )
        aws = (self.sqs, self.s3, self.tables.client)
        return Settle(config, aws, Quarantine(self.s3, "quarantine"))

    @property
    def reviews(self) -> Reviews:
        """A new worker of review."""
        return self.reviews_of()

    def reviews_of(self, **changes: Any) -> Reviews:
        """A worker of review with other settings."""
        given = {"customer_from": "body", "documents_bucket": "documents", "ledger_table": "ledger"}
        config = ReviewSettings.model_validate(given | self.pointing | changes)
        deliveries = Deliveries(self.tables.client, "ledger")
        return Reviews(config, self.ledger, deliveries, Facts(self.s3, "documents"), Pointers(self.sqs, config))

    def report(self, batch_id: str = BATCH_ID, settings: Json | None = None, **more: Any) -> Json:
        """Ask for a batch's report: the answer as Lambda gives it."""
        given = {"customer_from": "body", "documents_bucket": "documents", "ledger_table": "ledger"}
        config = ReportSettings.model_validate(given | self.pointing | (settings or {}))
        deliveries, answers = Deliveries(self.tables.client, "ledger"), Answers(self.s3, "documents")
        worker = Reports(config, self.ledger, deliveries, answers, Pointers(self.sqs, config))
        path = f"/v1/batches/{batch_id}/report.csv"
        return worker.handle(request(None, method="GET", path=path, pathParameters={"batch_id": batch_id}) | more)

    def to_review(self, batch_id: str = BATCH_ID, **more: Any) -> Answer:
        """Ask what is for review in a batch."""
        path = f"/v1/batches/{batch_id}/review"
        event = request(None, method="GET", path=path, pathParameters={"batch_id": batch_id}) | more
        return Answer(self.reviews.handle(event))

    def close(self, row: FileRow, body: object, worker: Reviews | None = None, **more: Any) -> Answer:
        """Close a file's review."""
        return Answer((worker or self.reviews).handle(self.closing(row.file_id, body, row.batch_id, **more)))

    @staticmethod
    def closing(file_id: str, body: object, batch_id: str = BATCH_ID, **more: Any) -> Json:
        """The request that closes a review."""
        path = f"/v1/batches/{batch_id}/review/{file_id}"
        return request(body, path=path, pathParameters={"batch_id": batch_id, "file_id": file_id}) | more

    def fact(self, row: FileRow, revision: int) -> Document:
        """The document of a revision."""
        key = documents.key_of(ids.customer_key(row.customer_id), row.file_id, revision)
        return documents.decode(self.cloud.s3.buckets["documents"][key].body)

    def read(self, content: bytes, *receipts: Receipt, batch_id: str = BATCH_ID) -> FileRow:
        """A file that was read, with these receipts in its document."""
        row = self.ledger.receive(file_row(content, batch_id=batch_id), batch().ttl)
        document = self.document_of(row, *receipts)
        key = documents.key_of(ids.customer_key(row.customer_id), row.file_id)
        self.s3.put_object(Bucket="documents", Key=key, Body=documents.encode(document))
        result = ReadResult(key, len(receipts), is_for_review=document.is_for_review, read_at=clock.now_us())
        assert self.ledger.read(row.batch_id, row.file_id, result)
        return self.now(row)

    @staticmethod
    def document_of(row: FileRow, *receipts: Receipt) -> Document:
        """What was read of a file."""
        return Document(
            batch_id=row.batch_id,
            customer_id=row.customer_id,
            file_id=row.file_id,
            names=[row.name],
            read_at="2026-11-21T08:00:01Z",
            reader="textract",
            pages=1,
            width=100,
            height=200,
            notes=[],
            receipts=documents.receipts_of(receipts, [None] * len(receipts)),
        )

    def now(self, row: FileRow) -> FileRow:
        """A file's row as it is."""
        found = self.ledger.file(row.batch_id, row.file_id)
        assert found
        return found

    def delivered(self, row: FileRow, revision: int = 0, **changes: Any) -> Delivered:
        """A lane's word that a fact stands."""
        values = self._of(row) | {"revision": revision, "rows": 1, "new": 1}
        return Delivered(**values | changes)

    def refused(self, row: FileRow, revision: int = 0, **changes: Any) -> RowRefused:
        """A lane's word that a row was refused."""
        why = {"receipt": 0, "reason": "refused-by-database", "sqlstate": "23514", "constraint": "total_check"}
        return RowRefused(**self._of(row) | {"revision": revision} | why | changes)

    def standing(self, keys: dict[str, int], **changes: Any) -> Standing:
        """A lane's answer about the batch."""
        values: Json = {"batch_id": BATCH_ID, "customer_id": CUSTOMER, "keys": keys}
        return Standing(**values | {"at": clock.now_us(), "lane": LANE} | changes)

    @staticmethod
    def beat(**changes: Any) -> Heartbeat:
        """A lane's heartbeat."""
        values: Json = {"lane": LANE, "at": NOW_US, "reached": True, "latency_ms": 12, "rows": 30}
        return Heartbeat(**values | {"rows_a_transaction": 100, "rest_ms": 0, "version": "1"} | changes)

    def record(self, body: Outcome | str) -> Json:
        """A message of the delivered queue, as settle gets it."""
        text = body if isinstance(body, str) else messages.encode(body)
        self.sqs.send_message(QueueUrl=self.urls["delivered"], MessageBody=text)
        asked = {"QueueUrl": self.urls["delivered"], "MaxNumberOfMessages": 1, "AttributeNames": ["All"]}
        (got,) = self.sqs.receive_message(**asked)["Messages"]
        handle, attributes = got["ReceiptHandle"], got["Attributes"]
        return {"messageId": f"m{next(self._serial)}", "receiptHandle": handle, "body": text, "attributes": attributes}

    def settled(self, *outcomes: Outcome | str, context: Context | None = None) -> list[int]:
        """Let settle handle these: the places of those that it keeps on the queue."""
        records = [self.record(one) for one in outcomes]
        answer = self.settle.handle({"Records": records}, context or Context())
        ids_ = [record["messageId"] for record in records]
        return [ids_.index(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]

    def quarantined(self) -> list[Json]:
        """The lines in quarantine."""
        bodies = [one.body.decode() for one in self.cloud.s3.buckets["quarantine"].values()]
        return [json.loads(line) for body in bodies for line in body.splitlines()]

    def pointers(self) -> list[Delivery | Question]:
        """What was sent to the lanes since the last look."""
        return [messages.decode_delivery(body) for body in self._taken("delivery")]

    def ticks(self) -> list[int]:
        """The lanes that were woken since the last look."""
        return sorted(messages.decode_tick(body).lane for body in self._taken("lane"))

    def _taken(self, queue: str) -> list[str]:
        found: list[str] = []
        url = self.urls[queue]
        while some := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [one["Body"] for one in some]
            for one in some:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return found

    @staticmethod
    def _of(row: FileRow) -> Json:
        named = {"batch_id": row.batch_id, "customer_id": row.customer_id, "file_id": row.file_id}
        return named | {"at": clock.now_us(), "lane": LANE}
