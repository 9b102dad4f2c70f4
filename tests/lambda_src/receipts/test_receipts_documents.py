"""Documents: written canonically or not at all, read strictly, the same for the same."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from receipts import documents
from receipts.canonical import is_amount, is_date, is_text
from receipts.documents import Document, SameReceipt, Unreadable
from receipts.fields import Box, Field, Receipt, TaxLine
from receipts.ids import batch_id_of
from shared.versions import NewerVersion

BOX = Box(1, 0.1, 0.2, 0.3, 0.04)
RECEIPT = Receipt(
    page=1,
    kind=Field("purchase", 95, "nothing-negative", review=False),
    merchant=Field("Bäckerei Öhlmann", 90, "heading", review=False, box=BOX),
    date=Field("2026-04-03", 60, "ambiguous-day-and-month", review=True, box=BOX, alternatives=("2026-03-04",)),
    currency=Field("EUR", 99, "code", review=False),
    total=Field("12.50", 99, "printed-twice", review=False, box=BOX),
    taxes=(TaxLine("19", "10.50", "2.00", BOX), TaxLine(None, None, None)),
)
SAME = SameReceipt(file_id="a" * 32, batch_id=batch_id_of("c", "t"))
# What a rule must never have written, and what a stranger might.
NEVER = ["9" * 300, "NaN", "Infinity", "1e5", "-0x1", "12,50", "1.2.3", " 1.00", "1.00\x00", "٣.00", "", "0123", "1."]


def made(receipt: Receipt = RECEIPT, **changes: Any) -> Document:
    values = {
        "batch_id": batch_id_of("c", "t"),
        "customer_id": "c",
        "file_id": "0" * 32,
        "names": ["März/a.jpg"],
        "read_at": "2026-11-21T08:00:00.000001Z",
        "reader": "textract",
        "pages": 1,
        "width": 600,
        "height": 800,
        "notes": ["also-zip"],
        "receipts": documents.receipts_of([receipt], [SAME]),
    }
    return Document.model_validate(values | changes)


def test_a_document_is_read_as_it_was_written() -> None:
    document = made()
    content = documents.encode(document)
    assert documents.decode(content) == document
    assert documents.encode(documents.decode(content)) == content
    value = json.loads(content)
    assert value["v"] == 1
    (receipt,) = value["receipts"]
    assert receipt["total"]["value"] == "12.50"
    assert receipt["review"] == ["date:ambiguous-day-and-month"]
    assert receipt["date"]["alternatives"] == ["2026-03-04"]
    assert receipt["taxes"][0]["rate"] == "19"
    assert receipt["possible_duplicate_of"]["file_id"] == "a" * 32
    assert document.is_for_review


def test_for_review_is_what_has_a_mark_or_no_receipt() -> None:
    plain = replace(RECEIPT, date=Field("2026-04-03", 99, "only-date", review=False))
    assert not made(plain).is_for_review
    assert made(plain, receipts=[]).is_for_review


@pytest.mark.parametrize("text", NEVER)
def test_a_total_that_is_no_amount_is_none_and_for_review(text: str) -> None:
    total = replace(RECEIPT.total, value=text, alternatives=(text, "3.00"))
    (receipt,) = made(replace(RECEIPT, total=total)).receipts
    assert (receipt.total.value, receipt.total.review, receipt.total.reason) == (None, True, "not-canonical")
    assert receipt.total.alternatives == ["3.00"]
    assert "total:not-canonical" in receipt.review
    (line,) = made(replace(RECEIPT, taxes=(TaxLine(text, text, text),))).receipts[0].taxes
    assert (line.rate, line.net, line.amount) == (None, None, None)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "a\u202eb", "x" * 257, "", " a", "a\nb"])
def test_a_name_that_breaks_a_screen_or_a_database_is_none_and_for_review(text: str) -> None:
    (receipt,) = made(replace(RECEIPT, merchant=replace(RECEIPT.merchant, value=text))).receipts
    assert receipt.merchant.value is None
    assert documents.encode(made(receipt=RECEIPT))


@pytest.mark.parametrize(
    ("field", "text"),
    [("date", "03/04/2026"), ("date", "2026-02-30"), ("currency", "€"), ("currency", "eur"), ("kind", "gift")],
)
def test_the_other_fields_likewise(field: str, text: str) -> None:
    (receipt,) = made(changed(field, text)).receipts
    assert getattr(receipt, field).value is None


def changed(name: str, value: str | None) -> Receipt:
    """The receipt with another value in a field."""
    fields: dict[str, Any] = {name: replace(getattr(RECEIPT, name), value=value)}
    return replace(RECEIPT, **fields)


def _set(value: Any, path: str, new: Any) -> bytes:
    *parents, last = path.split(".")
    inner = value
    for part in parents:
        inner = inner[int(part)] if part.isdigit() else inner[part]
    inner[last] = new
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("receipts.0.total.value", "9" * 300),
        ("receipts.0.total.value", 12.5),
        ("receipts.0.total.confidence", 101),
        ("receipts.0.total.confidence", True),
        ("receipts.0.total.box", {"page": 1, "left": float("nan"), "top": 0, "width": 0, "height": 0}),
        ("receipts.0.merchant.value", "a\x00"),
        ("receipts.0.merchant.value", "\ud800"),
        ("receipts.0.date.value", "yesterday"),
        ("receipts.0.more", 1),
        ("receipts.0.kind.value", "gift"),
        ("names", []),
        ("customer_id", "'; drop table --"),
        ("read_at", "2026-11-21"),
        ("pages", 0),
        ("v", 0),
        ("v", "1"),
        ("whatever", 1),
    ],
)
def test_anything_else_is_unreadable(path: str, new: Any) -> None:
    value = json.loads(documents.encode(made()))
    with pytest.raises(Unreadable) as caught:
        documents.decode(_set(value, path, new))
    assert "Öhlmann" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"v": 1, "v": 1}', b"[" * 100_000])
def test_what_is_no_document_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable):
        documents.decode(content)


def test_a_later_version_is_left_to_the_later_release() -> None:
    with pytest.raises(NewerVersion):
        documents.decode(b'{"v": 2, "whatever": []}')


def test_a_document_that_breaks_its_rules_cannot_be_made() -> None:
    with pytest.raises(ValidationError):
        made(customer_id="a b")


def test_a_fingerprint_is_of_what_another_picture_shows_too() -> None:
    mark = documents.fingerprint(RECEIPT)
    worse = replace(RECEIPT, merchant=Field("BACKEREI  Ohlmann.", 40, "unclear-print", review=True))
    assert documents.fingerprint(replace(worse, page=3, taxes=())) == mark
    for name, value in (("total", "12.51"), ("date", "2026-04-04"), ("merchant", "Other"), ("currency", "CHF")):
        other = changed(name, value)
        assert documents.fingerprint(other) != mark
    for name in ("total", "date", "merchant"):
        assert documents.fingerprint(changed(name, None)) is None


@given(st.text(max_size=30))
def test_whatever_a_rule_gives_there_is_a_document(text: str) -> None:
    field = Field(text, 50, "heading", review=False, alternatives=(text,))
    receipt = Receipt(1, field, field, field, field, field, (TaxLine(text, text, text),))
    content = documents.encode(made(receipt))
    assert documents.decode(content).receipts[0].merchant.value in (text, None)
    assert not is_amount(text) or text.replace("-", "").replace(".", "").isascii()
    assert not (is_date(text) and not is_text(text))
