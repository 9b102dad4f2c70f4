"""What accept and account answer is as docs/receipts/openapi.yaml describes it."""

from typing import Any

import jsonschema_rs
import yaml

from tests.lambda_src.receipts import asking
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.receiving import Receiving, jpeg, zipped
from tools.common.paths import ROOT

RAW: dict[str, Any] = yaml.safe_load((ROOT / "docs/receipts/openapi.yaml").read_text())
POST, GET = RAW["paths"]["/v1/batches"]["post"], RAW["paths"]["/v1/batches/{batch_id}"]["get"]


def _valid(described: dict[str, Any], value: Any) -> None:
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
