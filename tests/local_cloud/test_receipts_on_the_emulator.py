"""accept, split and account on the emulator's services: an archive in, every file accounted for,
with what the store itself tells of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from urllib.request import Request, urlopen

import botocore.session
import pytest
from botocore.config import Config

from receipts import messages
from receipts.accept import Accept
from receipts.account import Accounts
from receipts.ids import file_id_of
from receipts.ledger import Ledger
from receipts.messages import Image
from receipts.settings import AcceptSettings, AccountSettings, Limits, SplitSettings
from receipts.split import Split
from receipts.usage import Usage
from shared import logs
from shared.quarantine import Quarantine
from tests.lambda_src.receipts import tables
from tests.lambda_src.receipts.receiving import jpeg, zipped
from tests.lambda_src.stack import Answer, Context, request
from tests.support.captured import own_logger

LIMITS = Limits(batches=10, files=1_000, bytes=10**9, pixels=10**9)
BUCKETS = {"uploads": "e2e-uploads", "documents": "e2e-documents", "quarantine": "e2e-quarantine"}
GOOD = [jpeg(f"{n}" * 5_000) for n in range(30)]
ARCHIVE = zipped(
    {f"photos/{n}.jpg": one for n, one in enumerate(GOOD)}
    | {"again.jpg": GOOD[0], "notes.txt": b"notes", "__MACOSX/x": b"x"}
)


class Deployed:
    """The functions on the emulator, invoked as their mappings would."""

    def __init__(self, emulator: Callable[[str], Any]) -> None:
        self.sqs, self.dynamodb = emulator("sqs"), emulator("dynamodb")
        self.s3 = _signer(emulator("s3").meta.endpoint_url)
        for bucket in BUCKETS.values():
            self.s3.create_bucket(Bucket=bucket)
        self.urls = {name: self.sqs.create_queue(QueueName=f"e2e-{name}")["QueueUrl"] for name in ("intake", "image")}
        tables.create(self.dynamodb, "e2e-ledger", "e2e-usage")
        self._tell()
        ledger, usage = Ledger(self.dynamodb, "e2e-ledger"), Usage(self.dynamodb, "e2e-usage", LIMITS)
        named = {f"{name}_bucket": bucket for name, bucket in BUCKETS.items()} | {
            "ledger_table": "e2e-ledger",
            "usage_table": "e2e-usage",
            "limits": LIMITS.model_dump_json(),
            "customer_from": "body",
        }
        queues = {f"{name}_queue_url": url for name, url in self.urls.items()}
        accept = AcceptSettings.model_validate(named | {"upload_seconds": 60, "keep_days": 1})
        self.accept = Accept(accept, ledger, usage, self.s3)
        store = Quarantine(self.s3, BUCKETS["quarantine"])
        split = SplitSettings.model_validate(named | queues)
        self.split = Split(split, ledger, usage, self.s3, self.sqs, store)
        self.account = Accounts(AccountSettings.model_validate(named), ledger)

    def _tell(self) -> None:
        arn = self.sqs.get_queue_attributes(QueueUrl=self.urls["intake"], AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        of_s3 = {"Service": "s3.amazonaws.com"}
        may = {"Effect": "Allow", "Principal": of_s3, "Action": "sqs:SendMessage", "Resource": arn}
        policy = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [may]})}
        self.sqs.set_queue_attributes(QueueUrl=self.urls["intake"], Attributes=policy)
        told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        self.s3.put_bucket_notification_configuration(Bucket=BUCKETS["uploads"], NotificationConfiguration=told)

    def taken(self, queue: str) -> list[dict[str, Any]]:
        """Messages of a queue, as records; they are deleted."""
        found = self.sqs.receive_message(
            QueueUrl=self.urls[queue], MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["All"]
        ).get("Messages", [])
        for one in found:
            self.sqs.delete_message(QueueUrl=self.urls[queue], ReceiptHandle=one["ReceiptHandle"])
        return [
            {
                "messageId": one["MessageId"],
                "receiptHandle": one["ReceiptHandle"],
                "body": one["Body"],
                "attributes": one["Attributes"],
            }
            for one in found
        ]

    def accounted(self, batch_id: str) -> dict[str, Any]:
        """The account of a batch."""
        parameters = {"pathParameters": {"batch_id": batch_id}}
        event = request(None, method="GET", path=f"/v1/batches/{batch_id}", **parameters)
        body: dict[str, Any] = Answer(self.account.handle(event)).body
        return body


def _signer(endpoint: str) -> Any:
    session = botocore.session.Session()
    session.set_credentials("test", "test")
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    return session.create_client("s3", region_name="us-east-1", endpoint_url=endpoint, config=config)


@pytest.fixture
def deployed(emulator: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """The functions on the emulator."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "receipts")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
    logs.metrics.cache_clear()
    with own_logger("receipts"):
        yield Deployed(emulator)
    logs.metrics.cache_clear()


def _open(deployed: Deployed, content: bytes) -> Any:
    asked = {"size": len(content), "sha256": sha256(content).hexdigest()}
    body = {"customer_id": "c", "client_token": "t", "kind": "archive", "archive": asked}
    return Answer(deployed.accept.handle(request(body, path="/v1/batches"))).body


def test_an_archive_goes_its_way(deployed: Deployed) -> None:
    opened = _open(deployed, ARCHIVE)
    (upload,) = opened["uploads"]
    put = Request(upload["url"], ARCHIVE, upload["headers"], method="PUT")
    with urlopen(put, timeout=10) as answer:
        assert answer.status == 200
    for _ in range(20):
        if records := deployed.taken("intake"):
            assert deployed.split.handle({"Records": records}, Context(60_000)) == {"batchItemFailures": []}
        body = deployed.accounted(opened["batch_id"])
        if not body["counts"]["expected"]:
            break
    counts = {state: n for state, n in body["counts"].items() if n}
    assert counts == {"received": 30, "quarantined": 1, "same": 1, "ignored": 1}
    images: list[Image] = []
    while records := deployed.taken("image"):
        images += [messages.decode_image(one["body"]) for one in records]
    assert {one.file_id for one in images} == {file_id_of(one) for one in GOOD}
    for one in images[:3]:
        found = deployed.s3.get_object(Bucket=one.bucket, Key=one.key, IfMatch=one.etag)["Body"].read()
        assert file_id_of(found) == one.file_id
    stored = deployed.s3.list_objects_v2(Bucket=BUCKETS["quarantine"])["Contents"]
    assert [one["Key"].split("/")[1] for one in stored] == ["reason=not-an-image"]
