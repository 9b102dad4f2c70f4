"""The total: which of the amounts it is, and whether anything on the receipt confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from receipts.fields import Field
from receipts.labels import entries as e
from receipts.labels import witnesses as w
from receipts.labels.amounts import canonical
from receipts.labels.answer import Opinion
from receipts.labels.doubts import NO_LABEL, doubt
from receipts.labels.entries import Entry, Ledger
from receipts.labels.opinions import amount_of
from receipts.labels.witnesses import Candidate

NONE = "no-total"
MOST_ALTERNATIVES = 4
# Which witness counts more where two amounts have some, and how sure it makes us.
WEIGHTS = {
    w.CHANGE_CLOSES: (5, 99),
    w.SUMS_CLOSE: (3, 98),
    w.TAXES_CLOSE: (3, 98),
    w.PAID_THE_SAME: (3, 98),
    w.ITEMS_ADD_UP: (2, 97),
    w.PRINTED_TWICE: (2, 98),
    w.READERS_AGREE: (2, 97),
}


def total(ledger: Ledger, opinions: Sequence[Opinion]) -> Field:
    """The total of a receipt; never below zero: what was given back is told by the kind."""
    found = w.candidates(ledger)
    for value in amount_of(opinions, "TOTAL", ledger.mark):
        found.setdefault(value, Candidate(value)).witnesses.add(w.READERS_AGREE)
    if not found:
        return _largest(ledger)
    ranked = sorted(found.values(), key=lambda one: _rank(one, found), reverse=True)
    best = ranked[0]
    why = doubt(best, ranked, ledger)
    alternatives = tuple(_text(one.value) for one in ranked[1:] if one.labelled)
    box = _entry(best, ledger)
    return Field(
        _text(best.value),
        45 if why else _confidence(best),
        why or _reason(best),
        bool(why),
        box.row.box if box else None,
        tuple(dict.fromkeys(alternatives))[:MOST_ALTERNATIVES],
    )


def _rank(one: Candidate, found: dict[Decimal, Candidate]) -> tuple[float, ...]:
    score = sum(WEIGHTS[witness][0] for witness in one.witnesses)
    score += (2 if one.labelled else -2) + 2 * one.strong
    if any(value in found and found[value].witnesses for value in one.base_of):
        score -= 6
    if one.value == 0:
        score -= 20
    lowest = max((entry.row.number for entry in one.labelled), default=-1)
    return score, lowest


def _confidence(one: Candidate) -> int:
    return max(WEIGHTS[witness][1] for witness in one.witnesses)


def _reason(one: Candidate) -> str:
    return max(one.witnesses, key=lambda witness: WEIGHTS[witness])


def _entry(best: Candidate, ledger: Ledger) -> Entry | None:
    """Where the total stands: beside its strongest label, else wherever it is printed."""
    if best.labelled:
        return max(best.labelled, key=lambda entry: (entry.strong, entry.row.number))
    return next((entry for entry in ledger.entries if entry.value == best.value), None)


def _largest(ledger: Ledger) -> Field:
    """Without any label: what was paid, or else the largest amount; marked."""
    paid = ledger.of(e.PAID, e.CARD, e.WEAK)
    others = [entry for entry in ledger.entries if entry.role in (e.ITEM, e.SUBTOTAL, e.PART)]
    pool = paid or others
    if not pool:
        return Field(None, 0, NONE, review=True)
    best = max(pool, key=lambda entry: entry.value)
    more = sorted({_text(one.value) for one in pool if one.value != best.value})
    alternatives = tuple(more[:MOST_ALTERNATIVES])
    return Field(_text(best.value), 20, NO_LABEL, True, best.row.box, alternatives)


def _text(value: Decimal) -> str:
    return canonical(abs(value))
