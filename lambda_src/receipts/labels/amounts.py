"""Amounts of money in a line of text.

An amount has two decimals, or is a whole number beside a currency. A number of more than
MOST_DIGITS digits is none, whatever it looks like. Which mark is the decimal one is told by the
receipt as a whole: "1.234" alone says nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

MOST_DIGITS = 12  # before the decimal mark
CENT = Decimal("0.01")

_SIGNS = (
    r"RM|EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK|JPY|CNY|CAD|AUD|NZD|SGD|HKD|MYR|INR|CZK|HUF|ZAR|MXN|BRL"
    r"|[A-Z]{0,2}\$|€|£|¥|₹|₩|฿|₽|₺|₫|₱|zł|ZŁ|Kč|KČ|kr\.?|KR\.?|Rs\.?|RS\.?|Fr\.?|R\$|R(?=\ ?[0-9])"
)
_DIGIT = "[0-9OoQ]"
_NUMBER = rf"""
    (?: [0-9]{{1,3}} (?: [{{between}}] {_DIGIT}{{3}} )+ (?: \ ?[.,]\ ? {_DIGIT}{{2}} )?  # 1,234.50
      | [0-9OIl]{{1,15}} (?: \ ?[.,] | [.,]\ ) {_DIGIT}{{2}}                       # 12.50, 12 .50
      | [.,] [0-9]{{2}}                                                             # .50
      | [0-9]{{1,15}}                                                               # 12
    ) """
_PATTERN = rf"""
    (?<![0-9A-Za-z.,/\#@%*-])(?:(?<![0-9]:)|(?=RM|[€$£]))
    (?P<open>\()?\ ? (?P<minus>[-−–]|^[-−–]\ )?
    (?P<sign>{_SIGNS})?\ ? (?P<inner>[-−–]\ ?)? (?P<number>{_NUMBER})
    (?P<after>\ ?(?:{_SIGNS})(?![a-z]))? (?P<close>\ ?\)|[-−–](?![0-9A-Za-z]))?
    (?![0-9:/%]|[.,'][0-9]|\ ?%|-[0-9]|[xX×]\ ?[0-9])
"""
# What stands between thousands, by the decimal mark; a blank does beside a comma alone: "1 148.40"
# is one piece at 148.40.
_AMOUNT = {
    mark: re.compile(_PATTERN.replace("{between}", between), re.VERBOSE)
    for mark, between in ((".", ",.'’"), (",", r",.'’\ "))
}
_DIGITS = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1"})
_GLUED = re.compile(r"(?<=[A-Za-z])(?=(?:RM|EUR|USD|GBP|[$€£]) ?-?[0-9])")
_DECIMALS = re.compile(r"(?<![0-9.,])[0-9]{1,9}([.,])[0-9]{2}(?![0-9]|[.,/%-][0-9])")


@dataclass(frozen=True)
class Amount:
    """An amount, where it begins in its text and ends, whether decimals or a currency were printed,
    and whether a letter was taken for a digit.
    """

    value: Decimal
    start: int
    end: int
    decimals: bool
    sign: str
    mended: bool = False


def decimal_mark(texts: Iterable[str]) -> str:
    """The decimal mark of a receipt: "." or ",", whichever stands before two digits more often."""
    found = Counter(mark for text in texts for mark in _DECIMALS.findall(text))
    return "," if found[","] > found["."] else "."


def unglued(text: str) -> str:
    """A text with a blank between a word and the currency behind it: "TotalRM 5.00"."""
    return _GLUED.sub(" ", text)


def amounts(text: str, mark: str) -> list[Amount]:
    """The amounts of a text from left to right; whole numbers only where a currency is beside."""
    return [amount for amount in numbers(text, mark) if amount.decimals or amount.sign]


def numbers(text: str, mark: str) -> Iterator[Amount]:
    """The amounts of a text, and whole numbers that may be some."""
    for match in _AMOUNT[mark].finditer(text):
        amount = _amount(match, mark)
        if amount is not None:
            yield amount


def _amount(match: re.Match[str], mark: str) -> Amount | None:
    printed = match["number"].replace(" ", "")
    number = printed.upper().translate(_DIGITS)
    if not any(one.isdigit() for one in printed[:-3]) and len(printed) > 3:
        return None
    whole, decimals = _split(number, mark)
    digits = "".join(one for one in whole if one.isdigit()).lstrip("0")
    if len(digits) > MOST_DIGITS:
        return None
    negative = bool(match["minus"] or match["inner"] or (match["close"] or "").strip() in _MINUS)
    negative = negative or bool(match["open"] and (match["close"] or "").strip() == ")")
    value = Decimal(f"{digits or '0'}.{decimals or '00'}")
    sign = (match["sign"] or match["after"] or "").strip()
    mended = number != printed.upper()
    return Amount(-value if negative else value, *match.span(), bool(decimals), sign, mended)


_MINUS = ("-", "−", "–")


def _split(number: str, mark: str) -> tuple[str, str]:
    """The digits before and after the decimal mark; "1,234" is a whole number, and so is "1.234"
    where the mark is a comma.
    """
    if len(number) >= 3 and number[-3] in ".,":
        return number[:-3], number[-2:]
    if len(number) > 4 and number[-4] == mark:
        return "9" * (MOST_DIGITS + 1), ""  # three decimals: a quantity or a price a litre
    return number, ""


def canonical(value: Decimal) -> str:
    """An amount as text: "12.50"."""
    return str(value.quantize(CENT))
