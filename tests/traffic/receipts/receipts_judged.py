"""An account and documents of a drawn pile as they should be, for tests that then spoil them."""

from __future__ import annotations

from functools import cache
from typing import Any

from receipts import documents
from receipts.documents import Document, SameReceipt
from receipts.fields import Field, Receipt, TaxLine
from receipts.ids import file_id_of
from tools.traffic.receipts.collection import Collection, Drawn, collect
from tools.traffic.receipts.truth import Truth

Json = dict[str, Any]
BATCH_ID = "a" * 26


@cache
def pile() -> Collection:
    """Forty files, some of them bad, twice, or several receipts in one."""
    return collect(40, 7)


def sure(value: str | None, **changes: Any) -> Field:
    """A field that is not marked."""
    return Field(**{"value": value, "confidence": 99, "reason": "printed-twice", "review": False} | changes)


def receipt_of(truth: Truth, **changes: Any) -> Receipt:
    """What was read of a receipt, all of it right."""
    read: dict[str, Any] = {name: sure(getattr(truth, name)) for name in ("kind", "merchant", "date", "total")}
    currency = sure(truth.currency) if truth.currency_shown else sure(None, review=True, reason="sign-of-several")
    taxes = tuple(TaxLine(tax.rate, tax.net, tax.amount) for tax in truth.taxes)
    return Receipt(page=1, **read | {"currency": currency, "taxes": taxes} | changes)


def document_of(drawn: Drawn, *receipts: Receipt, same: SameReceipt | None = None) -> Document:
    """The document of a file."""
    parts = documents.receipts_of(receipts, [same] * len(receipts))
    return Document(
        batch_id=BATCH_ID, customer_id="demo", file_id=file_id_of(drawn.content), names=[drawn.name],
        read_at="2026-11-21T08:00:01Z", reader="textract", pages=max(1, len(drawn.sheets)), width=100, height=200,
        notes=[], receipts=parts,
    )  # fmt: skip


def all_right() -> tuple[list[Json], dict[str, Document]]:
    """The account of the pile, and its documents by file."""
    account: dict[str, Json] = {}
    found: dict[str, Document] = {}
    for drawn in pile().files:
        file_id = file_id_of(drawn.content)
        if file_id in account:
            account[file_id]["names"].append(drawn.name)
        elif drawn.refused:
            reason = drawn.refused if drawn.content else "empty"
            account[file_id] = {"names": [drawn.name], "state": "quarantined", "reason": reason, "file_id": file_id}
        else:
            account[file_id] = {"names": [drawn.name], "state": "read", "file_id": file_id}
            found[file_id] = document_of(drawn, *reversed([receipt_of(truth) for truth in drawn.receipts]))
    return list(account.values()), found
