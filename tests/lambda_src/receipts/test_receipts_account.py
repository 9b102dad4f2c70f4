"""account: every file in exactly one state, told to its customer alone."""

from typing import Any

import pytest

from receipts.account import FILES_A_PAGE
from receipts.deliveries import Deliveries
from receipts.expected import Expected
from receipts.ids import file_id_of
from receipts.ledger import ReadResult
from receipts.reasons import Reason, Refusal
from receipts.rows import SLOTS_A_ROW, UPLOAD_LASTS_US, Outcome
from shared.bearer import id_of
from tests.lambda_src.receipts import asking
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.receiving import Receiving, jpeg, zipped
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER, NOW_US, SECOND, batch
from tests.lambda_src.stack import Context
from tests.simulation.aws.backends import Shapes
from tools.simulation.aws.calls import Call

ONE, TWO, THREE = jpeg("one"), jpeg("two"), jpeg("three")
NONE = {
    "expected": 0,
    "received": 0,
    "read": 0,
    "review": 0,
    "quarantined": 0,
    "delivered": 0,
    "same": 0,
    "ignored": 0,
}


def _read(receiving: Receiving, batch_id: str, content: bytes, *, is_for_review: bool = False) -> None:
    result = ReadResult("results/c/f.json", 2, is_for_review=is_for_review, read_at=NOW_US + 90 * SECOND)
    assert receiving.ledger.read(batch_id, file_id_of(content), result)


def test_files_go_from_expected_to_read(receiving: Receiving, time: Clock) -> None:
    batch_id = receiving.open_files(ONE, TWO, THREE)
    body = receiving.account(batch_id).body
    assert (body["batch_id"], body["kind"], body["open"], body["next"]) == (batch_id, "files", True, None)
    assert body["counts"] == NONE | {"expected": 3}
    assert body["files"][2] == {"place": 2, "names": ["2.jpg"], "state": "expected"}
    for slot, content in enumerate((ONE, TWO, THREE)):
        receiving.upload(batch_id, slot, content)
    receiving.run(time.later)
    assert receiving.account(batch_id).body["counts"] == NONE | {"received": 3}
    _read(receiving, batch_id, ONE)
    _read(receiving, batch_id, TWO, is_for_review=True)
    receiving.ledger.quarantine(batch_id, file_id_of(THREE), Refusal("too-small", "1 x 1"), NOW_US + SECOND)
    body = receiving.account(batch_id).body
    assert body["counts"] == NONE | {"read": 1, "review": 1, "quarantined": 1}
    assert body["open"] is False
    assert body["files"][0] == {
        "place": 0,
        "names": ["0.jpg"],
        "state": "read",
        "file_id": file_id_of(ONE),
        "size": len(ONE),
        "receipts": 2,
        "received_at": "2026-11-21T08:00:00.000Z",
        "read_at": "2026-11-21T08:01:30.000Z",
        "to_deliver": [0],
    }
    assert (body["to_review"], body["to_deliver"]) == (1, 2)
    assert (body["files"][2]["reason"], body["files"][2]["detail"]) == ("too-small", "1 x 1")


def test_what_is_delivered_says_so_beside_its_review(receiving: Receiving, time: Clock) -> None:
    batch_id = receiving.open_files(ONE, TWO)
    for slot, content in enumerate((ONE, TWO)):
        receiving.upload(batch_id, slot, content)
    receiving.run(time.later)
    _read(receiving, batch_id, ONE)
    _read(receiving, batch_id, TWO, is_for_review=True)
    deliveries = Deliveries(receiving.tables.client, "ledger")
    for content in (ONE, TWO):
        row = receiving.ledger.file(batch_id, file_id_of(content))
        assert row
        assert deliveries.delivered(row, 0, NOW_US + 95 * SECOND)
    body = receiving.account(batch_id).body
    assert body["counts"] == NONE | {"delivered": 2}
    assert (body["to_review"], body["to_deliver"], body["open"]) == (1, 0, False)
    said = {"state": "delivered", "review": "open", "to_review": True, "delivered_at": "2026-11-21T08:01:35.000Z"}
    assert said.items() <= body["files"][1].items()
    assert not {"review", "to_review", "to_deliver"} & body["files"][0].keys()
    row = receiving.ledger.file(batch_id, file_id_of(TWO))
    assert row
    assert deliveries.close_review(row, 2, NOW_US + 99 * SECOND)
    body = receiving.account(batch_id).body
    assert (body["counts"]["delivered"], body["to_review"], body["to_deliver"]) == (2, 0, 1)
    assert (body["files"][1]["review"], body["files"][1]["to_deliver"]) == ("closed", [1])


def test_the_same_content_is_one_file_with_both_names(receiving: Receiving, time: Clock) -> None:
    batch_id = receiving.archived(zipped({"a.jpg": ONE, "b.jpg": TWO, "copy of a.jpg": ONE}))
    receiving.run(time.later)
    body = receiving.account(batch_id).body
    assert [one["names"] for one in body["files"]] == [["a.jpg", "copy of a.jpg"], ["b.jpg"]]
    assert body["counts"] == NONE | {"received": 2, "same": 1}


def test_an_archive_is_expected_then_each_entry_of_it(receiving: Receiving, time: Clock) -> None:
    content = zipped({f"{n}.jpg": jpeg(f"{n}") for n in range(30)} | {"__MACOSX/x": b"x", "a.txt": b"text"})
    batch_id = receiving.open_archive(content)
    body = receiving.account(batch_id).body
    assert (body["counts"], body["files"]) == (
        NONE | {"expected": 1},
        [{"names": ["archive.zip"], "state": "expected"}],
    )
    receiving.upload(batch_id, None, content, "application/zip")
    receiving.step()
    assert receiving.account(batch_id).body["counts"] == NONE | {"expected": 32}
    receiving.step(most=1)
    body = receiving.account(batch_id).body
    assert sum(body["counts"].values()) == 32
    assert body["counts"]["expected"] in (7, 25)
    receiving.run(time.later)
    body = receiving.account(batch_id).body
    assert body["counts"] == NONE | {"received": 30, "ignored": 1, "quarantined": 1}
    assert body["files"][-1] == {
        "place": 31,
        "names": ["a.txt"],
        "state": "quarantined",
        "reason": "not-an-image",
        "detail": "its first bytes are those of no picture",
    }


def test_a_part_that_is_under_way_counts_once(receiving: Receiving, time: Clock) -> None:
    batch_id = receiving.archived(zipped({f"{n}.jpg": jpeg(f"{n}") for n in range(5)}))
    receiving.step()
    receiving.step(Context(30_000, 30_000, 30_000, 30_000, 1_000))
    counts = receiving.account(batch_id).body["counts"]
    assert counts == NONE | {"expected": 3, "received": 2}


def test_an_archive_that_was_refused_is_the_one_file_of_its_account(receiving: Receiving, time: Clock) -> None:
    batch_id = receiving.archived(b"no archive")
    receiving.run(time.later)
    body = receiving.account(batch_id).body
    assert (body["counts"], body["open"]) == (NONE | {"quarantined": 1}, False)
    assert (body["files"][0]["names"], body["files"][0]["reason"]) == (["archive.zip"], "not-a-zip")


def test_an_archive_that_comes_too_late_takes_nothing_from_the_first(receiving: Receiving, time: Clock) -> None:
    content = zipped({"a.jpg": ONE, "b.txt": b"text"})
    batch_id = receiving.archived(content)
    receiving.run(time.later)
    time.later(asking.SECONDS + UPLOAD_LASTS_US / SECOND + 1)
    receiving.upload(batch_id, None, content, "application/zip")
    receiving.run(time.later)
    body = receiving.account(batch_id).body
    assert [(one["names"], one.get("reason")) for one in body["files"]] == [
        (["a.jpg"], None),
        (["b.txt"], "not-an-image"),
    ]
    assert [line["reason"] for line in receiving.quarantined()].count("upload-expired") == 1


def test_an_archive_that_was_gone_and_came_again_is_its_entries(receiving: Receiving, time: Clock) -> None:
    content = zipped({"a.jpg": ONE, "b.jpg": TWO})
    batch_id = receiving.archived(content)
    receiving.s3.delete_object(Bucket="uploads", Key=f"in/{batch_id}/archive.zip")
    receiving.run(time.later)
    assert receiving.account(batch_id).body["files"][0]["reason"] == "bytes-gone"
    receiving.upload(batch_id, None, content, "application/zip")
    receiving.run(time.later)
    assert receiving.account(batch_id).body["counts"] == NONE | {"received": 2}


def test_an_archive_that_is_planned_meanwhile_is_counted_by_its_entries(receiving: Receiving, time: Clock) -> None:
    """Its parts are settled after the batch's row was read, and before theirs are."""
    batch_id = receiving.archived(zipped({f"{n}.jpg": jpeg(f"{n}") for n in range(4)}))

    class Meanwhile(Shapes):
        def before(self, call: Call) -> None:
            super().before(call)
            if call.operation == "Query":
                receiving.good_again()
                receiving.run(time.later)

    receiving.cloud.meddler = Meanwhile()
    assert receiving.account(batch_id).body["counts"] == NONE | {"received": 4}


def test_what_was_taken_stays_taken(receiving: Receiving, time: Clock) -> None:
    """A part may have been on its way when the sweep took its archive for gone."""
    batch_id = receiving.archived(zipped({"a.jpg": ONE}))
    receiving.run(time.later)
    found = receiving.ledger.batch(batch_id)
    assert found
    gone = Outcome(0, "entry 0", reason="bytes-gone", detail="gone")
    assert receiving.ledger.settle(found, "slot#gone#0000", [gone])
    assert receiving.account(batch_id).body["counts"] == NONE | {"received": 1}


def test_what_never_came_is_said_so(receiving: Receiving, time: Clock) -> None:
    batch_id = receiving.open_files(ONE, TWO)
    receiving.upload(batch_id, 0, ONE)
    receiving.run(time.later)
    _read(receiving, batch_id, ONE)
    assert receiving.account(batch_id).body["open"] is True
    time.later(asking.SECONDS + UPLOAD_LASTS_US / SECOND + 1)
    body = receiving.account(batch_id).body
    assert (body["open"], body["files"][1]["state"], body["files"][1]["reason"]) == (
        False,
        "expected",
        Reason.UPLOAD_EXPIRED,
    )


def test_a_large_account_comes_in_pages(receiving: Receiving) -> None:
    count = 2 * FILES_A_PAGE + 1
    made = batch(files=count)
    receiving.ledger.open_batch(made)
    wanted = [Expected(f"{n}", 1, "0" * 64, "image/jpeg") for n in range(count)]
    for first in range(0, count, SLOTS_A_ROW):
        receiving.ledger.put_manifest(made, first, wanted[first : first + SLOTS_A_ROW])
    receiving.ledger.ready(made, made.expires_at)
    places, after = [], "0"
    while True:
        body = receiving.account(BATCH_ID, queryStringParameters={"after": after}).body
        assert body["counts"]["expected"] == count
        places += [one["place"] for one in body["files"]]
        if body["next"] is None:
            break
        after = str(body["next"])
    assert places == list(range(count))


class TestTheCustomer:
    def _asked(self, receiving: Receiving, subject: str, scope: str = "") -> Any:
        claims = {"iss": "https://issuer.example/", "sub": subject, "scope": scope}
        context = {"http": {"method": "GET"}, "authorizer": {"jwt": {"claims": claims}}}
        settings = {"customer_from": "token", "trusted_scope": "receipts/others"}
        batch_id = receiving.batch_of(id_of("https://issuer.example/", "ann"))
        return receiving.account(batch_id, settings, requestContext=context)

    def test_sees_their_own_batch_alone(self, receiving: Receiving) -> None:
        receiving.open_files(ONE, customer_id=id_of("https://issuer.example/", "ann"))
        assert self._asked(receiving, "ann").status == 200
        other = self._asked(receiving, "bob")
        assert (other.status, other.body["code"]) == (404, "no-such-batch")
        assert self._asked(receiving, "bob", "receipts/others").status == 200
        assert self._asked(receiving, "").body["code"] == "no-token"

    def test_is_who_the_question_says_where_there_are_no_tokens(self, receiving: Receiving) -> None:
        batch_id = receiving.open_files(ONE)
        for said, status in ({}, 200), ({"customer_id": CUSTOMER}, 200), ({"customer_id": "other"}, 404):
            assert receiving.account(batch_id, queryStringParameters=said).status == status


@pytest.mark.parametrize(
    ("batch_id", "more", "status", "code"),
    [
        ("a" * 26, {}, 404, "no-such-batch"),
        ("' OR 1=1 --", {}, 404, "no-such-batch"),
        ("\ud800" * 10_000, {}, 404, "no-such-batch"),
        (BATCH_ID, {"method": "POST"}, 405, "wrong-method"),
        (BATCH_ID, {"rawPath": "/v1/other"}, 404, "no-such-route"),
        (BATCH_ID, {"queryStringParameters": {"after": "-1"}}, 400, "bad-cursor"),
        (BATCH_ID, {"queryStringParameters": {"after": "9" * 5_000}}, 400, "bad-cursor"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    receiving: Receiving, batch_id: str, more: Any, status: int, code: str
) -> None:
    answer = receiving.account(batch_id, **more)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert len(answer.text) < 20_500


def test_a_ledger_that_is_out_is_said_so(receiving: Receiving) -> None:
    receiving.tables.failing_at(0)
    answer = receiving.account(BATCH_ID)
    assert (answer.status, answer.body["code"], answer.headers["retry-after"]) == (503, "ledger-unavailable", "5")
