"""accept, split, account and sweep on a simulated cloud: uploads in, messages and accounts out."""

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote_plus

from receipts import messages, rows
from receipts.accept import Accept
from receipts.account import Accounts
from receipts.ids import batch_id_of, rfc3339
from receipts.messages import Image
from receipts.presigned import upload_key
from receipts.rows import Outcome
from receipts.settings import AccountSettings, Limits, SplitSettings, SweepSettings
from receipts.split import Split
from receipts.sweep import Sweep
from receipts.usage import Usage
from shared import clock
from shared.quarantine import Quarantine
from tests.lambda_src.receipts import asking
from tests.lambda_src.receipts.tables import CUSTOMER, Crash, Tables
from tests.lambda_src.stack import Answer, Context, request
from tools.simulation.aws.calls import Nobody
from tools.simulation.aws.cloud import Cloud

Json = dict[str, Any]
LARGE = Limits(batches=100, files=10_000, bytes=10**11, pixels=10**10)
BUCKETS = ("uploads", "documents", "quarantine")


def jpeg(text: str) -> bytes:
    """Something that begins as a JPEG does."""
    return b"\xff\xd8\xff\xe0" + text.encode()


def zipped(entries: dict[str, bytes] | Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of these entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries.items() if isinstance(entries, dict) else entries:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


class Receiving:
    """The pipeline up to its image queue, on a simulated cloud."""

    def __init__(self, cloud: Cloud, tables: Tables, limits: Limits = LARGE) -> None:
        self.cloud, self.tables, self.ledger = cloud, tables, tables.ledger
        self.s3, self.sqs = cloud.client("s3"), cloud.client("sqs")
        for bucket in BUCKETS:
            self.s3.create_bucket(Bucket=bucket)
        self.urls = {}
        for name in ("intake", "image"):
            cloud.sqs.create_queue(name, {"VisibilityTimeout": "60"})
            self.urls[name] = cloud.sqs.url(name)
        self.limits = limits

    @property
    def accept(self) -> Accept:
        """A new worker of accept."""
        config = asking.settings(limits=self.limits.model_dump_json())
        usage = Usage(self.tables.client, "usage", self.limits)
        return Accept(config, self.ledger, usage, asking.signer())

    @property
    def split(self) -> Split:
        """A new worker of split."""
        config = SplitSettings(
            intake_queue_url=self.urls["intake"],
            image_queue_url=self.urls["image"],
            uploads_bucket="uploads",
            documents_bucket="documents",
            quarantine_bucket="quarantine",
            ledger_table="ledger",
            usage_table="usage",
            limits=self.limits.model_dump_json(),
        )
        usage = Usage(self.tables.client, "usage", self.limits)
        return Split(config, self.ledger, usage, self.s3, self.sqs, Quarantine(self.s3, "quarantine"))

    def open_files(self, *contents: bytes, token: str = "token-1", customer_id: str = CUSTOMER) -> str:
        """Open a batch of files with these contents: its id."""
        listed = [asking.file(one, name=f"{n}.jpg") for n, one in enumerate(contents)]
        answer = asking.post(self.accept, asking.files(*listed, client_token=token, customer_id=customer_id))
        assert answer.status == 201, answer.text
        return str(answer.body["batch_id"])

    def open_archive(self, content: bytes, token: str = "token-1") -> str:
        """Open a batch of an archive: its id."""
        answer = asking.post(self.accept, asking.archive(content, client_token=token))
        assert answer.status == 201, answer.text
        return str(answer.body["batch_id"])

    def account(self, batch_id: str, settings: Json | None = None, method: str = "GET", **more: Any) -> Answer:
        """Ask for the account of a batch."""
        config = AccountSettings.model_validate({"customer_from": "body", "ledger_table": "ledger"} | (settings or {}))
        parameters = {"pathParameters": {"batch_id": batch_id}}
        event = request(None, method=method, path=f"/v1/batches/{batch_id}", **parameters) | more
        return Answer(Accounts(config, self.ledger).handle(event))

    @property
    def sweep(self) -> Sweep:
        """A new worker of sweep."""
        config = SweepSettings(
            intake_queue_url=self.urls["intake"],
            image_queue_url=self.urls["image"],
            uploads_bucket="uploads",
            ledger_table="ledger",
        )
        return Sweep(config, self.ledger, self.s3, self.sqs)

    def put(self, key: str, content: bytes, content_type: str = "image/jpeg") -> str:
        """Put an object into the bucket of uploads; the body of the event that S3 sends."""
        etag = self.s3.put_object(Bucket="uploads", Key=key, Body=content, ContentType=content_type)["ETag"]
        stored = {"key": quote_plus(key, safe="/"), "size": len(content), "eTag": etag.strip('"')}
        record = {"eventName": "ObjectCreated:Put", "eventTime": rfc3339(clock.now_us())}
        return json.dumps({"Records": [record | {"s3": {"bucket": {"name": "uploads"}, "object": stored}}]})

    def upload(self, batch_id: str, slot: int | None, content: bytes, content_type: str = "image/jpeg") -> None:
        """Put an upload where it belongs, and let S3 tell of it."""
        self.tell(self.put(upload_key(batch_id, slot), content, content_type))

    def archived(self, content: bytes, token: str = "token-1") -> str:
        """A batch whose archive is uploaded: its id."""
        batch_id = self.open_archive(content, token)
        self.upload(batch_id, None, content, "application/zip")
        return batch_id

    def tell(self, body: str) -> None:
        """Put a message on the intake queue."""
        self.sqs.send_message(QueueUrl=self.urls["intake"], MessageBody=body)

    def step(self, context: Any = None, most: int = 10) -> tuple[int, int]:
        """Let split handle some messages: how many there were, and how many it failed."""
        found = self.sqs.receive_message(
            QueueUrl=self.urls["intake"], MaxNumberOfMessages=most, AttributeNames=["All"]
        ).get("Messages", [])
        records = [
            {
                "messageId": one["MessageId"],
                "receiptHandle": one["ReceiptHandle"],
                "body": one["Body"],
                "attributes": one["Attributes"],
            }
            for one in found
        ]
        if not records:
            return 0, 0
        try:
            answer = self.split.handle({"Records": records}, context or Context(30_000))
        except Crash:
            return len(records), len(records)
        failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
        for record in records:
            if record["messageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.urls["intake"], ReceiptHandle=record["receiptHandle"])
        return len(records), len(failed)

    def run(self, later: Callable[[float], None], most: int = 200) -> int:
        """Let split handle all there is, messages that come again too: how many invocations."""
        for times in range(most):
            if not self.step()[0]:
                if not sum(self.cloud.sqs.queues["intake"].depths()):
                    return times
                later(61)
        raise AssertionError("it never ends")

    def images(self) -> list[Image]:
        """What was sent to be read."""
        found: list[Image] = []
        while some := self.sqs.receive_message(QueueUrl=self.urls["image"], MaxNumberOfMessages=10).get("Messages"):
            found += [messages.decode_image(one["Body"]) for one in some]
            for one in some:
                self.sqs.delete_message(QueueUrl=self.urls["image"], ReceiptHandle=one["ReceiptHandle"])
        return found

    def outcomes(self, batch_id: str) -> list[Outcome]:
        """What became of each upload and entry, in their order."""
        items = [item for item in self.ledger.items(batch_id) if "outcomes" in item]
        return sorted(one for item in items for one in rows.read_outcomes(item))

    def reasons(self, batch_id: str) -> dict[str, str]:
        """Why what was refused or ignored was, by name."""
        return {one.name: one.reason for one in self.outcomes(batch_id) if one.reason}

    def quarantined(self) -> list[Json]:
        """The lines in quarantine."""
        bodies = [one.body.decode() for one in self.cloud.s3.buckets["quarantine"].values()]
        return [json.loads(line) for body in bodies for line in body.splitlines()]

    def good_again(self) -> None:
        """Let no call fail any more."""
        self.cloud.meddler = Nobody()

    @staticmethod
    def batch_of(customer_id: str, token: str = "token-1") -> str:
        """The id of the batch that a customer's token stands for."""
        return batch_id_of(customer_id, token)
