"""What stands on a receipt that was drawn: what reading it must give, or mark for a person."""

from __future__ import annotations

from dataclasses import dataclass

PURCHASE, REFUND = "purchase", "refund"


@dataclass(frozen=True)
class Tax:
    """A tax line: rate in percent, net amount and tax, as canonical decimals."""

    rate: str
    net: str
    amount: str


@dataclass(frozen=True)
class Truth:
    """One drawn receipt, whatever picture it is in; `number` tells two receipts apart.

    `date` is ISO 8601 and `other_date` what the print may also be read as ("03/04/2026"), or None.
    `currency` is ISO 4217; None of it is printed where `currency_shown` is False, or a sign that
    several have. `total` is what was paid or given back: on a receipt with a tip by hand that is
    not what is printed, and `by_hand` says so: marked is right there, unmarked only if it is that.
    """

    number: int
    layout: str
    language: str
    merchant: str
    date: str
    currency: str
    total: str
    kind: str = PURCHASE
    taxes: tuple[Tax, ...] = ()
    other_date: str | None = None
    currency_shown: bool = True
    by_hand: bool = False
