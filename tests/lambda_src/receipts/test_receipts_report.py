"""report: every file that was sent beside what stands, once a lane has counted."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from receipts import spreadsheet
from receipts.delivery.messages import Question
from receipts.reconciling import VERDICTS, Reported
from receipts.rows import FileRow, Outcome
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivering import CERTAIN, DOUBTFUL, Delivering
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER, NOW_US, SECOND, Failing, batch, file_row
from tests.lambda_src.stack import Answer
from tools.common.paths import ROOT

Json = dict[str, Any]


def lines(answer: Json) -> list[dict[str, str]]:
    """The lines of a report."""
    assert answer["statusCode"] == 200, answer
    assert answer["headers"]["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer["body"].removeprefix(spreadsheet.BYTE_ORDER_MARK))))


def sent(delivering: Delivering, *rows: FileRow | str) -> None:
    """Let the batch be of these files: rows, or the reasons why others are refused."""
    for place, one in enumerate(rows):
        outcome = Outcome(place, f"{place}.jpg", file_id=one.file_id) if isinstance(one, FileRow) else None
        made = outcome or Outcome(place, f"{place}.jpg", reason=str(one), detail="why", ignored=one == "ignored")
        delivering.ledger.settle(batch(), f"slot#{place:03}", [made])


def counted(delivering: Delivering, *rows: FileRow, there: int = 1) -> None:
    """A lane has counted so many rows of each."""
    delivering.settled(delivering.standing({row.file_id: there for row in rows}))


def test_a_lane_is_asked_and_then_the_report_is_there(delivering: Delivering, time: Clock) -> None:
    row = delivering.read(b"one", CERTAIN)
    sent(delivering, row)
    first = Answer(delivering.report())
    assert (first.status, first.headers["retry-after"], first.body["batch_id"]) == (202, "5", BATCH_ID)
    assert delivering.pointers() == [Question(batch_id=BATCH_ID, customer_id=CUSTOMER, keys=[row.file_id])]
    assert len(delivering.ticks()) == 1
    for _ in range(3):
        assert delivering.report()["statusCode"] == 202
    assert delivering.pointers() == [], "it was asked just now"
    delivering.settled(delivering.delivered(row))
    counted(delivering, row)
    (line,) = lines(delivering.report())
    assert line == {
        "place": "0",
        "name": "0.jpg",
        "file_id": row.file_id,
        "verdict": "stands",
        "state": "delivered",
        "receipts": "1",
        "corrections": "0",
        "rows_expected": "1",
        "rows_standing": "1",
        "review": "",
        "reason": "",
        "detail": "",
        "received_at": "2026-11-21T08:00:00.000Z",
        "read_at": "2026-11-21T08:00:00.000Z",
        "delivered_at": "2026-11-21T08:00:00.000Z",
        "counted_at": "2026-11-21T08:00:00.000Z",
    }
    time.later(61)
    assert delivering.report()["statusCode"] == 202, "a minute later it may be another"
    assert len(delivering.pointers()) == 1


def test_every_file_has_its_line_and_its_verdict(delivering: Delivering) -> None:
    rows = {name: delivering.read(name.encode(), CERTAIN) for name in ("stands", "waits", "missing", "refused", "late")}
    none = delivering.read(b"none")
    received = delivering.ledger.receive(file_row(b"received"), 1)
    other = delivering.read(b"corrected", DOUBTFUL)
    delivering.close(other, {"accept": True})
    sent(delivering, *rows.values(), none, received, other, "too-small", "ignored")
    for name in ("stands", "missing"):
        delivering.settled(delivering.delivered(rows[name]))
    delivering.settled(delivering.refused(rows["refused"]), delivering.delivered(none, rows=0, new=0))
    there = dict.fromkeys([row.file_id for row in (*rows.values(), none)], 0)
    there |= {rows["stands"].file_id: 1, other.file_id: 2}
    delivering.settled(delivering.standing(there, at=NOW_US + SECOND))
    delivering.settled(delivering.delivered(rows["late"], at=NOW_US + 2 * SECOND))
    found = lines(delivering.report())
    assert [line["verdict"] for line in found] == [
        "stands",
        "waiting",
        "missing",
        "refused",
        "stands",
        "no-receipt",
        "not-read",
        "stands",
        "not-readable",
        "ignored",
    ]
    assert (found[3]["reason"], found[3]["detail"]) == ("refused-by-database", "receipt 0: 23514 total_check")
    assert (found[4]["rows_standing"], found[2]["rows_standing"]) == ("", "0"), "one came after the count"
    told = ("receipts", "corrections", "rows_expected", "rows_standing", "review")
    assert [found[7][name] for name in told] == ["1", "1", "2", "2", "closed"]
    assert found[8]["reason"] == "too-small"


def test_an_answer_to_a_question_that_knew_of_fewer_files_is_none(delivering: Delivering, time: Clock) -> None:
    """It waited while the database was away; what came meanwhile stands, and is not missing."""
    asked, later = (delivering.read(name, CERTAIN) for name in (b"asked", b"later"))
    sent(delivering, asked, later)
    delivering.settled(delivering.delivered(asked), delivering.delivered(later))
    counted(delivering, asked)
    assert delivering.report()["statusCode"] == 202
    question = delivering.pointers()[-1]
    assert isinstance(question, Question)
    assert question.keys == [asked.file_id, later.file_id]
    time.later(1)
    delivering.settled(delivering.standing({asked.file_id: 1, later.file_id: 1}, at=NOW_US + SECOND))
    assert [line["verdict"] for line in lines(delivering.report())] == ["stands", "stands"]


def test_further_names_of_the_same_bytes_have_lines_too(delivering: Delivering) -> None:
    row = delivering.read(b"one", CERTAIN)
    sent(delivering, row, row)
    counted(delivering, row)
    found = lines(delivering.report())
    assert [(line["name"], line["verdict"]) for line in found] == [("0.jpg", "stands"), ("1.jpg", "same")]


def test_where_nothing_was_read_there_is_nothing_to_count(delivering: Delivering) -> None:
    sent(delivering, "not-an-image")
    (line,) = lines(delivering.report())
    assert (line["verdict"], line["counted_at"]) == ("not-readable", "")
    assert delivering.pointers() == []


FORMULAS = ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "＋1", "a;=1+1", 'a,=cmd|"/c calc"!A1']


@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_is_a_formula(delivering: Delivering, name: str) -> None:
    row = delivering.read(b"one", CERTAIN)
    delivering.ledger.settle(batch(), "slot#000", [Outcome(0, name, file_id=row.file_id)])
    counted(delivering, row)
    answer = delivering.report()
    (line,) = lines(answer)
    assert line["name"] != name
    for separator in ",;\t|":
        cells = [cell.strip('" \r\n') for cell in answer["body"].replace('""', "").split(separator)]
        assert [cell for cell in cells if cell[:1] in "=+@＝＋－＠" and cell] == []


@pytest.mark.parametrize("name", ["taxi.jpg", "a-b.jpg", "1=1", "Café “x”; y.jpg", 'quoted "x", y', "2026-01-31"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert spreadsheet.disarmed(name) == name
    text = spreadsheet.text_of(["name"], [[name]]).removeprefix(spreadsheet.BYTE_ORDER_MARK)
    assert list(csv.reader(io.StringIO(text))) == [["name"], [name]]


def test_its_customer_alone_may_have_it(delivering: Delivering) -> None:
    row = delivering.read(b"one", CERTAIN)
    sent(delivering, row)
    asked: list[tuple[str, Json, int, str]] = [
        (BATCH_ID, {"queryStringParameters": {"customer_id": "other"}}, 404, "no-such-batch"),
        ("a" * 26, {}, 404, "no-such-batch"),
        ("' --", {}, 404, "no-such-batch"),
        (BATCH_ID, {"requestContext": {"http": {"method": "POST"}}}, 405, "wrong-method"),
        (BATCH_ID, {"rawPath": "/v1/x"}, 404, "no-such-route"),
    ]
    for batch_id, more, status, code in asked:
        answer = Answer(delivering.report(batch_id, **more))
        assert (answer.status, answer.body["code"]) == (status, code)
    assert delivering.pointers() == []
    counted(delivering, row)
    token = {"customer_from": "token", "trusted_scope": "others"}
    claims = {"iss": "i", "sub": "s"}
    context = {"http": {"method": "GET"}, "authorizer": {"jwt": {"claims": claims}}}
    assert delivering.report(settings=token, requestContext=context)["statusCode"] == 404
    context["authorizer"]["jwt"]["claims"] = claims | {"scope": "others"}  # type: ignore[index]
    assert delivering.report(settings=token, requestContext=context)["statusCode"] == 200


def test_where_nothing_is_delivered_there_is_no_report(delivering: Delivering) -> None:
    answer = Answer(delivering.report(settings={"delivery_queue_url": None}))
    assert (answer.status, answer.body["code"]) == (409, "no-delivery")


def test_a_ledger_that_is_out_is_said_so(delivering: Delivering) -> None:
    delivering.cloud.meddler = Failing(0)
    answer = Answer(delivering.report())
    assert (answer.status, answer.body["code"]) == (503, "ledger-unavailable")


def test_columns_and_verdicts_are_documented() -> None:
    text = (ROOT / "docs/receipts/http-api.md").read_text()
    told = text[text.index("/report.csv`") :]
    assert [name for name in (*Reported._fields, *VERDICTS) if f"`{name}`" not in told] == []
    assert json.dumps(list(Reported._fields))
