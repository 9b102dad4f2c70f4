"""From what was read through a lane, settle, a person and the lane again to the report."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from receipts.account import Accounts
from receipts.deliveries import waiting_facts
from receipts.delivery.pointers import Pointers
from receipts.delivery.port import Key
from receipts.fields import Receipt
from receipts.rows import FileRow, State
from receipts.settings import AccountSettings, SweepSettings
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivering import CERTAIN, DOUBTFUL, Delivering
from tests.lambda_src.receipts.delivery.lanes import Lanes
from tests.lambda_src.receipts.tables import BATCH_ID, Tables
from tests.lambda_src.receipts.test_receipts_report import sent
from tests.lambda_src.stack import Context, request
from tools.simulation.aws.cloud import Cloud


class Way:
    """Lanes, and what is behind them, on one cloud."""

    def __init__(self, lanes: Lanes, cloud: Cloud, time: Clock) -> None:
        self.lanes, self.time = lanes, time
        self.delivering = Delivering(cloud, Tables(cloud))
        config = SweepSettings(
            intake_queue_url="i", image_queue_url="i", uploads_bucket="u", ledger_table="ledger",
            **self.delivering.pointing,
        )  # fmt: skip
        self.pointers = Pointers(self.delivering.sqs, config)
        self._runs = 0

    def read(self, content: bytes, *receipts: Receipt) -> FileRow:
        """A file that was read, and its pointer."""
        row = self.delivering.read(content, *receipts)
        assert self.pointers.send(waiting_facts(row)) == set()
        return row

    def go(self) -> None:
        """A lane runs, then settle."""
        self._runs += 1
        for lane in (0, 1):
            record = self.lanes.tick(lane, once=f"{self._runs}")
            while record:
                self.lanes.run(record)
                record = self.lanes.next_tick()
        url = self.delivering.urls["delivered"]
        asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "AttributeNames": ["All"]}
        while found := self.delivering.sqs.receive_message(**asked).get("Messages"):
            records = [
                {"messageId": one["MessageId"], "receiptHandle": one["ReceiptHandle"], "body": one["Body"],
                 "attributes": one["Attributes"]}
                for one in found
            ]  # fmt: skip
            assert self.delivering.settle.handle({"Records": records}, Context())["batchItemFailures"] == []
            for one in found:
                self.delivering.sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])

    def account(self) -> Any:
        """The batch's account, as its customer is told it."""
        config = AccountSettings(customer_from="body", ledger_table="ledger")
        path = f"/v1/batches/{BATCH_ID}"
        asked = request(None, method="GET", path=path, pathParameters={"batch_id": BATCH_ID})
        return json.loads(Accounts(config, self.delivering.ledger).handle(asked)["body"])

    def verdicts(self) -> list[str]:
        """The report's, once a lane has counted."""
        if self.delivering.report()["statusCode"] == 202:
            self.go()
        body = self.delivering.report()["body"].removeprefix("\ufeff")
        return [line["verdict"] for line in csv.DictReader(io.StringIO(body))]


@pytest.fixture
def way(lanes: Lanes, simulated: Cloud, time: Clock) -> Way:
    return Way(lanes, simulated, time)


def test_what_was_read_stands_and_so_does_what_a_person_says(way: Way) -> None:
    sure, doubtful, nothing = way.read(b"1", CERTAIN, CERTAIN), way.read(b"2", DOUBTFUL), way.read(b"3")
    sent(way.delivering, sure, doubtful, nothing)
    way.go()
    assert [way.delivering.now(row).state for row in (sure, doubtful, nothing)] == [State.DELIVERED] * 3
    assert way.lanes.delivered() == {sure.file_id: 2, doubtful.file_id: 1}
    assert way.delivering.to_review().body["to_review"] == 2
    assert way.delivering.close(doubtful, {"receipt": 0, "fields": {"date": "2026-03-04"}}).status == 200
    assert way.verdicts() == ["stands", "stands", "no-receipt"], "the correction goes before the question"
    rows = {key.revision: row for key, row in way.lanes.database.rows.items() if key.file_id == doubtful.file_id}
    assert [str(rows[n].receipt_date) for n in (0, 1)] == ["2026-04-03", "2026-03-04"]
    assert [bool(rows[n].review) for n in (0, 1)] == [True, False]
    assert way.delivering.now(doubtful).revisions == "dd"
    way.lanes.database.rows = {key: row for key, row in way.lanes.database.rows.items() if key.receipt == 0}
    way.time.later(61)
    assert way.verdicts() == ["missing", "stands", "no-receipt"]


def test_a_refused_row_is_corrected(way: Way) -> None:
    bad, good = way.read(b"1", CERTAIN), way.read(b"2", DOUBTFUL)
    sent(way.delivering, bad, good)
    key = (bad.customer_id, bad.file_id, 0, 0)
    way.lanes.database.refuses = lambda row: ("22001", "merchant_short") if row.key == Key(*key) else None
    way.go()
    assert way.delivering.now(bad).detail == "receipt 0: 22001 merchant_short"
    assert way.delivering.now(good).state is State.DELIVERED
    assert way.verdicts() == ["refused", "stands"]
    assert way.delivering.close(bad, {"receipt": 0, "fields": {"merchant": "Cafe"}}).status == 200
    way.go()
    found = way.delivering.now(bad)
    assert (found.state, found.revisions) == (State.DELIVERED, "rd")
    way.time.later(61)
    assert way.verdicts() == ["stands", "stands"]
    assert "reason" not in way.account()["files"][0], "what is mended is nobody's matter any more"
