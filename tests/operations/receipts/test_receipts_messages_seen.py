"""Messages and quarantined lines of receipts as an operator sees them, and what goes back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from receipts import messages
from receipts.delivery.messages import Delivery, Question, Tick, encode
from receipts.messages import Range, Upload
from shared.quarantine import line_of
from shared.queues import REQUEST_BYTES
from tests.lambda_src.receipts.delivering import Delivering
from tests.lambda_src.receipts.tables import BATCH_ID, NOW_US, file_row
from tools.operations.pipeline import Unsendable
from tools.operations.receipts.message_summary import summary_of
from tools.operations.receipts.redrive_quarantine import identity_of, messages_of

IMAGE = messages.encode(
    messages.Image(
        **{name: getattr(file_row(), name) for name in ("batch_id", "customer_id", "file_id", "bucket", "key", "etag")},
        name="one.jpg",
    )
)
PART = messages.encode(Range(batch_id=BATCH_ID, key="k", etag="e", size=9, first=25, count=25, came_at=NOW_US))
UPLOAD = messages.encode_upload(Upload(bucket="b", key="k", etag='"e"', size=1, at=NOW_US))
FACT = Delivery(batch_id=BATCH_ID, customer_id="c", file_id="f" * 32, revision=1)


@pytest.mark.parametrize(
    ("body", "kind", "items"),
    [
        (IMAGE, "file to be read", 1),
        (PART, "entries of an archive", 25),
        (UPLOAD, "uploads, told by S3", 1),
        ('{"Event": "s3:TestEvent"}', "S3's test event", 0),
        (encode(FACT), "what was read, to be delivered", 1),
        (
            encode(Question(batch_id=BATCH_ID, customer_id="c", keys=["f" * 32] * 3)),
            "question what stands of a batch",
            3,
        ),
        (encode(Tick(lane=3)), "tick of a lane", 0),
        (encode(Delivering.beat()), "heartbeat of a lane", 0),
        ('{"kind": "delivered", "file_id": "f"}', "word that it stands in the database", 1),
        ('{"kind": "row-refused", "file_id": "f"}', "word that the database refuses a row", 1),
        ('{"kind": "standing", "keys": {}}', "count of what stands", 0),
        ('{"ask": "count", "keys": 1}', "question what stands of a batch", 0),
        ('{"v": 2}', "message of version 2, newer than this code knows (deploy first, then redrive)", 0),
        ('{"a": 1}', "JSON of no known shape", 0),
        ("[1]", "JSON, but no message", 0),
        ("[" * 100_000, "not JSON", 0),
        ("tea", "not JSON", 0),
    ],
)
def test_a_message_is_told_in_words(body: str, kind: str, items: int) -> None:
    assert summary_of(body) == (kind, items)


def text(*lines: Any) -> str:
    """An object of quarantine."""
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_a_message_goes_back_as_it_was_and_where_it_came_from() -> None:
    lines = [line_of(queue, "not-json", "d", NOW_US, body=f"of {queue}") for queue in ("intake", "image")]
    assert [(one.queue, one.body, one.first) for one in messages_of(text(*lines))] == [
        ("intake", "of intake", 1),
        ("image", "of image", 2),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (line_of("image", "truncated", "d", NOW_US, batch_id=BATCH_ID, file_id="f" * 32), "sends it in a new batch"),
        (line_of("elsewhere", "r", "d", NOW_US, body="x"), "no message of the queues intake, image, delivered"),
        (line_of("image", "r", "d", NOW_US, body=7), "no message of the queues"),
        (line_of("image", "r", "d", NOW_US, body="x" * (REQUEST_BYTES + 1)), "larger than a message may be"),
        ("nonsense", "no message of the queues"),
    ],
)
def test_what_stays(line: Any, why: str) -> None:
    with pytest.raises(Unsendable, match=f"line 2 .*{why}"):
        messages_of(text(line_of("image", "r", "d", NOW_US, body="good"), line))


def test_a_file_that_is_refused_twice_is_one() -> None:
    refused = {"batch_id": BATCH_ID, "name": "a.jpg", "place": 3}
    once, again = (line_of("intake", "empty", "d", at, **refused) for at in (NOW_US, NOW_US + 5))
    other = line_of("intake", "empty", "d", NOW_US, **refused | {"place": 4})
    assert identity_of(once) == identity_of(again) != identity_of(other)
    assert identity_of(line_of("intake", "not-json", "d", NOW_US, body="x")) == '"x"'


def test_what_the_database_refused_goes_back_as_a_pointer() -> None:
    named: Any = {"batch_id": BATCH_ID, "customer_id": "c", "file_id": "f" * 32}
    why = ("delivery", "refused-by-database", "receipt 0: 23514", NOW_US)
    line = line_of(*why, **named, revision=1, receipt=0, name="one.jpg")
    (sent,) = messages_of(text(line))
    assert (sent.queue, sent.body, sent.items) == ("delivery", encode(FACT), 1)
    for wrong in ({"revision": -1}, {"file_id": "../x"}, {"customer_id": None}):
        with pytest.raises(Unsendable):
            messages_of(text(line | wrong))
