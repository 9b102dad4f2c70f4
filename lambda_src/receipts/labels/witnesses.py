"""What speaks for an amount being the total: what is printed again, and arithmetic that closes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, islice, product

from receipts.labels import entries as e
from receipts.labels.entries import Entry, Ledger

PRINTED_TWICE = "printed-twice"
CHANGE_CLOSES = "cash-less-change"
SUMS_CLOSE = "sums-close"
PAID_THE_SAME = "paid-the-same"
TAXES_CLOSE = "net-and-tax"
ITEMS_ADD_UP = "items-add-up"
READERS_AGREE = "two-readers"

MOST_EACH = 4  # entries of a kind that arithmetic tries
MOST_TRIES = 20_000
ADDED = (e.TAX, e.ROUNDING, e.SERVICE, e.TIP, e.DISCOUNT)  # to a base, in this order
MOST_ROUNDING = Decimal("1.00")


@dataclass
class Candidate:
    """An amount that may be the total: where it is labelled so, and what speaks for it.

    `rows` are those that it is printed in, but for tables of taxes. `base_of` are candidates that
    are this one plus something that is printed: a tax, a rounding. `added` says what was added in
    the sums that close upon it.
    """

    value: Decimal
    rows: frozenset[int] = frozenset()
    labelled: list[Entry] = field(default_factory=list)
    witnesses: set[str] = field(default_factory=set)
    base_of: set[Decimal] = field(default_factory=set)
    added: set[str] = field(default_factory=set)

    @property
    def strong(self) -> bool:
        """Whether a label says that it is to be paid, tax and all."""
        return any(entry.strong for entry in self.labelled)


def candidates(ledger: Ledger) -> dict[Decimal, Candidate]:
    """The amounts that may be the total, by value, with their witnesses."""
    found: dict[Decimal, Candidate] = {}
    for entry in ledger.of(e.TOTAL) or ledger.of(e.WEAK):
        found.setdefault(entry.value, Candidate(entry.value)).labelled.append(entry)
    for value in [*_changes(ledger), *_rounded(ledger)]:
        found.setdefault(value, Candidate(value))
    for candidate in found.values():
        candidate.rows = frozenset(
            entry.row.number
            for entry in ledger.entries
            if entry.value == candidate.value and entry.role != e.TABLE
        )
    sums = _linked(ledger, found)
    closing = (
        (CHANGE_CLOSES, _changes(ledger)),
        (SUMS_CLOSE, sums),
        (SUMS_CLOSE, _parts(ledger)),
        (TAXES_CLOSE, _tax_tables(ledger)),
        (ITEMS_ADD_UP, _items(ledger)),
    )
    for witness, values in closing:
        for value in values:
            if value in found:
                found[value].witnesses.add(witness)
    _printed_again(ledger, found)
    return found


def _linked(ledger: Ledger, found: dict[Decimal, Candidate]) -> list[Decimal]:
    """The sums that close, with the candidates told of which others they are the base, and what
    was added to come to them.
    """
    values = []
    for base, value, added in _sums(ledger):
        if _in_order(base, value, found):
            values.append(value)
            if value in found and base in found and base != value:
                found[base].base_of.add(value)
            if value in found:
                found[value].added |= added
    return values


def _in_order(base: Decimal, value: Decimal, found: dict[Decimal, Candidate]) -> bool:
    """Whether a sum is printed below what it is the sum of, where both may be the total: of an
    amount before and after a rounding, either may be the larger one.
    """
    if base not in found or value not in found:
        return True
    upper, lower = found[base].rows, found[value].rows
    return not upper or not lower or min(upper) < max(lower)


def _changes(ledger: Ledger) -> Iterator[Decimal]:
    """What was given less what was given back, where there is both."""
    paid = [abs(entry.value) for entry in ledger.of(e.PAID, e.CARD)][:MOST_EACH]
    back = [abs(entry.value) for entry in ledger.of(e.CHANGE)][:MOST_EACH]
    for given in paid:
        for change in back:
            if given > change and change > 0:
                yield given - change
    if len(paid) > 1 and back and sum(paid) > back[0]:
        yield sum(paid, Decimal(0)) - back[0]


def _rounded(ledger: Ledger) -> Iterator[Decimal]:
    """Labelled totals after the rounding, where that is printed without a label of its own."""
    roundings = [one for one in ledger.of(e.ROUNDING) if 0 < abs(one.value) < MOST_ROUNDING]
    for rounding in roundings[:MOST_EACH]:
        below = [one for one in ledger.entries if one.row.number > rounding.row.number]
        printed = {one.value for one in below if one.role != e.TABLE}
        for entry in ledger.of(e.TOTAL)[:MOST_EACH]:
            for value in (entry.value + rounding.value, entry.value - rounding.value):
                if value in printed:
                    yield value


def _sums(ledger: Ledger) -> Iterator[tuple[Decimal, Decimal, set[str]]]:
    """Amounts before something, and with it: net and tax, total and rounding, less a discount; and
    what was added.
    """
    bases = {entry.value for entry in ledger.of(e.SUBTOTAL, e.NET, e.TOTAL, e.WEAK)}
    bases |= {sum(_sold(ledger), Decimal(0))} if _sold(ledger) else set()
    taxes = [entry.value for entry in ledger.of(e.TAX)]
    added = _some(taxes) + _some([sum(taxes, Decimal(0))] if len(taxes) > 1 else [])
    rounded = _some([one.value for one in ledger.of(e.ROUNDING) if abs(one.value) < MOST_ROUNDING])
    rounded += [-one for one in rounded if one]
    served = _some([entry.value for entry in ledger.of(e.SERVICE)])
    tips = _some([entry.value for entry in ledger.of(e.TIP)])
    less = [-abs(one) for one in _some([entry.value for entry in ledger.of(e.DISCOUNT)])]
    tries = product(sorted(bases)[:8], added, rounded, served, tips, less)
    for base, *more in islice(tries, MOST_TRIES):
        if any(more):
            terms = {role for role, value in zip(ADDED, more, strict=True) if value}
            yield base, base + sum(more, Decimal(0)), terms


def _parts(ledger: Ledger) -> Iterator[Decimal]:
    """What parts of a receipt come to together: what is taxed and what is not."""
    parts = list(dict.fromkeys(entry.value for entry in ledger.of(e.PART)))[: 2 * MOST_EACH]
    for one, other in combinations(parts, 2):
        yield one + other


def _some(values: Sequence[Decimal]) -> list[Decimal]:
    """Nothing, or one of the values."""
    return [Decimal(0), *dict.fromkeys(value for value in values if value)][: MOST_EACH + 1]


def _printed_again(ledger: Ledger, found: dict[Decimal, Candidate]) -> None:
    """Candidates that stand in another row too; as what was paid, or for whatever it may be, but
    in a table of taxes, where it may be the amount before them.
    """
    rows: dict[Decimal, set[int]] = {}
    for entry in ledger.entries:
        if entry.role != e.TABLE:
            for value in (entry.value, *entry.others):
                rows.setdefault(value, set()).add(entry.row.number)
    payments = [abs(entry.value) for entry in ledger.of(e.PAID, e.CARD)]
    paid = {*payments, *(-one for one in payments), sum(payments, Decimal(0))}
    for value, candidate in found.items():
        if candidate.labelled and len(rows.get(value, ())) > 1:
            candidate.witnesses.add(PRINTED_TWICE)
        if value in paid:
            candidate.witnesses.add(PAID_THE_SAME)


def _tax_tables(ledger: Ledger) -> Iterator[Decimal]:
    """Net and tax of a table's rows: of one, and of all together."""
    sums = []
    for entry in ledger.of(e.TABLE)[:12]:
        if len(entry.others) >= 1 and entry.value and entry.others[-1]:
            pair = entry.others[-1] + entry.value
            yield pair
            if not entry.label.startswith("TOT"):
                sums.append(pair)
        if len(entry.others) >= 2 and entry.others[-2] + entry.others[-1] == entry.value:
            yield entry.value
    if len(sums) > 1:
        yield sum(sums, Decimal(0))


def _items(ledger: Ledger) -> Iterator[Decimal]:
    """The sum of the items, if there are several."""
    if len(_sold(ledger)) > 1:
        yield sum(_sold(ledger), Decimal(0))


def _sold(ledger: Ledger) -> list[Decimal]:
    """What the items above the first total cost."""
    items = []
    for entry in ledger.entries:
        if entry.role in (e.TOTAL, e.SUBTOTAL, e.NET):
            break
        if entry.role == e.ITEM:
            items.append(entry.value)
    return items
