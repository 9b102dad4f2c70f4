"""read: every file ends in one document and one row, whatever comes twice, late or broken."""

from __future__ import annotations

import pytest

from receipts import read
from receipts.fields import Hints
from receipts.ids import batch_id_of
from receipts.rows import State
from shared import clients, settings
from tests.lambda_src.fakes import refusal
from tests.lambda_src.receipts.reading import Context, World, drawn
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER, LIMITS
from tools.traffic.receipts import blocks, broken, drawing, encoding
from tools.traffic.receipts.broken import Broken


def test_a_file_is_read_once_and_its_document_kept(world: World) -> None:
    content, sheet = drawn(1, layout="plain", language="en-GB")
    row = world.receive(content, sheet)
    assert world.read(world.message(row)) == []
    document = world.document(row)
    now = world.state(row)
    assert now.state == (State.REVIEW if document.is_for_review else State.READ)
    assert (now.receipts, now.same_as, now.result_key) == (1, None, world.results()[0])
    assert (document.batch_id, document.customer_id, document.file_id) == (BATCH_ID, CUSTOMER, row.file_id)
    assert (document.names, document.pages, document.reader) == (["one.jpg"], 1, "textract")
    assert (document.width, document.height) == sheet.size
    assert document.read_at == "2026-11-21T08:00:00.000000Z"
    (receipt,) = document.receipts
    shown = {line.text for line in sheet.lines}
    assert receipt.merchant.value in shown
    assert f"£{receipt.total.value}" in shown
    assert receipt.total.box
    assert receipt.total.box.page == 1
    assert world.quarantined() == []


def test_a_message_that_comes_again_changes_nothing(world: World) -> None:
    content, sheet = drawn()
    row = world.receive(content, sheet)
    message = world.message(row)
    assert world.read(message, message, message) == []
    before = world.state(row)
    assert world.read(message) == []
    assert world.state(row) == before
    assert len(world.textract.pages) == 1


def test_what_was_read_and_not_noted_is_not_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between the document and the ledger."""
    content, sheet = drawn()
    row = world.receive(content, sheet)
    with monkeypatch.context() as patch:
        patch.setattr(world.function._ledger, "read", lambda *a: (_ for _ in ()).throw(refusal("UpdateItem")))
        assert world.read(message := world.message(row)) == [message["messageId"]]
    assert world.state(row).state == State.RECEIVED
    assert len(world.results()) == 1
    world.textract.always = AssertionError("it was read already")
    assert world.read(world.message(row)) == []
    assert world.state(row).state in (State.READ, State.REVIEW)
    assert len(world.textract.pages) == 1


def test_the_same_bytes_in_another_batch_are_not_read_again(world: World) -> None:
    content, sheet = drawn()
    row = world.receive(content, sheet)
    other = world.receive(content, sheet, batch_id=batch_id_of(CUSTOMER, "token-2"), key="images/other/1")
    assert world.read(world.message(row), world.message(other)) == []
    assert len(world.textract.pages) == 1
    assert world.state(other).same_as == BATCH_ID
    assert world.state(other).result_key == world.state(row).result_key
    stranger = world.receive(content, sheet, customer_id="another", batch_id=batch_id_of("another", "t"))
    assert world.read(world.message(stranger)) == []
    assert world.state(stranger).same_as is None, "a customer sees nothing of another's"
    assert len(world.results()) == 2


def test_two_workers_at_once_make_one_document(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was put first stands, and the row tells of that one."""
    content, sheet = drawn()
    row = world.receive(content, sheet)
    message = world.message(row)
    other = world.made()
    monkeypatch.setattr(other._ledger, "read", lambda *a: (_ for _ in ()).throw(refusal("UpdateItem")))

    def in_between() -> None:
        world.textract.before = lambda: None
        assert len(other.handle({"Records": [message]}, Context())["batchItemFailures"]) == 1

    world.textract.before = in_between
    world.textract.answers = [{"ExpenseDocuments": []}, None]  # the other's, ours
    assert world.read(message) == []
    assert len(world.textract.pages) == 2
    assert len(world.results()) == 1
    assert world.document(row).receipts == []
    assert (world.state(row).state, world.state(row).receipts) == (State.REVIEW, 0)


def test_another_picture_of_the_same_receipt_is_flagged(world: World) -> None:
    content, sheet = drawn(1, layout="plain", language="en-GB")
    row = world.receive(content, sheet)
    again = world.receive(encoding.png(sheet), sheet)
    different = world.receive(*drawn(2, layout="plain", language="en-GB"))
    assert world.read(*(world.message(one) for one in (row, again, different))) == []
    assert world.document(row).receipts[0].possible_duplicate_of is None
    same = world.document(again).receipts[0].possible_duplicate_of
    assert same
    assert (same.file_id, same.batch_id) == (row.file_id, BATCH_ID)
    assert world.document(different).receipts[0].possible_duplicate_of is None
    assert world.state(again).state == world.state(row).state, "it is delivered all the same"


def test_every_receipt_of_a_pile_or_a_pdf_has_a_row(world: World) -> None:
    sheets = [drawn(number, layout="plain")[1] for number in (1, 2, 3)]
    row = world.receive(encoding.pdf(sheets), *sheets)
    assert world.read(world.message(row)) == []
    document = world.document(row)
    assert [(receipt.index, receipt.page) for receipt in document.receipts] == [(0, 1), (1, 2), (2, 3)]
    assert {receipt.total.box.page for receipt in document.receipts if receipt.total.box} == {1, 2, 3}
    pile = drawing.beside(sheets[:2])
    pictured = world.receive(encoding.jpeg(pile, 85), pile)
    world.textract.answers = [blocks.answer(pile, by_receipt=True)]
    assert world.read(world.message(pictured)) == []
    assert [receipt.index for receipt in world.document(pictured).receipts] == [0, 1]
    assert world.state(pictured).receipts == 2


def test_a_picture_with_no_receipt_is_for_review(world: World) -> None:
    content, sheet = drawn()
    row = world.receive(content, sheet)
    world.textract.always = {"DocumentMetadata": {"Pages": 1}, "ExpenseDocuments": []}
    assert world.read(world.message(row)) == []
    assert (world.state(row).state, world.state(row).receipts) == (State.REVIEW, 0)


@pytest.mark.parametrize("bad", broken.broken(drawn()[0]), ids=lambda bad: bad.name)
def test_a_bad_file_ends_in_the_account_with_its_reason(world: World, bad: Broken) -> None:
    row = world.receive(bad.content, name=bad.name)
    good = world.receive(*drawn())
    message = world.message(row)
    assert world.read(message, world.message(good)) == []
    now = world.state(row)
    assert (now.state, now.reason) == (State.QUARANTINED, bad.reason)
    assert now.detail
    (line,) = world.quarantined()
    assert (line["reason"], line["file_id"], line["name"]) == (bad.reason, row.file_id, bad.name)
    assert world.state(good).state != State.RECEIVED
    assert len(world.textract.pages) == 1, "nothing is paid for a bad file"
    world.s3.delete_object(Bucket="documents", Key=row.key)
    assert world.read(message) == []
    assert world.state(row) == now
    assert world.quarantined() == [line], "it is not looked at again"


def test_the_handler_is_made_of_its_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    values = world.config.model_dump(exclude_none=True) | {"limits": LIMITS.model_dump_json()}
    values["hints"] = '{"country": "DE", "day_first": true, "currencies": ["EUR"]}'
    for name, value in values.items():
        monkeypatch.setenv(name.upper(), str(value))
    made = {"sqs": world.sqs, "s3": world.s3, "dynamodb": world.tables.client, "textract": world.textract}
    monkeypatch.setattr(clients, "client", made.__getitem__)
    read._worker.cache_clear()
    row = world.receive(*drawn())
    assert read.handler({"Records": [world.message(row)]}, Context()) == {"batchItemFailures": []}
    assert world.state(row).state in (State.READ, State.REVIEW)
    assert read._worker()._reader._hints == Hints("DE", day_first=True, currencies=("EUR",))
    read._worker.cache_clear()
    monkeypatch.setenv("READER", "a <b>")
    with pytest.raises(settings.SettingsError, match="READER"):
        read._worker()
