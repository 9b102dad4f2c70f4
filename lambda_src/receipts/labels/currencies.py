"""The currency: a code or a sign that means one alone. "$" by itself is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from receipts.fields import Field, Hints
from receipts.labels.answer import Opinion
from receipts.labels.page import Row
from receipts.labels.places import PAID_WITH

PRINTED, SETTING, SHARED, NONE, SEVERAL = (
    "code-or-sign",
    "customer-setting",
    "sign-of-several",
    "no-currency",
    "several-currencies",
)
BY_COUNTRY = "by-country-alone"
MOST_ALTERNATIVES = 6

_CODES = frozenset(PAID_WITH.values()) | {
    *("BGN", "BHD", "EGP", "HRK", "ILS", "ISK", "JOD", "KES", "KRW", "KWD", "LKR", "MAD", "OMR"),
    *("PEN", "PKR", "QAR", "RON", "RSD", "RUB", "SAR", "TND", "UAH", "VND"),
}

_WORDS = {"BHD", "COP", "PEN", "TRY", "CAD", "INR", "MAD", "RON", "SAR"}  # words or names as well
_CODE = re.compile(rf"(?<![A-Za-z])({'|'.join(sorted(_CODES - _WORDS))})(?![A-Za-z])")
_BESIDE = "|".join(sorted(_WORDS))
_CODE_BESIDE = re.compile(rf"(?<![A-Za-z])({_BESIDE}) ?[0-9]|[0-9] ?({_BESIDE})(?![A-Za-z])")
# Signs of one currency. What begins with letters stands before longer words of the same letters.
_OWN = (
    (r"(?<![A-Za-z])RM(?= ?-?[0-9]|\)|\b)|(?<=[a-z])RM(?= ?[0-9]|$)", "MYR"),
    (r"US\$", "USD"), (r"(?<![A-Za-z])C(?:A|AD)?\$", "CAD"), (r"AU?\$", "AUD"),
    (r"NZ\$", "NZD"), (r"HK\$", "HKD"), (r"NT\$", "TWD"), (r"(?<![A-Za-zU])S\$", "SGD"),
    (r"(?<![A-Za-z])R\$", "BRL"), (r"€", "EUR"), (r"(?<![A-Za-z])(?:EURO?S?)(?![A-Za-z])", "EUR"),
    (r"£", "GBP"), (r"₹", "INR"), (r"₩", "KRW"), (r"₽", "RUB"), (r"₺", "TRY"), (r"₫", "VND"),
    (r"₱", "PHP"), (r"฿", "THB"), (r"₴", "UAH"), (r"₪", "ILS"), (r"円", "JPY"),
    (r"(?<![A-Za-z])z[łl](?![A-Za-z])", "PLN"), (r"K[čČ](?![A-Za-z])", "CZK"),
    (r"(?<![A-Za-z])Rp\.? ?(?=[0-9])", "IDR"), (r"(?<=[0-9] )Ft(?![A-Za-z])", "HUF"),
    (r"(?<![A-Za-z])RMB(?![A-Za-z])", "CNY"), (r"(?<![A-Za-z])SFr\.?(?= ?[0-9])", "CHF"),
)  # fmt: skip
_OWN_SIGNS = tuple((re.compile(pattern), code) for pattern, code in _OWN)
# Signs that several currencies share.
_OF_SEVERAL = (
    (re.compile(r"(?<![A-Za-z])\$"), ("USD", "CAD", "AUD", "SGD", "NZD", "MXN", "HKD")),
    (re.compile(r"¥"), ("JPY", "CNY")),
    (re.compile(r"(?<![A-Za-z])[Kk][Rr]\.?(?![A-Za-z])"), ("SEK", "NOK", "DKK", "ISK")),
    (re.compile(r"(?<![A-Za-z])R[Ss]\.? ?(?=[0-9])"), ("INR", "PKR", "LKR")),
    (re.compile(r"(?<![A-Za-z])Fr\.? ?(?=[0-9])"), ("CHF",)),
    (re.compile(r"(?<![A-Za-z])R ?(?=[0-9]+\.[0-9]{2})"), ("ZAR",)),
)


def currency_field(
    rows: Sequence[Row], opinions: Sequence[Opinion], hints: Hints, country: str | None
) -> Field:
    """The currency of a receipt's amounts."""
    found: Counter[str] = Counter()
    first: dict[str, Row] = {}
    for row in rows:
        for code in dict.fromkeys(_codes(row.text)):
            found[code] += 1
            first.setdefault(code, row)
    if found:
        return _printed(found, first)
    return _shared(rows, opinions, hints, country)


def _codes(text: str) -> list[str]:
    """The currencies that a line names for sure; "S$" is not "$"."""
    codes = [*_CODE.findall(text), *(a or b for a, b in _CODE_BESIDE.findall(text))]
    return codes + [code for pattern, code in _OWN_SIGNS if pattern.search(text)]


def _printed(found: Counter[str], first: dict[str, Row]) -> Field:
    (code, count), *others = found.most_common()
    alternatives = tuple(other for other, _ in others)[:MOST_ALTERNATIVES]
    box = first[code].box
    if others and others[0][1] * 3 > count:
        return Field(code, 50, SEVERAL, True, box, alternatives)
    return Field(code, 97, PRINTED, False, box, alternatives)


def _shared(
    rows: Sequence[Row], opinions: Sequence[Opinion], hints: Hints, country: str | None
) -> Field:
    """Where no code and no sign of one currency is printed: what settings say, or nothing."""
    for pattern, meant in _OF_SEVERAL:
        row = next((row for row in rows if pattern.search(row.text)), None)
        if row is not None:
            allowed = [code for code in hints.currencies if code in meant]
            if len(allowed) == 1:
                return Field(allowed[0], 92, SETTING, False, row.box)
            return Field(None, 30, SHARED, True, row.box, _likely(meant, hints, country, opinions))
    if len(hints.currencies) == 1:
        return Field(hints.currencies[0], 90, SETTING, review=False)
    likely = _likely((), hints, country, opinions)
    return Field(None, 20 if likely else 0, BY_COUNTRY if likely else NONE, True, None, likely)


def _likely(
    meant: Sequence[str], hints: Hints, country: str | None, opinions: Sequence[Opinion]
) -> tuple[str, ...]:
    """What it may be, the likeliest first: by the receipt's country, the customer's, the reader."""
    by_country = [PAID_WITH[place] for place in (country, hints.country) if place in PAID_WITH]
    read = [one.currency for one in opinions if one.currency in _CODES]
    order = [*by_country, *hints.currencies, *(code for code in read if code), *meant]
    fitting = [code for code in order if not meant or code in meant]
    return tuple(dict.fromkeys(fitting))[:MOST_ALTERNATIVES]
