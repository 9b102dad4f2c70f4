"""`make smoke` of receipts: accept, split and account as they are; read does as it is told."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from receipts.account import Accounts
from receipts.reasons import Refusal
from receipts.rows import State
from receipts.settings import AccountSettings
from tests.lambda_src.receipts.tables import NOW_US
from tests.lambda_src.stack import request
from tests.operations.receipts.receipts_operated import Operated, operated
from tools.operations.api import Answer
from tools.operations.receipts import smoke
from tools.operations.receipts.smoke_receipt import receipt

__all__ = ["operated"]

Json = dict[str, Any]


class Api:
    """The deployed API, bucket and functions.

    `guarded`: it asks for a token. `reads`: what read makes of the receipt. `refuses`: the bucket
    refuses bytes that were not announced.
    """

    def __init__(self, operated: Operated, monkeypatch: pytest.MonkeyPatch) -> None:
        self.operated, self.guarded, self.refuses, self.reads = operated, False, True, "read"
        self.looks, self.lane = 0, "idle"
        config = AccountSettings(customer_from="body", ledger_table="ledger")
        self.accounts = Accounts(config, operated.tables.ledger)
        self.slots: dict[str, tuple[str, int, str]] = {}
        monkeypatch.setattr(smoke, "ask", self.ask)
        monkeypatch.setattr(smoke, "put", self.put)
        monkeypatch.setattr(smoke, "invoke", self.invoke)
        timed = SimpleNamespace(monotonic=lambda: operated.now / 1e6, sleep=operated.later)
        monkeypatch.setattr(smoke, "time", timed)

    def run(self) -> tuple[int, str]:
        code = smoke.run(self.operated.deployment, self.operated.console)
        return code, self.operated.printed()

    def ask(self, _: Any, method: str, path: str, body: Any = None) -> Answer:
        if self.guarded:
            return Answer(401, {"message": "Unauthorized"}, "{}")
        more = {"pathParameters": {"batch_id": path.rpartition("/")[2]}} if method == "GET" else {}
        return self.answered(request(body, method=method, path=path, **more))

    def invoke(self, _: Any, function: str, event: Json) -> Json:
        assert event["requestContext"]["authorizer"]["jwt"]["claims"]["iss"] == "sluice:smoke"
        answer = self.answered(event)
        assert function == ("account" if event["requestContext"]["http"]["method"] == "GET" else "accept")
        return {"statusCode": answer.status, "body": answer.text}

    def answered(self, event: Json) -> Answer:
        is_get = event["requestContext"]["http"]["method"] == "GET"
        if is_get:
            self._read(event["pathParameters"]["batch_id"])
        worker: Any = self.accounts if is_get else self.operated.receiving.accept
        reply = worker.handle(event)
        body = json.loads(reply["body"])
        for upload in body.get("uploads", ()):
            sent = json.loads(event["body"])["files"][upload["slot"]]
            self.slots[upload["url"]] = (body["batch_id"], upload["slot"], sent["sha256"])
        return Answer(reply["statusCode"], body, reply["body"])

    def put(self, upload: Mapping[str, Any], content: bytes) -> int:
        batch_id, slot, sha256 = self.slots[upload["url"]]
        if hashlib.sha256(content).hexdigest() != sha256:
            return 403 if self.refuses else 200
        self.operated.receiving.upload(batch_id, slot, content, upload["headers"]["content-type"])
        return 200

    def _read(self, batch_id: str) -> None:
        """Let split and read go on between two looks."""
        self.looks += 1
        if self.looks > 2 and self.operated.tables.ledger.batch(batch_id):
            self.operated.receiving.run(self.operated.later)
            if self.reads == "refused":
                file_id = self.operated.id_of(batch_id, "receipt.png")
                self.operated.tables.ledger.quarantine(batch_id, file_id, Refusal("truncated", "d"), self.operated.now)
            elif self.reads and self.operated.file(batch_id, "receipt.png").state is State.RECEIVED:
                self.operated.read(batch_id, "receipt.png")
            elif self.lane == "delivers":
                self.operated.deliver(batch_id, "receipt.png")
                self.lane = "idle"
            elif self.lane == "refuses":
                self.operated.refuse_row(batch_id, "receipt.png")
                self.lane = "idle"


@pytest.fixture
def api(operated: Operated, monkeypatch: pytest.MonkeyPatch) -> Api:
    return Api(operated, monkeypatch)


def test_all_is_well(api: Api) -> None:
    code, said = api.run()
    assert code == 0, said
    assert "refused by the API, with the reason: bad-identifier, no-file, no-such-batch" in said
    assert "a receipt was read (state read), a text refused (not-an-image); 1 + 1 = 2 files accounted for" in said
    assert said.strip().endswith("all well")


@pytest.mark.parametrize("lane", ["delivers", "refuses", "sleeps"])
def test_where_a_lane_reaches_the_database_the_receipt_goes_on_into_it(api: Api, lane: str) -> None:
    api.lane, began = lane, api.operated.now
    api.operated.beat()
    code, said = api.run()
    if lane == "delivers":
        assert code == 0, said
        assert "stands in the database (a row of the customer 'smoke')" in said
    else:
        assert code == 1
        assert "must be delivered within 150 s, for lambda-0 reached the database; its account says" in said
    assert api.operated.now - began < 250e6


@pytest.mark.parametrize("beat", [{"reached": False}, {"at": NOW_US - 301_000_000}, None])
def test_a_database_that_no_lane_reaches_is_not_tried(api: Api, beat: Json | None) -> None:
    if beat is not None:
        api.operated.beat(**beat)
    code, said = api.run()
    assert code == 0, said
    assert "the database was not tried: no lane has reached it in the last 5 minutes" in said


def test_where_the_api_asks_for_a_token_the_functions_are_asked(api: Api) -> None:
    api.guarded = True
    code, said = api.run()
    assert code == 0, said
    assert "by the functions' aliases (the API asks for a token: 401)" in said


def test_a_bucket_that_takes_other_bytes_ends_it(api: Api) -> None:
    api.refuses = False
    code, said = api.run()
    assert code == 1
    assert "an upload of other bytes than were announced must be refused; the bucket said 200" in said


def test_a_file_that_nobody_reads_ends_it_in_bounded_time(api: Api) -> None:
    api.reads, began = "", api.operated.now
    code, said = api.run()
    assert code == 1
    assert "120 s after the upload, the account of" in said
    assert api.operated.now - began < 200e6


def test_a_receipt_that_is_refused_ends_it(api: Api) -> None:
    api.reads = "refused"
    code, said = api.run()
    assert code == 1
    assert "must be read, as one receipt; its account says" in said


def test_a_refusal_must_be_for_its_own_reason(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "CUSTOMER", "no; customer")
    code, said = api.run()
    assert code == 1
    assert "must be refused with 400 and no-file" in said


def test_its_receipt_is_a_picture_and_a_new_one_each_time() -> None:
    one, other = receipt(), receipt()
    assert one != other
    with Image.open(io.BytesIO(one)) as picture:
        picture.load()
        assert picture.size == (480, 520)
        assert min(picture.convert("L").tobytes()) < 50, "something is printed on it"
