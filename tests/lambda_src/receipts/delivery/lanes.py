"""A lane on simulated services, and a database in memory."""

from __future__ import annotations

import json
from typing import Any

from receipts import documents
from receipts.deliver import Deliver
from receipts.delivery import messages
from receipts.delivery.credentials import Login
from receipts.delivery.messages import Delivered, Delivery, Heartbeat, Outcome, Question, RowRefused, Tick
from receipts.documents import Document
from receipts.ids import customer_key
from receipts.settings import DeliverSettings
from tests.lambda_src.receipts.delivery.made import LOGIN, MemoryDatabase, document, file_id
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER
from tests.lambda_src.stack import Context
from tools.simulation.aws.cloud import Cloud

Json = dict[str, Any]
PACE = {"most_rows": 200, "latency_ms": 250, "most_rest_ms": 1_000, "linger_seconds": 6}


class Source:
    """Where the login is read, as often as it says."""

    def __init__(self) -> None:
        self.now, self.reads = LOGIN, 0

    def login(self) -> Login:
        """The login."""
        self.reads += 1
        return self.now


class Lanes:
    """Queues, documents, a database, and deliver."""

    def __init__(self, cloud: Cloud, **pace: int) -> None:
        self.cloud, self.sqs, self.s3 = cloud, cloud.client("sqs"), cloud.client("s3")
        cloud.sqs.create_queue("delivery", {"VisibilityTimeout": "120"})
        cloud.sqs.create_queue("delivered")
        cloud.sqs.create_queue("lane.fifo", {"VisibilityTimeout": "360", "MessageRetentionPeriod": "300"})
        cloud.s3.create_bucket("documents")
        self.database, self.source = MemoryDatabase(), Source()
        urls = {name: cloud.sqs.url(name) for name in ("delivery", "delivered", "lane.fifo")}
        self.config = DeliverSettings(
            delivery_queue_url=urls["delivery"],
            delivered_queue_url=urls["delivered"],
            lane_queue_url=urls["lane.fifo"],
            documents_bucket="documents",
            database_secret="arn:secret",
            pace=json.dumps(PACE | pace),
        )
        self.function = self.worker()

    def worker(self) -> Deliver:
        """A new worker."""
        return Deliver(self.config, (self.sqs, self.s3), self.source, self.database.connect)

    def put(self, made: Document | bytes, number: int = 0, revision: int = 0) -> None:
        """Put a document where file `number`'s is looked for."""
        key = documents.key_of(customer_key(CUSTOMER), file_id(number), revision)
        body = made if isinstance(made, bytes) else documents.encode(made)
        self.s3.put_object(Bucket="documents", Key=key, Body=body)

    def point(self, *numbers: int, revision: int = 0) -> None:
        """Send pointers of these files."""
        for number in numbers:
            self.send(messages.encode(pointer(number, revision)))

    def send(self, body: str) -> None:
        """Send a message to the delivery queue."""
        self.sqs.send_message(QueueUrl=self.config.delivery_queue_url, MessageBody=body)

    def read(self, *numbers: int, receipts: int = 1) -> None:
        """Files that were read: their documents, and pointers of them."""
        for number in numbers:
            self.put(document(number, receipts), number)
        self.point(*numbers)

    def tick(self, lane: int = 0, once: str = "1", **pace: int) -> Json | None:
        """Send a tick and receive what its queue hands out then, as the function gets it."""
        sent = messages.tick(Tick(lane=lane, **pace), once)
        self.sqs.send_message(
            QueueUrl=self.config.lane_queue_url,
            MessageBody=sent.body,
            MessageGroupId=sent.group,
            MessageDeduplicationId=sent.deduplication_id,
        )
        return self.next_tick()

    def next_tick(self) -> Json | None:
        """The tick that the lane queue hands out now, if any."""
        asked = {"QueueUrl": self.config.lane_queue_url, "AttributeNames": ["All"]}
        for one in self.sqs.receive_message(**asked).get("Messages", []):
            return {
                "messageId": one["MessageId"],
                "receiptHandle": one["ReceiptHandle"],
                "body": one["Body"],
                "attributes": one["Attributes"],
            }
        return None

    def run(self, record: Json | None = None, context: Context | None = None) -> list[str]:
        """Let a worker handle a tick: the ids of the messages that it keeps."""
        record = record or self.tick()
        assert record
        answer = self.function.handle({"Records": [record]}, context or Context())
        kept = [one["itemIdentifier"] for one in answer["batchItemFailures"]]
        if not kept:
            handle = record["receiptHandle"]
            self.sqs.delete_message(QueueUrl=self.config.lane_queue_url, ReceiptHandle=handle)
        return kept

    def outcomes(self) -> list[Outcome]:
        """What was told since this was last asked, but for heartbeats."""
        return [one for one in self.told() if not isinstance(one, Heartbeat)]

    def told(self) -> list[Outcome]:
        """What was told since this was last asked."""
        url, found = self.config.delivered_queue_url, list[Outcome]()
        while taken := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for one in taken:
                found.append(messages.decode_outcome(one["Body"]))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return sorted(found, key=messages.encode)

    def waiting(self) -> tuple[int, int]:
        """Pointers that can be received now, and those in flight."""
        queue = self.cloud.sqs.queues["delivery"]
        visible, hidden, _ = queue.depths()
        return visible, hidden

    def delivered(self) -> dict[str, int]:
        """Rows that stand, by file."""
        found = [key.file_id for key in self.database.rows]
        return {one: found.count(one) for one in found}


def pointer(number: int = 0, revision: int = 0) -> Delivery:
    """The pointer of file `number`."""
    return Delivery(batch_id=BATCH_ID, customer_id=CUSTOMER, file_id=file_id(number), revision=revision)


def question(*numbers: int) -> Question:
    """How much stands of these files?"""
    return Question(batch_id=BATCH_ID, customer_id=CUSTOMER, keys=[file_id(number) for number in numbers])


__all__ = ["Context", "Delivered", "Heartbeat", "Lanes", "RowRefused", "document", "file_id", "pointer", "question"]
