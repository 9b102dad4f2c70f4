"""What no database takes, and what this one refuses: explained, and nobody else's loss."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from receipts import documents
from receipts.delivery import facts, halving, messages
from receipts.delivery.halving import Landed
from receipts.delivery.messages import Outcome
from receipts.delivery.port import Away, Refused, Row
from shared import strict_json
from tests.lambda_src.fakes import refusal
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivery.lanes import Delivered, Lanes, RowRefused, document, file_id, pointer
from tests.lambda_src.receipts.delivery.made import CANARY, row
from tests.lambda_src.receipts.tables import CUSTOMER
from tests.support.captured import Log

CHECK = ("23514", "receipts_total")


def refused(lanes: Lanes) -> list[tuple[str, int | None, str, str | None, str | None]]:
    """What was told of refused rows: file, receipt, reason, SQLSTATE, constraint."""
    found = [one for one in lanes.outcomes() if isinstance(one, RowRefused)]
    return [(one.file_id, one.receipt, one.reason, one.sqlstate, one.constraint) for one in found]


def test_one_bad_row_of_a_hundred_is_found_and_the_others_land(lanes: Lanes) -> None:
    lanes.read(*range(100))
    lanes.put(document(57, total="999999999999.00"), 57)
    lanes.database.refuses = lambda one: CHECK if one.total and one.total > 10**11 else None
    assert lanes.run(lanes.tick(rows=100)) == []
    assert lanes.delivered() == {file_id(number): 1 for number in range(100) if number != 57}
    told = lanes.outcomes()
    assert len([one for one in told if isinstance(one, Delivered)]) == 99
    (one,) = [one for one in told if isinstance(one, RowRefused)]
    assert (one.file_id, one.receipt, one.reason) == (file_id(57), 0, "refused-by-database")
    assert (one.sqlstate, one.constraint) == CHECK
    assert len(lanes.database.transactions) <= 2 * 7 + 1, "by halving"
    assert lanes.waiting() == (0, 0)


def test_of_a_file_some_rows_may_be_refused(lanes: Lanes) -> None:
    lanes.read(1, receipts=5)
    lanes.database.refuses = lambda one: CHECK if one.key.receipt in (1, 3) else None
    lanes.run()
    assert lanes.delivered() == {file_id(1): 3}
    assert refused(lanes) == [(file_id(1), n, "refused-by-database", *CHECK) for n in (1, 3)], "and nothing else"


def test_halving_tries_no_row_more_than_it_must() -> None:
    rows = [row(number) for number in range(64)]
    bad = {rows[10].key, rows[63].key}
    tried: list[int] = []

    def transact(some: Any) -> Any:
        tried.append(len(some))
        if bad & {one.key for one in some}:
            raise Refused("22003")
        return [one.key for one in some]

    landed = Landed()
    halving.deliver(rows, landed, transact, lambda: False)
    assert landed.refused.keys() == bad
    assert landed.standing == landed.new == {one.key for one in rows} - bad
    assert len(tried) == 1 + 2 * (2 * 6 - 1)
    everything = Landed()
    halving.deliver(rows, everything, lambda some: (_ for _ in ()).throw(Refused("22003")), lambda: False)
    assert len(everything.refused) == 64


def test_halving_ends_with_the_time_and_says_what_it_did_not_try() -> None:
    looks = iter([False, False, True])
    landed = Landed()
    rows = [row(number) for number in range(4)]

    def transact(some: Any) -> Any:
        if len(some) == 4:
            raise Refused("22003")
        return [one.key for one in some]

    halving.deliver(rows, landed, transact, lambda: next(looks))
    assert landed.standing == {rows[0].key, rows[1].key}
    assert landed.refused == {}


def _changed(path: str, value: object) -> bytes:
    """The document of file 1 with something else in a place: "receipts.0.total.value"."""
    made = json.loads(documents.encode(document(1)))
    at: Any = made
    *way, last = path.split(".")
    for step in way:
        at = at[int(step) if step.isdigit() else step]
    at[last] = value
    return json.dumps(made).encode()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(_changed("receipts.0.total.value", "NaN"), id="not a number"),
        pytest.param(_changed("receipts.0.total.value", math.nan), id="a JSON that is none"),
        pytest.param(_changed("receipts.0.total.value", "9" * 300), id="300 digits"),
        pytest.param(_changed("receipts.0.merchant.value", f"{CANARY}\0"), id="NUL"),
        pytest.param(_changed("receipts.0.merchant.value", f"{CANARY}\ud800"), id="half a surrogate"),
        pytest.param(_changed("receipts.0.date.value", "2026-02-30"), id="no day"),
        pytest.param(_changed("read_at", "2026-13-31T23:59:59.123456Z"), id="no time"),
        pytest.param(_changed("receipts", [json.loads(documents.encode(document(1)))["receipts"][0]] * 2), id="twice"),
        pytest.param(_changed("customer_id", "another"), id="another's"),
        pytest.param(documents.encode(document(2)), id="another file's"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff{}", id="not UTF-8"),
    ],
)
def test_a_document_that_cannot_be_rows_never_gets_near_the_database(lanes: Lanes, log: Log, content: bytes) -> None:
    lanes.put(content, 1)
    lanes.point(1)
    lanes.read(3)
    assert lanes.run() == []
    assert lanes.delivered() == {file_id(3): 1}
    assert lanes.database.transactions == [1]
    assert refused(lanes) == [(file_id(1), None, "bad-document", None, None)]
    assert lanes.waiting() == (0, 0)
    assert CANARY not in log.text


def test_a_pointer_of_nothing_is_told(lanes: Lanes) -> None:
    lanes.point(1)
    lanes.run()
    assert refused(lanes) == [(file_id(1), None, "no-document", None, None)]


def test_a_document_that_cannot_be_read_now_comes_later(
    lanes: Lanes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Log
) -> None:
    lanes.read(1, 2)
    get = lanes.s3.get_object

    def get_object(**asked: Any) -> Any:
        if file_id(1) in asked["Key"]:
            raise refusal("GetObject", "AccessDenied")
        return get(**asked)

    monkeypatch.setattr(lanes.s3, "get_object", get_object)
    assert lanes.run() == []
    assert lanes.delivered() == {file_id(2): 1}
    assert lanes.waiting()[1] == 1, "it waits, a while"
    (line,) = [line for line in log.lines if line["message"] == "failed"]
    assert (line["kind"], line["queue"], line["count"]) == ("AccessDenied", "delivery", 1)
    assert '"MessagesFailed":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_documents_that_cannot_be_read_at_all_end_the_run(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    lanes.read(*range(30))
    monkeypatch.setattr(lanes.s3, "get_object", lambda **asked: (_ for _ in ()).throw(refusal("GetObject", "SlowDown")))
    tick = lanes.tick()
    assert tick
    assert lanes.run(tick) == [tick["messageId"]]
    assert lanes.waiting() == (20, 10), "those behind were not touched"


@pytest.mark.parametrize("body", ["", "{}", '{"v":2}', '{"v":1,"ask":"why"}'])
def test_a_message_that_cannot_be_read_stays_and_becomes_a_dead_letter(lanes: Lanes, time: Clock, body: str) -> None:
    lanes.send(body or " ")
    lanes.read(1)
    assert lanes.run() == []
    assert lanes.delivered() == {file_id(1): 1}
    assert lanes.waiting() == (0, 1)
    time.later(3)
    assert lanes.waiting() == (1, 0), "it comes again soon, and later each time"


def test_a_document_of_a_later_release_is_left_for_it(lanes: Lanes) -> None:
    lanes.put(strict_json.canonical({"v": 2}).encode(), 1)
    lanes.point(1)
    lanes.read(2)
    lanes.run()
    assert lanes.delivered() == {file_id(2): 1}
    assert lanes.waiting()[1] == 1
    assert refused(lanes) == []


def test_what_stands_on_a_receipt_is_in_no_log_and_no_message(lanes: Lanes, log: Log) -> None:
    """Whether it lands, is refused, cannot be read, or is lost."""
    lanes.read(*range(12), receipts=2)
    lanes.put(_changed("receipts.0.date.value", CANARY), 50)
    lanes.point(50)
    lanes.database.refuses = lambda one: ("P0001", None) if one.key.file_id == file_id(3) else None
    lost = iter([False] * 9 + [True] * 100)

    def before(name: str) -> None:
        if name == "deliver" and next(lost):
            raise Away("lost")

    lanes.database.before = before
    lanes.run()
    told: list[Outcome] = lanes.told()
    assert len({one.kind for one in told}) == 3
    assert any(CANARY in str(one) for one in lanes.database.rows.values())
    assert CANARY not in log.text + "".join(map(messages.encode, told))


def test_rows_are_of_the_file_that_was_asked_for() -> None:
    (made,) = facts.rows_of(document(1), pointer(1, revision=4))
    assert made == row(1, key=row(1).key._replace(revision=4), review=())
    unread: dict[str, Any] = dict.fromkeys(("kind", "merchant", "date", "currency", "total"))
    (nothing,) = facts.rows_of(document(1, **unread), pointer(1))
    expected: dict[str, Any] = dict.fromkeys(("kind", "merchant", "receipt_date", "currency", "total"))
    assert nothing == row(1, review=(), **expected)
    assert isinstance(nothing, Row)
    assert nothing.key.customer_id == CUSTOMER
