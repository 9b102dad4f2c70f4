"""What may be on the intake and image queues, and what may not."""

import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from receipts import messages
from receipts.messages import Image, Range, Unreadable, Upload
from receipts.reasons import Reason
from shared.versions import NewerVersion
from tests.lambda_src.receipts.tables import BATCH_ID, NOW_US

IMAGE = Image(
    batch_id=BATCH_ID,
    customer_id="customer-1",
    file_id="f" * 32,
    bucket="uploads",
    key=f"in/{BATCH_ID}/000",
    etag='"e"',
    name="Café \\u202e.jpg",
)
RANGE = Range(batch_id=BATCH_ID, key=f"in/{BATCH_ID}/archive.zip", etag='"e"', size=9, first=25, count=25, came_at=1)
UPLOAD = Upload(bucket="uploads", key=f"in/{BATCH_ID}/a+b é.zip", etag='"e"', size=12, at=NOW_US)


def event(**changes: Any) -> dict[str, Any]:
    """An event as S3 sends it."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": "2026-11-21T08:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "bucket": {"name": "uploads", "arn": "arn:aws:s3:::uploads"},
            "object": {"key": quote_plus(UPLOAD.key, safe="/"), "size": 12, "eTag": "e", "sequencer": "00"},
        },
    }
    return {"Records": [record | changes]}


def test_what_is_sent_can_be_read() -> None:
    assert messages.encode(IMAGE).isascii()
    assert json.loads(messages.encode(IMAGE)) == {"v": 1, **IMAGE.model_dump()}
    assert messages.decode_image(messages.encode(IMAGE)) == IMAGE
    assert messages.decode_intake(messages.encode(RANGE)) == RANGE
    assert messages.decode_intake(messages.encode_upload(UPLOAD)) == [UPLOAD]


@pytest.mark.parametrize("name", ["Put", "Post", "CompleteMultipartUpload", "Copy"])
def test_s3_tells_of_an_object(name: str) -> None:
    assert messages.decode_intake(json.dumps(event(eventName=f"ObjectCreated:{name}"))) == [UPLOAD]


@pytest.mark.parametrize(
    "body",
    [
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-11-21T08:00:00.000Z", "Bucket": "uploads"},
        {"Records": []},
        event(eventName="ObjectRemoved:Delete"),
    ],
)
def test_what_tells_of_no_object(body: dict[str, Any]) -> None:
    assert messages.decode_intake(json.dumps(body)) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", Reason.NOT_JSON),
        ("{", Reason.NOT_JSON),
        (json.dumps({"Records": [[]] * 2_000}), Reason.NOT_JSON),
        ("[]", Reason.NOT_A_MESSAGE),
        ('{"v": "1"}', Reason.NOT_A_MESSAGE),
        ('{"v": 0}', Reason.NOT_A_MESSAGE),
        ('{"Records": 7}', Reason.NOT_A_MESSAGE),
        ('{"Records": [7]}', Reason.NOT_A_MESSAGE),
        (json.dumps(event(s3={})), Reason.NOT_A_MESSAGE),
        (json.dumps(event(eventTime="yesterday")), Reason.NOT_A_MESSAGE),
        (json.dumps(event(s3={"bucket": {"name": "b"}, "object": {"key": 7}})), Reason.NOT_A_MESSAGE),
        (json.dumps(RANGE.model_dump() | {"count": 0}), Reason.NOT_A_MESSAGE),
        (json.dumps(RANGE.model_dump() | {"batch_id": "' OR 1=1 --"}), Reason.NOT_A_MESSAGE),
        (json.dumps(RANGE.model_dump() | {"more": 0}), Reason.NOT_A_MESSAGE),
    ],
)
def test_what_nobody_sends_is_unreadable(body: str, reason: Reason) -> None:
    with pytest.raises(Unreadable) as error:
        messages.decode_intake(body)
    assert error.value.reason == reason
    assert len(error.value.detail) < 300


@pytest.mark.parametrize(
    "changes", [{"file_id": "F" * 32}, {"customer_id": "x'; DROP TABLE--"}, {"name": None}, {"key": ""}, {"more": 1}]
)
def test_an_image_that_is_none_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="not-a-message"):
        messages.decode_image(json.dumps(IMAGE.model_dump() | changes))


def test_a_later_releases_message_is_left_alone() -> None:
    for decode in (messages.decode_image, messages.decode_intake):
        with pytest.raises(NewerVersion):
            decode('{"v": 2, "anything": []}')
