"""Tax lines: rate, net and tax, as a table or single rows print them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from receipts.fields import TaxLine
from receipts.labels import entries as e
from receipts.labels.amounts import canonical
from receipts.labels.entries import Entry, Ledger
from receipts.labels.text import compact

MOST_TAXES = 12
NEAR = Decimal("0.03")  # what rounding may differ
_RATE = re.compile(r"(?<![0-9.,])([0-9]{1,2}(?:[.,][0-9]{1,3})?) ?%|[@(] ?([0-9]{1,2}) ?%?\)?$")
_BARE_RATE = re.compile(r"(?:^|[A-Z*=] ?|\s)([0-9]{1,2}(?:[.,][0-9]{1,2})?)(?=\s|$)")


def tax_lines(ledger: Ledger) -> tuple[TaxLine, ...]:
    """The taxes of a receipt: of its table, or else of rows that name a tax."""
    found = list(_of_table(ledger)) or list(_of_rows(ledger))
    return tuple(dict.fromkeys(found))[:MOST_TAXES]


def _of_table(ledger: Ledger) -> Iterator[TaxLine]:
    for entry in ledger.of(e.TABLE):
        text = entry.row.text
        if "TOTA" in compact(text) and e.role_of(compact(text))[0] == e.TOTAL:
            continue
        amounts = [*entry.others, entry.value][-3:]
        rate = _rate(text)
        split = _split(amounts, rate)
        if split is not None and any(split):
            net, tax = split
            rate = rate if rate is not None else _bare_rate(text, net, tax)
            yield TaxLine(_rate_text(rate), canonical(net), canonical(tax), entry.row.box)


def _split(amounts: Sequence[Decimal], rate: Decimal | None) -> tuple[Decimal, Decimal] | None:
    """Net and tax among the amounts of a row of a table; None where they do not fit together."""
    for gross in amounts:
        rest = list(amounts)
        rest.remove(gross)
        if len(rest) == 2 and sum(rest) == gross:
            return _net_first(rest[0], rest[1])
    if len(amounts) >= 2:
        net, tax = _net_first(amounts[-2], amounts[-1])
        if rate is None or abs(net * rate / 100 - tax) <= NEAR:
            return net, tax
        if abs(net * rate / (100 + rate) - tax) <= NEAR:  # it was the gross amount
            return net - tax, tax
    return None


def _net_first(one: Decimal, other: Decimal) -> tuple[Decimal, Decimal]:
    return (one, other) if abs(one) >= abs(other) else (other, one)


def _of_rows(ledger: Ledger) -> Iterator[TaxLine]:
    """Rows that name a tax, without the row that adds them up."""
    rows = [entry for entry in ledger.of(e.TAX) if entry.value]
    single = [entry for entry in rows if not entry.label.startswith("TOTA")] or rows
    for entry in single:
        rate = _rate(entry.row.text)
        net = _net_of(entry, rate)
        yield TaxLine(_rate_text(rate), net, canonical(entry.value), entry.row.box)


def _net_of(entry: Entry, rate: Decimal | None) -> str | None:
    """The net amount where it is printed in the row of its tax and fits."""
    for other in entry.others:
        if rate is not None and abs(other * rate / 100 - entry.value) <= NEAR:
            return canonical(other)
    return None


def _rate(text: str) -> Decimal | None:
    """The rate that a row prints, in percent."""
    match = _RATE.search(text)
    return Decimal((match[1] or match[2]).replace(",", ".")) if match else None


def _bare_rate(text: str, net: Decimal, tax: Decimal) -> Decimal | None:
    """A number of the row that is the rate, since its net and tax say so."""
    for printed in _BARE_RATE.findall(text.upper()):
        rate = Decimal(printed.replace(",", "."))
        if 0 < rate < 100 and rate not in (net, tax) and abs(net * rate / 100 - tax) <= NEAR:
            return rate
    return None


def _rate_text(rate: Decimal | None) -> str | None:
    if rate is None:
        return None
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text
