"""The amounts of a receipt with what their labels say that they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from receipts.labels import words as w
from receipts.labels.amounts import Amount, amounts, decimal_mark, unglued
from receipts.labels.page import Row
from receipts.labels.text import compact

TOTAL, SUBTOTAL, NET, TAX, ROUNDING, DISCOUNT = (
    "total",
    "subtotal",
    "net",
    "tax",
    "rounding",
    "discount",
)
QUANTITY, SERVICE, TIP, PAID, CARD, CHANGE = "quantity", "service", "tip", "paid", "card", "change"
WEAK, PART, TABLE, ITEM = "weak", "part", "table", "item"
MOST_ENTRIES = 400
MOST_TABLE_ROWS = 14
NEXT_ROW = 2.6  # heights between a label and the amount below it

_COUNT = re.compile(
    r"^.{0,20}?\b(?:qty|items?|pcs|quantity|count)\b(?: ?\(s\))?\W{0,3}[0-9]{1,5}\b", re.IGNORECASE
)
_CODES = {"RM", "MYR", "EUR", "USD", "GBP", "CHF", "SGD", "AUD", "PLN", "SEK", "NOK", "DKK", "CAD"}


@dataclass(frozen=True)
class Entry:
    """An amount and what it is (`role`); `strong` where the label says that it is to be paid.

    `label` is compact text, `others` are the amounts to its left in the same row.
    """

    role: str
    amount: Amount
    row: Row
    label: str
    strong: bool = False
    others: tuple[Decimal, ...] = ()
    incl: bool = False

    @property
    def value(self) -> Decimal:
        """The amount."""
        return self.amount.value


@dataclass(frozen=True)
class Bare:
    """A label of a role without an amount: a tip or a total that somebody writes by hand."""

    role: str
    row: Row


@dataclass
class Ledger:
    """All amounts of a receipt from top to bottom, and labels that have none."""

    entries: list[Entry]
    bare: list[Bare]
    mark: str

    def of(self, *roles: str) -> list[Entry]:
        """The entries of these roles, from top to bottom."""
        return [entry for entry in self.entries if entry.role in roles]


def ledger(rows: Sequence[Row]) -> Ledger:
    """The amounts of a receipt with their roles."""
    mark = decimal_mark(row.text for row in rows)
    made = Ledger([], [], mark)
    table = 0
    taken = -1  # a row whose amounts have their label above
    for number, row in enumerate(rows):
        segments = list(_segments(row, mark)) if number != taken else []
        table = _still_in_table(row, segments, table)
        for label, found in segments:
            if not found:
                below = rows[number + 1] if number + 1 < len(rows) else None
                found = _below(label, row, below, mark)
                taken = number + 1 if found else taken
            _add(made, row, label, found, in_table=table > 0)
        if len(made.entries) >= MOST_ENTRIES:
            break
    return made


def _segments(row: Row, mark: str) -> Iterator[tuple[str, list[Amount]]]:
    """A row's labels, each with the amounts behind it."""
    label, found = "", list[Amount]()
    for piece in row.pieces:
        text = unglued(piece.text)
        here = amounts(text, mark)
        before = text[: here[0].start] if here else text
        if found and role_of(_label(before))[0] != ITEM:
            yield label, found
            label, found = "", []
        if not found:
            label = f"{label} {before}".strip()
        if here:
            found += here
    if label or found:
        yield label, found


def _label(text: str) -> str:
    """A label in compact form, without currencies, and without how many things were sold."""
    rest = _COUNT.sub("", text, count=1)
    text = rest if compact(rest) else text
    return compact(
        " ".join(one for one in text.split() if one.strip("():.,").upper() not in _CODES)
    )


def _below(label: str, row: Row, below: Row | None, mark: str) -> list[Amount]:
    """The amounts of the next row, where that has no words of its own and this label wants one."""
    role, _ = role_of(_label(label))
    if below is None or role not in (TOTAL, PAID, CHANGE) or len(row.pieces) > 2:
        return []
    apart = below.pieces[0].middle - row.pieces[-1].middle
    if apart > NEXT_ROW * max(row.height, below.height) or compact_words(below.text):
        return []
    return [amount for piece in below.pieces for amount in amounts(unglued(piece.text), mark)]


def compact_words(text: str) -> str:
    """The words of a row that has none but its amounts' currencies: empty."""
    return _label(text)


def _still_in_table(row: Row, segments: Sequence[tuple[str, list[Amount]]], left: int) -> int:
    """How many rows more may belong to a table of taxes; 0 outside of one."""
    text = compact(row.text)
    count = sum(len(found) for _, found in segments)
    if w.TABLE.search(text) and count < 2 and not w.GOODS.search(text):
        return MOST_TABLE_ROWS
    if left == 0:
        return 0
    role, strong = role_of(text)
    if strong or role in (PAID, CARD, CHANGE, ROUNDING) or (count == 1 and role == TOTAL):
        return 0
    return left - 1


def _add(made: Ledger, row: Row, label: str, found: Sequence[Amount], *, in_table: bool) -> None:
    text = _label(label)
    role, strong = role_of(text)
    if not found:
        if role in (TOTAL, TIP):
            made.bare.append(Bare(role, row))
        return
    if in_table:
        role, strong = TABLE, False
    amount = found[-1]
    others = tuple(one.value for one in found[:-1])
    incl = bool(w.INCLUDED.search(text))
    made.entries.append(Entry(role, amount, row, text, strong, others, incl))


def role_of(label: str) -> tuple[str, bool]:
    """What a compact label says of its amount, and whether it says it of what is to be paid."""
    if not label:
        return ITEM, False
    for role, matches in _ROLES:
        if matches(label):
            return role, role == TOTAL and bool(w.DUE.search(label) or w.INCLUDED.search(label))
    return ITEM, False


def _is_total(label: str) -> bool:
    return bool(w.TOTAL.search(label) or w.DUE.search(label))


def _is_tax(label: str) -> bool:
    if not w.TAX.search(label):
        return False
    return not (_is_total(label) and (w.INCLUDED.search(label) or w.EXCLUDED.search(label)))


# In this order: "sub total before discount" is a subtotal, "total GST" is a tax.
_ROLES = (
    (
        TAX,
        lambda label: w.TAX.search(label) and w.IN_TOTAL.search(label) and "INCIUDES" not in label,
    ),
    (PART, w.PART.search),
    (TOTAL, lambda label: _is_total(label) and w.AFTER.search(label)),
    (SUBTOTAL, w.SUBTOTAL.search),
    (SUBTOTAL, w.BEFORE.search),
    (ROUNDING, lambda label: w.ROUNDING.search(label) and not w.AFTER.search(label)),
    (DISCOUNT, w.DISCOUNT.search),
    (QUANTITY, w.QUANTITY.search),
    (SERVICE, w.SERVICE.search),
    (TIP, w.TIP.search),
    (NET, w.EXCLUDED.search),
    (TAX, _is_tax),
    (CHANGE, w.CHANGE.search),
    (TOTAL, w.DUE.search),
    (CARD, w.CARD.search),
    (PAID, w.CASH.search),
    (TOTAL, w.TOTAL.search),
    (WEAK, w.WEAK.search),
)
