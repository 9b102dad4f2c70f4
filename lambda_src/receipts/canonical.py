"""What a value may be written as, so that both sides of a delivery compare it without parsing.

A database takes each of them as it is: none is too long, none is no number, none has a NUL or half
a surrogate in it.
"""

import re
import unicodedata
from datetime import date

from receipts.fields import PURCHASE, REFUND

MOST_TEXT = 256
_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{2,3})?")
_RATE = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,3})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
# controls, what turns text around, halves of surrogates, nothing at all
_BAD_TEXT = ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")


def is_amount(text: str) -> bool:
    """A decimal with at most 12 digits before and two or three behind its point."""
    return _AMOUNT.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """A day as ISO 8601 writes it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_currency(text: str) -> bool:
    """A code in the form of ISO 4217."""
    return _CURRENCY.fullmatch(text) is not None


def is_kind(text: str) -> bool:
    """A purchase or a refund."""
    return text in (PURCHASE, REFUND)


def is_text(text: str) -> bool:
    """Text that every database and screen takes: visible, not empty, not too long."""
    if not 0 < len(text) <= MOST_TEXT or text != text.strip():
        return False
    return not any(unicodedata.category(character) in _BAD_TEXT for character in text)


def is_rate(text: str) -> bool:
    """A tax's rate in percent."""
    return _RATE.fullmatch(text) is not None
