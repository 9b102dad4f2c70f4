"""Layouts of receipts: rows of text, and the truth of what they say.

Most of them have something that fools simple rules: a tax table with a total of its own, a total
before rounding, cash and change, a tip by hand.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from tools.traffic.receipts.truth import PURCHASE, REFUND, Tax, Truth
from tools.traffic.receipts.words import LANGUAGES, Language

CENT = Decimal("0.01")
FIRST_DAY, DAYS = date(2026, 1, 2), 330


@dataclass(frozen=True)
class Cell:
    """A text at a share of the paper's width, which is its left end, middle or right end."""

    text: str
    at: float = 0.0
    anchor: Literal["l", "m", "r"] = "l"
    hand: bool = False


@dataclass(frozen=True)
class Row:
    """Cells side by side; `scale` is the height beside that of other rows."""

    cells: tuple[Cell, ...] = ()
    scale: float = 1.0
    bold: bool = False


@dataclass
class Sale:
    """What was sold where: what every layout prints in its own way."""

    rng: random.Random
    words: Language
    merchant: str
    day: date
    items: list[tuple[str, Decimal, str]]  # name, price with tax, rate
    printed_day: str
    other_day: str | None

    @property
    def total(self) -> Decimal:
        """The sum of the items."""
        return sum((price for _, price, _ in self.items), Decimal(0))

    def taxes(self) -> list[tuple[str, Decimal, Decimal, Decimal]]:
        """Rate, net, tax and gross, a line a rate."""
        found = []
        for rate in sorted({rate for _, _, rate in self.items}):
            gross = sum((price for _, price, own in self.items if own == rate), Decimal(0))
            net = (gross / (1 + Decimal(rate.replace(",", ".")) / 100)).quantize(CENT, ROUND_HALF_UP)
            found.append((rate, net, gross - net, gross))
        return found


Layout = Callable[[Sale], tuple[list[Row], dict[str, object]]]


def middle(text: str, scale: float = 1.0, *, bold: bool = False) -> Row:
    """A row of one centred text."""
    return Row((Cell(text, 0.5, "m"),), scale, bold)


def pair(label: str, value: str, scale: float = 1.0, *, bold: bool = False, hand: bool = False) -> Row:
    """A label on the left and its value on the right."""
    return Row((Cell(label), Cell(value, 1.0, "r", hand)), scale, bold)


def head(sale: Sale) -> list[Row]:
    """The shop's name and address, and the date."""
    number = sale.rng.randrange(1, 180)
    clock = f"{sale.rng.randrange(8, 21):02}:{sale.rng.randrange(60):02}"
    return [
        middle(sale.merchant, 1.35, bold=True),
        middle(f"{sale.rng.choice(('Mill Road', 'Hauptstr.', 'Rue Haute', 'Main Street'))} {number}"),
        middle(sale.rng.choice(sale.words.cities)),
        Row(),
        pair(f"{sale.words.date_label}: {sale.printed_day}", clock),
        Row(),
    ]


def goods(sale: Sale, sign: int = 1) -> list[Row]:
    """The items, a row each."""
    return [pair(name, sale.words.amount(sign * price)) for name, price, _ in sale.items]


def foot(sale: Sale) -> list[Row]:
    """What stands at the end of a receipt."""
    return [Row(), middle(sale.words.thanks), middle(f"#{sale.rng.randrange(10_000, 99_999)}")]


def plain(sale: Sale) -> tuple[list[Row], dict[str, object]]:
    """Items, total, card."""
    w, paid = sale.words, sale.words.money(sale.total)
    return [*head(sale), *goods(sale), Row(), pair(w.total, paid, 1.3, bold=True), pair(w.card, paid), *foot(sale)], {}


def cash_change(sale: Sale) -> tuple[list[Row], dict[str, object]]:
    """Paid in cash, with the change: the largest amount is not the total."""
    w = sale.words
    given = (sale.total // 10 + sale.rng.choice((1, 2))) * 10
    rows = [
        *head(sale), *goods(sale), Row(), pair(w.total, w.money(sale.total), 1.2, bold=True),
        pair(w.cash, w.money(given)), pair(w.change, w.money(given - sale.total)), *foot(sale),
    ]  # fmt: skip
    return rows, {}


def tax_table(sale: Sale) -> tuple[list[Row], dict[str, object]]:
    """A table of the taxes below the total, with a row of totals of its own."""
    w, lines = sale.words, sale.taxes()
    at = (0.0, 0.42, 0.7, 1.0)

    def row(*texts: str) -> Row:
        return Row(tuple(Cell(text, x, "l" if not x else "r") for text, x in zip(texts, at, strict=True)))

    table = [row(f"{w.tax} %", w.net, w.tax, w.gross)]
    table += [row(f"{rate}%", w.amount(net), w.amount(tax), w.amount(gross)) for rate, net, tax, gross in lines]
    sums = [sum(amounts, Decimal(0)) for amounts in zip(*(line[1:] for line in lines), strict=True)]
    table.append(row("Total", *(w.amount(one) for one in sums)))
    paid = w.money(sale.total)
    rows = [
        *head(sale), *goods(sale), Row(), pair(w.total, paid, 1.25, bold=True), pair(w.card, paid), Row(), *table,
        *foot(sale),
    ]  # fmt: skip
    return rows, {"taxes": taxes_of(lines)}


def two_rates(sale: Sale) -> tuple[list[Row], dict[str, object]]:
    """A subtotal before tax, a line for each rate, the total."""
    w, lines = sale.words, sale.taxes()
    net = sum((line[1] for line in lines), Decimal(0))
    rows = [*head(sale), *goods(sale), Row(), pair(w.subtotal, w.amount(net))]
    rows += [pair(f"{w.tax} {rate}%", w.amount(tax)) for rate, _, tax, _ in lines]
    paid = w.money(sale.total)
    rows += [pair(w.total, paid, 1.3, bold=True), pair(w.card, paid), *foot(sale)]
    return rows, {"taxes": taxes_of(lines)}


def rounding(sale: Sale) -> tuple[list[Row], dict[str, object]]:
    """A total before rounding, the rounding, and what was paid."""
    w = sale.words
    paid = (sale.total / Decimal("0.05")).quantize(Decimal(1), ROUND_HALF_UP) * Decimal("0.05")
    rows = [
        *head(sale), *goods(sale), Row(), pair("Total before rounding", w.amount(sale.total)),
        pair("Rounding", w.amount(paid - sale.total)), pair(w.total, w.money(paid), 1.3, bold=True),
        pair(w.cash, w.money(paid)), *foot(sale),
    ]  # fmt: skip
    return rows, {"total": paid}


def quantities(sale: Sale) -> tuple[list[Row], dict[str, object]]:
    """Totals of other things: of items, of what was saved."""
    w, paid = sale.words, sale.words.money(sale.total)
    saved = sale.rng.randrange(500, 3000)
    rows = [
        *head(sale), *goods(sale), Row(), pair("Total items", str(len(sale.items))),
        pair(w.total, paid, 1.2, bold=True), pair(w.card, paid), Row(),
        pair("Total savings", w.money(Decimal(saved) / 100)), *foot(sale),
    ]  # fmt: skip
    return rows, {}


def refund(sale: Sale) -> tuple[list[Row], dict[str, object]]:
    """What was brought back: amounts below zero."""
    w, paid = sale.words, sale.words.money(-sale.total)
    rows = [
        *head(sale), middle(w.refund, 1.2, bold=True), *goods(sale, -1), Row(),
        pair(w.total, paid, 1.3, bold=True), pair(w.card, paid), *foot(sale),
    ]  # fmt: skip
    return rows, {"kind": REFUND}


def tip_by_hand(sale: Sale) -> tuple[list[Row], dict[str, object]]:
    """A tip and a new total, written by hand below what is printed."""
    w = sale.words
    tip = (sale.total * Decimal("0.18")).quantize(Decimal(1), ROUND_HALF_UP)
    rows = [
        *head(sale), *goods(sale), Row(), pair(w.total, w.money(sale.total), 1.2, bold=True), pair(w.card, ""), Row(),
        pair("Tip: ________", w.amount(tip), hand=True),
        pair(f"{w.total}: ________", w.amount(sale.total + tip), hand=True), *foot(sale),
    ]  # fmt: skip
    return rows, {"total": sale.total + tip, "by_hand": True}


LAYOUTS: dict[str, Layout] = {
    "plain": plain,
    "cash-change": cash_change,
    "tax-table": tax_table,
    "two-rates": two_rates,
    "rounding": rounding,
    "quantities": quantities,
    "refund": refund,
    "tip-by-hand": tip_by_hand,
}


def taxes_of(lines: Sequence[tuple[str, Decimal, Decimal, Decimal]]) -> tuple[Tax, ...]:
    """Tax lines in canonical text."""
    return tuple(Tax(rate.replace(",", "."), f"{net:.2f}", f"{tax:.2f}") for rate, net, tax, _ in lines)


def sale_of(rng: random.Random, words: Language) -> Sale:
    """A sale in a shop where they speak so."""
    day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    names = rng.sample(words.items, rng.randrange(2, len(words.items)))
    items = [(name, Decimal(rng.randrange(95, 4800)) / 100, rng.choice(words.rates)) for name in names]
    if rng.random() < 0.08:
        items[0] = (items[0][0], Decimal(rng.randrange(110_000, 420_000)) / 100, items[0][2])
    printed, other = words.day(day, rng.choice(words.dates))
    return Sale(rng, words, rng.choice(words.merchants), day, items, printed, other)


def _by_chance(rng: random.Random) -> Language:
    """Half of the receipts are English, which is what Textract reads."""
    english = [words for words in LANGUAGES if words.code.startswith("en-")]
    return rng.choice(english if rng.random() < 0.4 else LANGUAGES)


def receipt(number: int, seed: int, *, layout: str = "", language: str = "") -> tuple[list[Row], Truth]:
    """The rows of the receipt `number` of a seed, and their truth.

    Layout and language are drawn by chance where they are not named.
    """
    rng = random.Random(f"{seed}/{number}")  # noqa: S311 - a drawing
    words = next((one for one in LANGUAGES if one.code == language), None) or _by_chance(rng)
    name = layout or rng.choice(list(LAYOUTS))
    sale = sale_of(rng, words)
    rows, more = LAYOUTS[name](sale)
    total = more.pop("total", sale.total)
    truth = Truth(
        number, name, words.code, sale.merchant, sale.day.isoformat(), words.currency, f"{total:.2f}",
        kind=PURCHASE, other_date=sale.other_day, currency_shown=not words.shared,
    )  # fmt: skip
    return rows, replace(truth, **more)  # type: ignore[arg-type]
