"""What the reader itself takes values for: a second opinion beside the rules'."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from receipts.labels.amounts import numbers
from receipts.labels.answer import Opinion

LEAST = 50.0  # confidence below which an opinion is none


def texts_of(opinions: Sequence[Opinion], kind: str) -> list[str]:
    """The texts that the reader takes for a kind ("VENDOR_NAME"), the surest first."""
    fitting = [one for one in opinions if one.type == kind and one.confidence >= LEAST]
    return [one.text for one in sorted(fitting, key=lambda one: -one.confidence)]


def amount_of(opinions: Sequence[Opinion], kind: str, mark: str) -> list[Decimal]:
    """The amounts that the reader takes for a kind ("TOTAL")."""
    found = []
    for text in texts_of(opinions, kind):
        amounts = list(numbers(text, mark))
        if len(amounts) == 1:
            found.append(amounts[0].value)
    return list(dict.fromkeys(found))
