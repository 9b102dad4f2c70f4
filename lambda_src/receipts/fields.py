"""What was read of a receipt: fields, each with how sure it is and where it stands on the page.

Values are canonical text, so that both sides of a delivery compare them without parsing: amounts
as decimals ("12.50", with a leading "-" in a refund's lines alone), dates as ISO 8601 days,
currencies as ISO 4217 codes.
"""

from __future__ import annotations

from dataclasses import dataclass

PURCHASE, REFUND = "purchase", "refund"


@dataclass(frozen=True)
class Box:
    """Where something stands: on `page` (from 1), its left, top, width and height as shares (0–1)
    of the page's sides.
    """

    page: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Field:
    """One thing that was read.

    `value` is None where nothing was found. `confidence` is 0–100. `reason` is a code that says
    what the value rests on, or why it is not sure; `review` is True unless what stands on the
    receipt agrees. `alternatives` are the other values it may have (an ambiguous day and month).
    """

    value: str | None
    confidence: int
    reason: str
    review: bool
    box: Box | None = None
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaxLine:
    """A tax as the receipt prints it: rate in percent, net amount, tax; None where not printed."""

    rate: str | None
    net: str | None
    amount: str | None
    box: Box | None = None


@dataclass(frozen=True)
class Receipt:
    """One receipt; a picture or a PDF may hold several. `page` counts from 1."""

    page: int
    kind: Field
    merchant: Field
    date: Field
    currency: Field
    total: Field
    taxes: tuple[TaxLine, ...] = ()

    @property
    def review(self) -> tuple[str, ...]:
        """The fields that a person has to look at: "date:ambiguous-day-and-month" …."""
        fields = {
            "kind": self.kind,
            "merchant": self.merchant,
            "date": self.date,
            "currency": self.currency,
            "total": self.total,
        }
        return tuple(f"{name}:{field.reason}" for name, field in fields.items() if field.review)


@dataclass(frozen=True)
class Hints:
    """What is known beside the picture, of the customer or the environment.

    `country` is ISO 3166-1 alpha-2; `day_first` says how dates with two small numbers are meant;
    `currencies` are those that amounts may be in where no code is printed.
    """

    country: str | None = None
    day_first: bool | None = None
    currencies: tuple[str, ...] = ()
