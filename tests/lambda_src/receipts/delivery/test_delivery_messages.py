"""What may be on the queues of the delivery, and what may not."""

import json
from typing import Any

import pytest

from receipts.delivery import messages
from receipts.delivery.messages import Delivered, Delivery, Heartbeat, Outcome, Question, RowRefused, Standing, Tick
from receipts.messages import Unreadable
from shared.versions import NewerVersion
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER, NOW_US

BATCH: dict[str, Any] = {"batch_id": BATCH_ID, "customer_id": CUSTOMER}
FILE = BATCH | {"file_id": "f" * 32}
FROM: dict[str, Any] = {"at": NOW_US, "lane": "lambda-0"}
POINTER = Delivery(**FILE, revision=2)
QUESTION = Question(**BATCH, keys=["f" * 32])
OUTCOMES: list[Outcome] = [
    Delivered(**FILE, **FROM, rows=3, new=2),
    RowRefused(**FILE, **FROM, receipt=1, reason="refused-by-database", sqlstate="23514", constraint="total_check"),
    RowRefused(**FILE, **FROM, reason="bad-document"),
    Standing(**BATCH, **FROM, keys={"f" * 32: 3}),
    Heartbeat(**FROM, reached=True, latency_ms=12, rows=3, rows_a_transaction=10, rest_ms=0, version="7"),
]


def test_what_is_sent_can_be_read() -> None:
    for asked in (POINTER, QUESTION):
        assert messages.decode_delivery(messages.encode(asked)) == asked
    for outcome in OUTCOMES:
        assert messages.encode(outcome).isascii()
        assert messages.decode_outcome(messages.encode(outcome)) == outcome
    assert json.loads(messages.encode(POINTER)) == {"v": 1, **FILE, "revision": 2}


def test_a_tick_is_one_of_its_lane_and_slot() -> None:
    made = messages.tick(Tick(lane=3), "77")
    assert (made.group, made.deduplication_id, json.loads(made.body)) == ("lane-3", "3-77", {"v": 1, "lane": 3})
    paced = Tick(lane=3, rows=20, rest_ms=100)
    assert messages.decode_tick(messages.encode(paced)) == paced


@pytest.mark.parametrize(
    "changes",
    [
        {"revision": -1},
        {"revision": 1.0},
        {"file_id": "F" * 32},
        {"customer_id": "a'; drop table receipts"},
        {"batch_id": None},
        {"more": 1},
        {"v": "1"},
        {"ask": "count"},
    ],
)
def test_what_is_no_pointer(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        messages.decode_delivery(json.dumps({"v": 1, **FILE} | changes))


@pytest.mark.parametrize("kind", [None, 7, "other", ["delivered"]])
def test_an_outcome_says_which_it_is(kind: object) -> None:
    with pytest.raises(Unreadable, match="kind must be one of delivered, row-refused, standing, heartbeat"):
        messages.decode_outcome(json.dumps({"v": 1, "kind": kind}))


@pytest.mark.parametrize("sqlstate", ["2351", "23514'", "23514 (tot"])
def test_a_refusal_holds_a_code_and_no_text(sqlstate: str) -> None:
    body = {**json.loads(messages.encode(OUTCOMES[1])), "sqlstate": sqlstate}
    with pytest.raises(Unreadable):
        messages.decode_outcome(json.dumps(body))


def test_a_later_version_is_left_alone() -> None:
    for decode in (messages.decode_delivery, messages.decode_tick, messages.decode_outcome):
        with pytest.raises(NewerVersion):
            decode('{"v": 2}')
