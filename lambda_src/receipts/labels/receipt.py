"""One receipt of its lines: every field, and what is marked for the receipt as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from receipts.fields import Field, Hints, Receipt
from receipts.labels.answer import Expense, expenses
from receipts.labels.currencies import currency_field
from receipts.labels.dates import date_field
from receipts.labels.entries import ledger
from receipts.labels.kinds import kind_field
from receipts.labels.languages import language_of
from receipts.labels.merchant import merchant_field
from receipts.labels.page import rows
from receipts.labels.places import country_of
from receipts.labels.taxes import tax_lines
from receipts.labels.totals import total

NOT_ENGLISH, TOO_MANY_LINES = "not-english", "too-many-lines"


def receipts_of(answer: Mapping[str, object], hints: Hints) -> list[Receipt]:
    """The receipts of an AnalyzeExpense answer; none where nothing on it could be read.

    Raises AnswerInvalid where it is not what AWS describes, and nothing else whatever stands in it.
    """
    return [_receipt(expense, hints) for expense in expenses(answer)]


def _receipt(expense: Expense, hints: Hints) -> Receipt:
    found = rows(expense.lines)
    amounts = ledger(found)
    country = country_of(found)
    receipt = Receipt(
        page=min((line.page for line in expense.lines), default=1),
        kind=kind_field(found, amounts),
        merchant=merchant_field(found, expense.opinions),
        date=date_field(found, expense.opinions, hints, country),
        currency=currency_field(found, expense.opinions, hints, country),
        total=total(amounts, expense.opinions),
        taxes=tax_lines(amounts),
    )
    if expense.cut:
        return _marked(receipt, TOO_MANY_LINES)
    return receipt if language_of(found) == "en" else _marked(receipt, NOT_ENGLISH)


def _marked(receipt: Receipt, reason: str) -> Receipt:
    """The receipt with its fields marked for a person, each that was not for this reason."""
    return replace(
        receipt,
        merchant=_for_review(receipt.merchant, reason),
        date=_for_review(receipt.date, reason),
        total=_for_review(receipt.total, reason),
    )


def _for_review(field: Field, reason: str) -> Field:
    if field.review:
        return field
    return replace(field, review=True, reason=reason, confidence=min(field.confidence, 70))
