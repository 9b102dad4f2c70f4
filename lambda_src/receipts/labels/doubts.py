"""Why a total is not sure, however much speaks for it.

A printed amount beside a total word is one witness. It needs another one that does not rest on the
same print or the same words, and nothing on the receipt may tell another story: another total that
is not a part of this one, a payment of another amount, something that is still added below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from receipts.labels import entries as e
from receipts.labels import witnesses as w
from receipts.labels.entries import Entry, Ledger
from receipts.labels.witnesses import Candidate
from receipts.labels.words import IN_TOTAL

ONE_WITNESS, CONTRADICTED, BY_HAND = "printed-once", "totals-disagree", "tip-by-hand"
NO_LABEL, ZERO = "no-total-label", "nothing-to-pay"
NEAR = Decimal("0.10")  # what a total and what was paid may differ by a rounding that was not read
MOST_TAX = Decimal("0.25")  # of what is to be paid
PAYMENT = {w.CHANGE_CLOSES, w.PAID_THE_SAME}
ON_THE_WAY = {w.ITEMS_ADD_UP, w.PRINTED_TWICE}
SUMS = (e.TOTAL, e.WEAK, e.SUBTOTAL, e.NET)
ADDED = (e.SERVICE, e.DISCOUNT, e.ROUNDING, e.ITEM)  # what changes a total that it stands below


def doubt(best: Candidate, found: Sequence[Candidate], ledger: Ledger) -> str:
    """Why a total among the amounts found is not sure; empty where it is."""
    mended = bool(best.labelled) and all(one.amount.mended for one in best.labelled)
    tips = bool(ledger.of(e.TIP)) or any(bare.role == e.TIP for bare in ledger.bare)
    doubts = (
        (ZERO, best.value == 0),
        (BY_HAND, tips),
        (ONE_WITNESS, not best.witnesses or (mended and len(best.witnesses) < 2)),
        (NO_LABEL, not best.labelled and not _proved_twice(best)),
        (CONTRADICTED, any(_contradictions(best, found, ledger))),
        (ONE_WITNESS, not _confirmed(best)),
    )
    return next((reason for reason, holds in doubts if holds), "")


def _contradictions(best: Candidate, found: Sequence[Candidate], ledger: Ledger) -> Iterator[bool]:
    yield _rivalled(best, found, ledger)
    yield _paid_otherwise(best, ledger)
    yield _costs_more(best, ledger)
    yield _rounded_otherwise(best, ledger)
    yield _nearly_the_same(best, ledger)
    yield _goes_on(best, ledger)
    yield _untaxed(best, ledger)
    yield _of_a_part(best, ledger)


def _proved_twice(best: Candidate) -> bool:
    """Whether so much closes upon an amount that it needs no label."""
    closing = {w.SUMS_CLOSE, w.TAXES_CLOSE}  # what was sold is the total before taxes, it may be
    return len(best.witnesses) >= 2 and bool(best.witnesses & closing)


def _confirmed(best: Candidate) -> bool:
    """Whether what speaks for an amount is more than that the items come to it, or that it is
    printed again without a word: they also come to a sum on the way to the total.
    """
    return best.strong or len(best.witnesses) > 1 or not best.witnesses <= ON_THE_WAY


def _rivalled(best: Candidate, found: Sequence[Candidate], ledger: Ledger) -> bool:
    """Whether another amount is called a total, and is neither this one before something that is
    added nor the tax in it.
    """
    before = {entry.value for entry in ledger.of(e.NET, e.TABLE, e.SUBTOTAL)}
    before |= {value for entry in ledger.of(e.TABLE) for value in entry.others}
    for other in found:
        tax = MOST_TAX * best.value > other.value and best.value - other.value in before
        explained = tax or best.value in other.base_of or other.value in (0, best.value)
        if other.labelled and not explained:
            return True
    return False


def _paid_otherwise(best: Candidate, ledger: Ledger) -> bool:
    """Whether what was paid, less the change where there is one, is another amount."""
    paid = [one for one in ledger.of(e.PAID, e.CARD) if one.value]
    if not paid or best.witnesses & PAYMENT:
        return False
    rest = sum((abs(one.value) for one in paid), Decimal(0)) - abs(best.value)
    back = (one for one in ledger.of(e.WEAK, e.ITEM) if one.row.number > paid[0].row.number)
    below = {one.value for one in back}
    return rest != 0 and (rest < 0 or rest not in below)


def _costs_more(best: Candidate, ledger: Ledger) -> bool:
    """Whether something above costs more than all, nothing was taken off, and no change says
    otherwise.
    """
    if w.CHANGE_CLOSES in best.witnesses or any(one.value for one in ledger.of(e.DISCOUNT)):
        return False
    priced = ledger.of(e.ITEM, e.SUBTOTAL, e.NET, e.QUANTITY)
    if best.labelled:
        priced = [one for one in priced if one.row.number <= _last_row(best)]
    return any(
        0 < best.value < one.value and not _rounds_to(one.value, best, ledger) for one in priced
    )


def _rounds_to(value: Decimal, best: Candidate, ledger: Ledger) -> bool:
    """Whether an amount is the total before the rounding that leads to it."""
    apart = abs(value - best.value)
    return e.ROUNDING in best.added and any(
        abs(one.value) == apart for one in ledger.of(e.ROUNDING)
    )


def _rounded_otherwise(best: Candidate, ledger: Ledger) -> bool:
    """Whether a rounding is printed that leads to no sum that is this amount, and no payment of
    what is called to be paid.
    """
    rounding = [one for one in ledger.of(e.ROUNDING) if one.value and abs(one.value) < 1]
    paid = best.strong and bool(best.witnesses & PAYMENT)
    return bool(rounding) and e.ROUNDING not in best.added and not paid


def _nearly_the_same(best: Candidate, ledger: Ledger) -> bool:
    """Whether an amount is the same but for a rounding that was not read."""
    others = (one.value for one in ledger.entries)
    near = (one for one in others if 0 < abs(abs(one) - abs(best.value)) < NEAR)
    return not all(_rounds_to(one, best, ledger) for one in near)


def _goes_on(best: Candidate, ledger: Ledger) -> bool:
    """Whether something is added or taken off below an amount and before the payment, so that it is
    none of what is to be paid; a payment of that amount says that it is.
    """
    if best.witnesses & PAYMENT or not best.labelled:
        return False
    for entry in _until_paid(best, ledger):
        told = entry.role == e.DISCOUNT and ("SAV" in entry.label or entry.label.startswith("TOTA"))
        if entry.role in ADDED and entry.value and not told:
            return True
    return False


def _untaxed(best: Candidate, ledger: Ledger) -> bool:
    """Whether a tax is printed that nothing puts into the amount, neither a sum nor a label, and no
    payment of the amount. A tax below is not in what a label calls net and to be paid.
    """
    taxes = [one for one in ledger.of(e.TAX) if one.value and not IN_TOTAL.search(one.label)]
    if not taxes or e.TAX in best.added or best.witnesses & (PAYMENT | {w.TAXES_CLOSE}):
        return False
    below = best.labelled and taxes[-1].row.number > _last_row(best)
    return not (best.strong and not below) and not any(one.incl for one in best.labelled)


def _last_row(best: Candidate) -> int:
    return max(entry.row.number for entry in best.labelled)


def _until_paid(best: Candidate, ledger: Ledger) -> Iterator[Entry]:
    """The entries below a total that are no sums from above again, up to a table of taxes or a
    payment, which may be one of the same amount in words that nobody knows.
    """
    last = _last_row(best)
    above = {one.value for one in ledger.of(*SUMS) if one.row.number <= last}
    for entry in ledger.entries:
        if entry.row.number > last:
            if entry.role in (e.PAID, e.CARD, e.CHANGE, e.TABLE) or entry.value == best.value:
                return
            if entry.value not in above:
                yield entry


def _of_a_part(best: Candidate, ledger: Ledger) -> bool:
    """Whether the amount is that of a part, and nothing closes upon it."""
    parts = {entry.value for entry in ledger.of(e.PART)}
    return best.value in parts and not best.witnesses & {w.CHANGE_CLOSES, w.SUMS_CLOSE}
