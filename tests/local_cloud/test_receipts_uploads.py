"""An upload's address takes what is bound into it, once or twice, and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import botocore.session
import pytest
from botocore.config import Config

from receipts.expected import Expected
from receipts.messages import Upload, decode_intake
from receipts.presigned import upload, upload_key

BODY = b"a picture of a receipt"
EXPECTED = Expected("a.jpg", len(BODY), sha256(BODY).hexdigest(), "image/jpeg")
Sent = Callable[..., int]


@pytest.fixture(scope="module")
def signer(emulator: Callable[[str], Any]) -> Any:
    """A client of the emulator's S3 that signs as accept's does."""
    made = emulator("s3")
    made.create_bucket(Bucket="receipts-uploads")
    session = botocore.session.Session()
    session.set_credentials("test", "test")
    return session.create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=made.meta.endpoint_url,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


def _put(told: dict[str, Any], body: bytes = BODY, **headers: str | None) -> int:
    """PUT a body as the answer told; the status. A header that is None is left out."""
    sent = told["headers"] | {"content-length": str(len(body))} | {n.replace("_", "-"): v for n, v in headers.items()}
    request = Request(told["url"], body, {n: v for n, v in sent.items() if v is not None}, method="PUT")
    try:
        with urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


def _told(signer: Any, batch: str, seconds: int = 60) -> dict[str, Any]:
    return upload(signer, "receipts-uploads", batch, 0, EXPECTED, seconds)


def test_what_was_announced_is_taken_again_and_again(signer: Any) -> None:
    told = _told(signer, "good")
    assert [_put(told), _put(told)] == [200, 200]
    found = signer.get_object(Bucket="receipts-uploads", Key=upload_key("good", 0))
    assert (found["Body"].read(), found["ContentType"]) == (BODY, "image/jpeg")


OTHER = b"another thing, as long"
OTHERS_SUM = base64.b64encode(sha256(OTHER).digest()).decode()
WRONG: dict[str, dict[str, Any]] = {
    "another body": {"body": OTHER},
    "a longer body": {"body": BODY + b"!"},
    "a shorter body": {"body": BODY[:-1]},
    "another body with its checksum": {"body": OTHER, "x_amz_checksum_sha256": OTHERS_SUM},
    "no checksum": {"x_amz_checksum_sha256": None},
    "another type": {"content_type": "text/html"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_anything_else_is_refused(signer: Any, wrong: str) -> None:
    assert len(OTHER) == len(BODY)
    assert _put(_told(signer, "bad"), **WRONG[wrong]) in {400, 403}
    assert "Contents" not in signer.list_objects_v2(Bucket="receipts-uploads", Prefix="in/bad/")


@pytest.mark.parametrize(
    "change", [("in/bad/000", "in/bad/001"), ("Signature=", "Signature=0"), ("Expires=60", "Expires=900")]
)
def test_an_address_that_was_changed_is_refused(signer: Any, change: tuple[str, str]) -> None:
    told = _told(signer, "bad")
    changed = told["url"].replace(*change)
    assert changed != told["url"]
    assert _put(told | {"url": changed}) == 403
    assert "Contents" not in signer.list_objects_v2(Bucket="receipts-uploads", Prefix="in/bad/")


def test_an_address_that_has_expired_is_refused(signer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: datetime.now(UTC) - timedelta(seconds=61))
    assert _put(_told(signer, "late")) == 403
    assert "Contents" not in signer.list_objects_v2(Bucket="receipts-uploads", Prefix="in/late/")


def test_split_is_told_of_what_was_uploaded(signer: Any, emulator: Callable[[str], Any]) -> None:
    """The store's own event, as it comes to the intake queue, and the test event before it."""
    sqs = emulator("sqs")
    url = sqs.create_queue(QueueName="receipts-told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    may = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    signer.put_bucket_notification_configuration(Bucket="receipts-uploads", NotificationConfiguration=told)
    assert _put(_told(signer, "told")) == 200
    found: list[Upload] = []
    for _ in range(20):
        for got in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", ()):
            decoded = decode_intake(got["Body"])
            assert isinstance(decoded, list)
            found += decoded
        if found:
            break
    (one,) = found
    etag = signer.head_object(Bucket="receipts-uploads", Key=upload_key("told", 0))["ETag"]
    assert (one.bucket, one.key, one.size) == ("receipts-uploads", upload_key("told", 0), len(BODY))
    assert one.etag == etag
    assert abs(one.at / 1_000_000 - datetime.now(UTC).timestamp()) < 120
