"""review: what cannot be so, or makes no sense, is refused, and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from receipts.rows import FileRow
from tests.lambda_src.receipts.delivering import CERTAIN, DOUBTFUL, Delivering
from tests.lambda_src.receipts.tables import Failing
from tests.lambda_src.stack import Answer
from tests.simulation.aws.backends import Shapes
from tools.simulation.aws.calls import Call

DATE = {"receipt": 0, "fields": {"date": "2026-03-04"}}
BAD_VALUES = ["12,50", "12.5", "1e3", "NaN", "Infinity", "", " 1.00", "9" * 300, "١٢.٣٠", "1.00\n", "-0.00.1"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("total", value) for value in BAD_VALUES],
        *[("date", value) for value in ("2026-02-30", "20260203", "3.4.2026", "2026-1-2", "0000-01-01")],
        *[("currency", value) for value in ("eur", "EURO", "€", "E1R")],
        *[("kind", value) for value in ("Purchase", "gift")],
        *[("merchant", value) for value in ("", " x", "a\u0000b", "\ud800", "a\u202eb", "x" * 257, "a\nb")],
        *[("total", value) for value in (12.5, 12, None, True, ["1.00"], {"value": "1.00"})],
        ("taxes", "1.00"),
        ("to\u202etal", "1.00"),
        ("x" * 10_000, "1.00"),
    ],
)
def test_a_value_that_is_not_canonical_is_refused(delivering: Delivering, field: str, value: Any) -> None:
    row = delivering.read(b"one", DOUBTFUL)
    answer = delivering.close(row, {"receipt": 0, "fields": {"date": "2026-03-04"} | {field: value}})
    assert (answer.status, answer.body["code"]) == (400, "bad-field")
    (told,) = answer.body["details"]["fields"]
    assert len(told["field"]) <= 41
    assert "\u202e" not in answer.text
    assert len(answer.text) < 500
    assert delivering.now(row) == row


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "not-json"),
        ("[" * 100_000, "not-json"),
        ('{"accept": NaN}', "bad-correction"),
        ('{"accept": true, "accept": false}', "duplicate-key"),
        ("[]", "not-an-object"),
        ("{}", "bad-correction"),
        ('{"accept": 1}', "bad-correction"),
        ('{"accept": false}', "bad-correction"),
        ('{"close": true}', "unknown-field"),
        ('{"corrections": [], "receipt": 0}', "unknown-field"),
        ('{"corrections": {}}', "bad-correction"),
        ('{"receipt": 0}', "bad-correction"),
        ('{"fields": {"total": "1.00"}}', "bad-correction"),
        ('{"receipt": 0, "fields": {}}', "bad-correction"),
        ('{"receipt": 0, "fields": {"total": "1.00", "total": "2.00"}}', "bad-correction"),
        ('{"receipt": true, "fields": {"total": "1.00"}}', "bad-correction"),
        ('{"receipt": 1000, "fields": {"total": "1.00"}}', "bad-correction"),
        ('{"receipt": -1, "fields": {"total": "1.00"}}', "bad-correction"),
        ('{"receipt": 7, "fields": {"total": "1.00"}}', "no-such-receipt"),
        (json.dumps({"corrections": [DATE, DATE]}), "bad-correction"),
        ('{"corrections": [' + ",".join(["1"] * 30_000) + "]}", "not-json"),
    ],
)
def test_a_closing_that_makes_no_sense_is_refused(delivering: Delivering, body: str, code: str) -> None:
    row = delivering.read(b"one", DOUBTFUL)
    answer = delivering.close(row, body)
    assert (answer.status, answer.body["code"]) == (400, code)
    assert delivering.now(row) == row


@pytest.mark.parametrize(
    ("file_id", "more", "status", "code"),
    [
        ("f" * 32, {}, 404, "no-such-file"),
        ("' OR 1=1 --", {}, 404, "no-such-file"),
        ("#batch", {}, 404, "no-such-file"),
        ("f" * 32, {"headers": {}}, 415, "wrong-content-type"),
        ("f" * 32, {"body": "x" * 300_000}, 413, "too-large"),
        ("f" * 32, {"rawPath": "/v1/other"}, 404, "no-such-route"),
        ("f" * 32, {"requestContext": {"http": {"method": "PUT"}}}, 405, "wrong-method"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    delivering: Delivering, file_id: str, more: Any, status: int, code: str
) -> None:
    answer = Answer(delivering.reviews.handle(delivering.closing(file_id, {"accept": True}) | more))
    assert (answer.status, answer.body["code"]) == (status, code)


def test_a_file_that_is_not_read_yet_is_not_for_review(delivering: Delivering) -> None:
    row = delivering.read(b"one", CERTAIN)
    answer = delivering.close(row, {"accept": True})
    assert (answer.status, answer.body["code"]) == (409, "not-for-review")


@pytest.mark.parametrize("after", ["-1", "x" * 5_000, "' --", "F" * 32])
def test_a_cursor_that_was_no_next_is_refused(delivering: Delivering, after: str) -> None:
    answer = delivering.to_review(queryStringParameters={"after": after})
    assert (answer.status, answer.body["code"]) == (400, "bad-cursor")


def test_nobody_is_told_of_another_batch(delivering: Delivering) -> None:
    for batch_id in ("a" * 26, "' OR 1=1 --", "\ud800" * 9_999):
        answer = delivering.to_review(batch_id)
        assert (answer.status, answer.body["code"]) == (404, "no-such-batch")


def test_a_ledger_that_is_out_is_said_so(delivering: Delivering) -> None:
    delivering.cloud.meddler = Failing(0)
    answer = delivering.to_review()
    assert (answer.status, answer.body["code"], answer.headers["retry-after"]) == (503, "ledger-unavailable", "5")


def test_a_row_that_always_changes_is_given_up(delivering: Delivering) -> None:
    row: FileRow = delivering.read(b"one", DOUBTFUL)

    class Always(Shapes):
        def before(self, call: Call) -> None:
            super().before(call)
            if call.operation == "UpdateItem" and ":was" in call.params["ExpressionAttributeValues"]:
                call.params["ExpressionAttributeValues"][":was"] = {"S": "x"}

    delivering.cloud.meddler = Always()
    assert delivering.close(row, DATE).status == 503
