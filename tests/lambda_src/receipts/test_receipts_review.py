"""review: what is marked is shown to its customer, and closed once, by a fact of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from receipts import review
from receipts.delivery.messages import Delivery
from receipts.fields import Field
from receipts.revisions import Review
from receipts.rows import State
from shared.bearer import id_of
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivering import CERTAIN, DOUBTFUL, Delivering
from tests.lambda_src.receipts.reading import counted
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER, Crash, Failing, batch
from tests.lambda_src.stack import Answer
from tests.simulation.aws.backends import Shapes
from tools.simulation.aws.calls import Call

DATE = {"receipt": 0, "fields": {"date": "2026-03-04"}}
WHOLE = {"kind": "purchase", "merchant": "A", "date": "2026-01-02", "currency": "EUR", "total": "1.00"}


def test_what_is_marked_is_shown_with_all_its_fields(delivering: Delivering) -> None:
    delivering.read(b"sure", CERTAIN)
    row = delivering.read(b"doubtful", CERTAIN, DOUBTFUL)
    answer = delivering.to_review()
    assert (answer.status, answer.body["to_review"], answer.body["next"]) == (200, 1, None)
    (file,) = answer.body["files"]
    (part,) = file.pop("receipts")
    assert file == {"file_id": row.file_id, "name": "one.jpg", "state": "review", "revision": 0, "of": 2}
    assert (part["receipt"], part["review"]) == (1, ["date:ambiguous-day-and-month"])
    assert part["fields"]["date"]["alternatives"] == ["2026-03-04"]
    assert part["fields"]["total"]["value"] == "12.30"


def test_a_correction_is_a_new_fact_that_is_delivered(
    delivering: Delivering, time: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    row = delivering.read(b"one", DOUBTFUL)
    before = delivering.fact(row, 0)
    time.later(60)
    answer = delivering.close(row, DATE)
    said = {"receipt": 0, "kind": "purchase", "merchant": "Café Ö", "currency": "EUR", "total": "12.30"}
    assert (answer.status, answer.body) == (
        200,
        {
            "batch_id": BATCH_ID,
            "file_id": row.file_id,
            "review": "closed",
            "revision": 1,
            "receipts": [said | {"date": "2026-03-04"}],
        },
    )
    assert delivering.fact(row, 0) == before
    made = delivering.fact(row, 1)
    assert (made.reader, made.read_at, made.is_for_review) == ("review", "2026-11-21T08:01:00.000Z", False)
    date = made.receipts[0].date
    assert (date.value, date.reason, date.confidence, date.alternatives) == ("2026-03-04", "corrected", 100, [])
    found = delivering.now(row)
    assert (found.state, found.review, found.revisions, found.facts) == (State.READ, Review.CLOSED, "ww", 2)
    (pointer,) = delivering.pointers()
    assert isinstance(pointer, Delivery)
    assert (pointer.file_id, pointer.revision) == (row.file_id, 1)
    assert (len(delivering.ticks()), delivering.to_review().body["files"]) == (1, [])
    assert counted(capsys.readouterr().out) == {"ReviewsClosed": 1}


def test_what_was_read_may_be_accepted(delivering: Delivering) -> None:
    row = delivering.read(b"one", DOUBTFUL)
    assert delivering.close(row, {"accept": True}).status == 200
    date = delivering.fact(row, 1).receipts[0].date
    assert (date.value, date.review, date.reason) == ("2026-04-03", False, "accepted")


def test_every_mark_must_be_said_or_accepted(delivering: Delivering) -> None:
    unsure = replace(DOUBTFUL, total=Field(None, 0, "not-found", review=True))
    row = delivering.read(b"one", unsure, DOUBTFUL)
    answer = delivering.close(row, DATE)
    assert (answer.status, answer.body["code"]) == (400, "still-unsure")
    left = [{"receipt": 0, "review": ["total:not-found"]}, {"receipt": 1, "review": ["date:ambiguous-day-and-month"]}]
    assert answer.body["details"] == {"receipts": left}
    assert delivering.now(row) == row
    both = [{"receipt": 1, **{k: v for k, v in DATE.items() if k != "receipt"}}, {"receipt": 0, "fields": WHOLE}]
    assert delivering.close(row, {"corrections": both}).status == 200
    assert [part.total.value for part in delivering.fact(row, 1).receipts] == ["1.00", "12.30"]


def test_all_else_may_be_accepted_with_a_correction(delivering: Delivering) -> None:
    row = delivering.read(b"one", DOUBTFUL, DOUBTFUL)
    assert delivering.close(row, DATE | {"accept": True}).status == 200
    assert [part.date.value for part in delivering.fact(row, 1).receipts] == ["2026-03-04", "2026-04-03"]


def test_a_receipt_that_nobody_found_can_be_given(delivering: Delivering) -> None:
    row = delivering.read(b"one")
    assert delivering.to_review().body["files"][0]["receipts"] == []
    assert delivering.close(row, {"receipt": 0, "fields": {"total": "1.00"}}).body["code"] == "no-such-receipt"
    assert delivering.close(row, {"receipt": 1, "fields": WHOLE}).body["code"] == "no-such-receipt"
    assert delivering.close(row, {"receipt": 0, "fields": WHOLE}).status == 200
    assert [part.merchant.value for part in delivering.fact(row, 1).receipts] == ["A"]
    assert delivering.now(row).facts == 1
    nothing = delivering.read(b"two")
    assert delivering.close(nothing, {"accept": True}).status == 200
    assert delivering.fact(nothing, 1).receipts == []


class TestTwoAtOnce:
    def test_the_same_again_is_answered_the_same(self, delivering: Delivering, time: Clock) -> None:
        row = delivering.read(b"one", DOUBTFUL)
        first = delivering.close(row, DATE)
        time.later(100)
        again = delivering.close(row, DATE)
        assert (again.status, again.body) == (200, first.body)
        assert delivering.now(row).revisions == "ww"

    def test_who_comes_second_is_told_what_stands(self, delivering: Delivering) -> None:
        row = delivering.read(b"one", DOUBTFUL)
        delivering.close(row, DATE)
        for body in ({"accept": True}, {"receipt": 0, "fields": {"total": "99.00"}}):
            second = delivering.close(row, body)
            assert (second.status, second.body["code"]) == (409, "already-closed")
            assert second.body["details"]["receipts"][0]["date"] == "2026-03-04"

    @pytest.mark.parametrize("operation", ["PutObject", "UpdateItem", "GetItem"])
    def test_one_wins_and_the_other_is_told(self, delivering: Delivering, operation: str) -> None:
        """The other comes between two of the one's calls."""
        row = delivering.read(b"one", DOUBTFUL)
        others: list[Answer] = []

        class Meanwhile(Shapes):
            def before(self, call: Call) -> None:
                super().before(call)
                if call.operation == operation and not others:
                    delivering.cloud.meddler = Shapes()
                    others.append(delivering.close(row, {"accept": True}))

        delivering.cloud.meddler = Meanwhile()
        one = delivering.close(row, DATE)
        assert sorted([one.status, others[0].status]) == [200, 409]
        winner = one if one.status == 200 else others[0]
        told = others[0] if one.status == 200 else one
        assert told.body["details"]["receipts"] == winner.body["receipts"]
        assert delivering.now(row).revisions == "ww"

    @pytest.mark.parametrize("crashes", [False, True])
    def test_what_broke_off_is_finished_by_whoever_comes(self, delivering: Delivering, crashes: bool) -> None:
        place = 0
        while True:
            row = delivering.read(b"%d" % place, DOUBTFUL)
            failing = delivering.cloud.meddler = Failing(place, crashes=crashes)
            try:
                first = delivering.close(row, DATE)
                assert first.status in (200, 503)
            except Crash:
                assert crashes
            delivering.cloud.meddler = Shapes()
            assert delivering.close(row, DATE).status == 200
            found = delivering.now(row)
            assert (found.revisions, found.review) == ("ww", Review.CLOSED)
            place += 1
            if not failing.failed:
                break
        assert place > 8

    def test_the_winner_of_a_crash_stands(self, delivering: Delivering) -> None:
        row = delivering.read(b"one", DOUBTFUL)

        class Crashing(Shapes):
            def before(self, call: Call) -> None:
                if call.operation == "UpdateItem":
                    raise Crash

        delivering.cloud.meddler = Crashing()
        with pytest.raises(Crash):
            delivering.close(row, DATE)
        delivering.cloud.meddler = Shapes()
        second = delivering.close(row, {"accept": True})
        assert (second.status, second.body["details"]["receipts"][0]["date"]) == (409, "2026-03-04")
        assert delivering.now(row).revisions == "ww"
        assert [one.revision for one in delivering.pointers() if isinstance(one, Delivery)] == [1]

    def test_a_file_of_two_batches_is_corrected_once(self, delivering: Delivering) -> None:
        other = batch(batch_id="b" * 26)
        delivering.ledger.open_batch(other)
        delivering.ledger.ready(other, other.expires_at)
        rows = [delivering.read(b"one", DOUBTFUL, batch_id=one) for one in (BATCH_ID, other.batch_id)]
        assert delivering.close(rows[0], DATE).status == 200
        told = delivering.close(rows[1], {"accept": True})
        assert (told.status, told.body["code"]) == (409, "already-closed")
        assert delivering.now(rows[1]).revisions == "ww"
        assert delivering.close(rows[1], DATE).status == 200


def test_a_delivery_meanwhile_changes_nothing(delivering: Delivering) -> None:
    row = delivering.read(b"one", DOUBTFUL)

    class Meanwhile(Shapes):
        def before(self, call: Call) -> None:
            super().before(call)
            if call.operation == "UpdateItem":
                delivering.cloud.meddler = Shapes()
                delivering.settled(delivering.delivered(row))

    delivering.cloud.meddler = Meanwhile()
    assert delivering.close(row, DATE).status == 200
    assert (delivering.now(row).state, delivering.now(row).revisions) == (State.DELIVERED, "dw")


def test_what_the_database_refuses_is_for_a_person(delivering: Delivering) -> None:
    row = delivering.read(b"one", CERTAIN)
    assert delivering.close(row, {"accept": True}).body["code"] == "not-for-review"
    delivering.settled(delivering.refused(row))
    (file,) = delivering.to_review().body["files"]
    assert (file["state"], file["reason"], len(file["receipts"])) == ("quarantined", "refused-by-database", 1)
    assert delivering.close(row, {"receipt": 0, "fields": {"merchant": "Cafe"}}).status == 200
    assert delivering.now(row).revisions == "rw"
    delivering.settled(delivering.refused(row, 1))
    assert delivering.close(row, {"receipt": 0, "fields": {"merchant": "C"}}).body["revision"] == 2
    delivering.settled(delivering.delivered(row, 2))
    found = delivering.now(row)
    assert (found.state, found.revisions, found.facts) == (State.DELIVERED, "rrd", 3)
    assert delivering.to_review().body["to_review"] == 0


@pytest.mark.parametrize("content", [None, b"{}", b"\xff"])
def test_a_document_that_is_gone_is_said_so(delivering: Delivering, content: bytes | None) -> None:
    row = delivering.read(b"one", DOUBTFUL)
    assert row.result_key
    delivering.s3.delete_object(Bucket="documents", Key=row.result_key)
    if content is not None:
        delivering.s3.put_object(Bucket="documents", Key=row.result_key, Body=content)
    (file,) = delivering.to_review().body["files"]
    assert (file["detail"], file["receipts"]) == ("its document is no longer kept", [])
    answer = delivering.close(row, {"accept": True})
    assert (answer.status, answer.body["code"]) == (409, "document-gone")


def test_a_queue_that_takes_nothing_holds_up_no_review(delivering: Delivering) -> None:
    row = delivering.read(b"one", DOUBTFUL)
    delivering.cloud.sqs.queues.pop("delivery")
    assert delivering.close(row, DATE).status == 200
    assert delivering.now(row).due_at is not None, "the sweep sends it"


def test_pages_follow_each_other(delivering: Delivering, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [delivering.read(b"%d" % n, DOUBTFUL) for n in range(5)]
    monkeypatch.setattr(review, "FILES_A_PAGE", 3)

    def paged() -> list[list[str]]:
        pages, after = [], ""
        while True:
            body = delivering.to_review(queryStringParameters={"after": after} if after else None).body
            assert body["to_review"] == 5
            pages.append([one["file_id"] for one in body["files"]])
            if not body["next"]:
                return pages
            after = body["next"]

    assert [len(page) for page in paged()] == [3, 2]
    assert [one for page in paged() for one in page] == sorted(row.file_id for row in rows)
    monkeypatch.setattr(review, "PAGE_BYTES", 100)
    assert [len(page) for page in paged()] == [1] * 5, "an answer has a bound in bytes too"


class TestTheCustomer:
    @pytest.mark.parametrize(("subject", "status"), [("ann", 404), ("", 401)])
    def test_alone_may_see_and_close(self, delivering: Delivering, subject: str, status: int) -> None:
        row = delivering.read(b"one", DOUBTFUL)
        worker = delivering.reviews_of(customer_from="token", trusted_scope="receipts/others")
        claims = {"iss": "https://issuer.example/", "sub": subject}
        for method, event in (("GET", self._list()), ("POST", delivering.closing(row.file_id, DATE))):
            event["requestContext"] = {"http": {"method": method}, "authorizer": {"jwt": {"claims": claims}}}
            assert Answer(worker.handle(event)).status == status
        assert delivering.now(row) == row
        assert id_of("https://issuer.example/", "ann") != CUSTOMER

    def test_is_who_the_question_says_where_there_are_no_tokens(self, delivering: Delivering) -> None:
        row = delivering.read(b"one", DOUBTFUL)
        said: Any = {"queryStringParameters": {"customer_id": "other"}}
        assert delivering.to_review(**said).status == 404
        assert delivering.close(row, DATE, **said).status == 404
        assert delivering.close(row, DATE, queryStringParameters={"customer_id": CUSTOMER}).status == 200

    def test_trusted_ones_may_act_for_others(self, delivering: Delivering) -> None:
        row = delivering.read(b"one", DOUBTFUL)
        worker = delivering.reviews_of(customer_from="token", trusted_scope="receipts/others")
        event = delivering.closing(row.file_id, DATE)
        claims = {"iss": "i", "sub": "s", "scope": "receipts/others"}
        event["requestContext"] = {"http": {"method": "POST"}, "authorizer": {"jwt": {"claims": claims}}}
        assert Answer(worker.handle(event)).status == 200

    @staticmethod
    def _list() -> Any:
        path = f"/v1/batches/{BATCH_ID}/review"
        return {"version": "2.0", "rawPath": path, "pathParameters": {"batch_id": BATCH_ID}}
