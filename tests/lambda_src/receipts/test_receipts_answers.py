"""What the functions answer is as docs/receipts/openapi.yaml describes it."""

from typing import Any

import jsonschema_rs
import yaml

from receipts.rows import Outcome
from tests.lambda_src.receipts import asking
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivering import CERTAIN, DOUBTFUL, Delivering
from tests.lambda_src.receipts.receiving import Receiving, jpeg, zipped
from tests.lambda_src.receipts.tables import batch
from tests.lambda_src.stack import Answer
from tools.common.paths import ROOT

RAW: dict[str, Any] = yaml.safe_load((ROOT / "docs/receipts/openapi.yaml").read_text())
POST, GET = RAW["paths"]["/v1/batches"]["post"], RAW["paths"]["/v1/batches/{batch_id}"]["get"]

OF_BATCH = "/v1/batches/{batch_id}"
REVIEWS, CLOSE = RAW["paths"][f"{OF_BATCH}/review"]["get"], RAW["paths"][OF_BATCH + "/review/{file_id}"]["post"]
REPORT = RAW["paths"][f"{OF_BATCH}/report.csv"]["get"]


def _valid(described: dict[str, Any], value: Any) -> None:
    if "$ref" in described:
        described = RAW["components"]["responses"][described["$ref"].rpartition("/")[2]]
    schema = described["content"]["application/json"]["schema"]
    jsonschema_rs.validate({**schema, "components": RAW["components"]}, value)


def test_a_batch_that_is_opened(receiving: Receiving) -> None:
    for body in (asking.archive(), asking.files(client_token="t2")):
        _valid(POST["requestBody"], body)
        _valid(POST["responses"]["201"], asking.post(receiving.accept, body).body)


def test_a_batch_that_is_refused(receiving: Receiving) -> None:
    for body in (asking.files({}), asking.files(kind="photos"), asking.files(customer_id="' OR 1=1")):
        _valid(POST["responses"]["400"], asking.post(receiving.accept, body).body)


def test_an_account(receiving: Receiving, time: Clock) -> None:
    content = zipped({"a.jpg": jpeg("a"), "b.jpg": jpeg("a"), "c.txt": b"c", ".DS_Store": b"x"})
    batch_id = receiving.archived(content)
    _valid(GET["responses"]["200"], receiving.account(batch_id).body)
    receiving.run(time.later)
    answer = receiving.account(batch_id).body
    assert answer["counts"]["same"] == answer["counts"]["ignored"] == answer["counts"]["quarantined"] == 1
    _valid(GET["responses"]["200"], answer)
    _valid(GET["responses"]["404"], receiving.account("a" * 26).body)


def test_reviews_and_their_closing(delivering: Delivering) -> None:
    row, other = delivering.read(b"one", DOUBTFUL, CERTAIN), delivering.read(b"two")
    delivering.settled(delivering.refused(delivering.read(b"three", CERTAIN)))
    _valid(REVIEWS["responses"]["200"], delivering.to_review().body)
    _valid(REVIEWS["responses"]["404"], delivering.to_review("a" * 26).body)
    _valid(REVIEWS["responses"]["400"], delivering.to_review(queryStringParameters={"after": "x"}).body)
    for body in ({"receipt": 0, "fields": {"date": "2026-03-04"}}, {"corrections": [], "accept": True}):
        _valid(CLOSE["requestBody"], body)
    for wrong in ({}, {"receipt": 0, "fields": {"total": "1,00"}}, {"receipt": 7, "fields": {"total": "1.00"}}):
        _valid(CLOSE["responses"]["400"], delivering.close(row, wrong).body)
    _valid(CLOSE["responses"]["200"], delivering.close(row, {"receipt": 0, "fields": {"date": "2026-03-04"}}).body)
    _valid(CLOSE["responses"]["409"], delivering.close(row, {"accept": True}).body)
    _valid(CLOSE["responses"]["200"], delivering.close(other, {"corrections": [], "accept": True}).body)


def test_a_report_that_is_not_there_yet(delivering: Delivering) -> None:
    row = delivering.read(b"one", CERTAIN)
    delivering.ledger.settle(batch(), "slot#000", [Outcome(0, "0.jpg", file_id=row.file_id)])
    _valid(REPORT["responses"]["202"], Answer(delivering.report()).body)
    _valid(REPORT["responses"]["409"], Answer(delivering.report(settings={"delivery_queue_url": None})).body)
