"""A document as rows of the database: one a receipt, or none of it at all.

What no database takes (NaN, a NUL, half a surrogate, 300 digits) is in no document that could be
read (`documents.decode`): in a transaction it would refuse all the others too.
"""

from datetime import date, datetime
from decimal import Decimal

from receipts.delivery.messages import Delivery
from receipts.delivery.port import Key, Row
from receipts.documents import Document, ReceiptPart, TaxPart
from shared import strict_json


class BadDocument(Exception):
    """A document that cannot be rows; the text names the place, and nothing that was read."""


def rows_of(document: Document, asked: Delivery) -> list[Row]:
    """The rows of the document that was asked for; none where no receipt was found in the file.

    `batch_id` is that of the batch in which the file was read, so a row is the same whichever batch
    asks. Raises BadDocument.
    """
    if (document.customer_id, document.file_id) != (asked.customer_id, asked.file_id):
        raise BadDocument("it is of another file, or of another customer")
    try:
        read_at = datetime.fromisoformat(document.read_at)
    except ValueError:
        raise BadDocument("read_at is no time") from None
    rows = [_row(document, receipt, asked.revision, read_at) for receipt in document.receipts]
    if len({row.key for row in rows}) < len(rows):
        raise BadDocument("two receipts have one index")
    return rows


def _row(document: Document, receipt: ReceiptPart, revision: int, read_at: datetime) -> Row:
    day, total = receipt.date.value, receipt.total.value
    return Row(
        key=Key(document.customer_id, document.file_id, receipt.index, revision),
        batch_id=document.batch_id,
        kind=receipt.kind.value,
        merchant=receipt.merchant.value,
        receipt_date=None if day is None else date.fromisoformat(day),
        currency=receipt.currency.value,
        total=None if total is None else Decimal(total),
        taxes=strict_json.canonical([_tax(tax) for tax in receipt.taxes]),
        review=tuple(receipt.review),
        read_at=read_at,
    )


def _tax(tax: TaxPart) -> dict[str, str | None]:
    return {"rate": tax.rate, "net": tax.net, "amount": tax.amount}
