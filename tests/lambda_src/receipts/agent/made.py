"""Documents of receipts for the agent's tests."""

from __future__ import annotations

import random

from receipts.documents import Document, FieldPart, ReceiptPart


def document(rng: random.Random, receipts: int = 1) -> Document:
    """A document of a file of its own."""
    return Document(
        batch_id="a" * 26,
        customer_id="c-1",
        file_id=f"{rng.getrandbits(128):032x}",
        names=["receipt.jpg"],
        read_at="2026-11-30T12:00:00.000000Z",
        reader="test",
        pages=1,
        width=100,
        height=100,
        notes=[],
        receipts=[_receipt(index, rng) for index in range(receipts)],
    )


def _receipt(index: int, rng: random.Random) -> ReceiptPart:
    return ReceiptPart(
        index=index,
        page=1,
        kind=_field("purchase"),
        merchant=_field("A shop"),
        date=_field("2026-01-31"),
        currency=_field("EUR"),
        total=_field(f"{rng.randrange(1, 1000)}.50"),
        taxes=[],
        review=[],
        possible_duplicate_of=None,
    )


def _field(value: str) -> FieldPart:
    return FieldPart(value=value, confidence=99, reason="read", review=False, box=None, alternatives=[])
