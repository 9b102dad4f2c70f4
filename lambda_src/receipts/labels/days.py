"""Days printed in a line of text, however they are written and glued to what stands beside them.

A print may mean several days: "03/04/26" is one in March or in April. All that it may mean is kept
here; `dates` decides where something on the receipt does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from receipts.labels.text import plain

FIRST_YEAR, LAST_YEAR = 1990, 2099
LAST_SHORT = 49  # a year of two digits that is more is none of this century
BUDDHIST = 543  # years ahead, in Thailand
DAY_FIRST, MONTH_FIRST, YEAR_FIRST, NAMED = "day-first", "month-first", "year-first", "named"
NEWER = 2012  # a receipt's year of two digits is rather this or later

_MONTHS = (
    ("JANUARY", "JAN", "JANUAR", "JANVIER", "JANV", "ENERO", "ENE", "GENNAIO", "GEN", "JANUARI",
     "STYCZNIA", "STY", "JANEIRO", "JANNER"),
    ("FEBRUARY", "FEB", "FEBRUAR", "FEVRIER", "FEVR", "FEV", "FEBRERO", "FEBBRAIO", "FEBRUARI",
     "LUTEGO", "LUT", "FEVEREIRO"),
    ("MARCH", "MAR", "MARZ", "MRZ", "MARS", "MARZO", "MAART", "MRT", "MARCA", "MARCO", "MAC"),
    ("APRIL", "APR", "AVRIL", "AVR", "ABRIL", "ABR", "APRILE", "KWIETNIA", "KWI"),
    ("MAY", "MAI", "MAYO", "MAGGIO", "MAG", "MEI", "MAJ", "MAJA", "MAIO"),
    ("JUNE", "JUN", "JUNI", "JUIN", "JUNIO", "GIUGNO", "GIU", "CZERWCA", "CZE", "JUNHO"),
    ("JULY", "JUL", "JULI", "JUILLET", "JUIL", "JULIO", "LUGLIO", "LUG", "LIPCA", "LIP", "JULHO",
     "JULAI"),
    ("AUGUST", "AUG", "AOUT", "AOU", "AGOSTO", "AGO", "AUGUSTUS", "AUGUSTI", "SIERPNIA", "SIE",
     "OGOS"),
    ("SEPTEMBER", "SEP", "SEPT", "SEPTEMBRE", "SEPTIEMBRE", "SETTEMBRE", "SET", "WRZESNIA", "WRZ",
     "SETEMBRO"),
    ("OCTOBER", "OCT", "OKT", "OKTOBER", "OCTOBRE", "OCTUBRE", "OTTOBRE", "OTT", "PAZDZIERNIKA",
     "PAZ", "OUTUBRO", "OUT", "OKTOBRA"),
    ("NOVEMBER", "NOV", "NOVEMBRE", "NOVIEMBRE", "LISTOPADA", "LIS", "NOVEMBRO"),
    ("DECEMBER", "DEC", "DEZ", "DEZEMBER", "DECEMBRE", "DICIEMBRE", "DIC", "DICEMBRE", "GRUDNIA",
     "GRU", "DEZEMBRO", "DES", "DISEMBER", "DIS"),
)  # fmt: skip
_LIKE = {"O": "[O0]", "I": "[I1L]", "L": "[L1I]"}  # what readers take for these letters
_ALIKE = str.maketrans({"0": "O", "1": "I", "L": "I"})
_MONTH_OF = {
    name.translate(_ALIKE): number for number, names in enumerate(_MONTHS, 1) for name in names
}
_NAME = "|".join(
    "".join(_LIKE.get(one, one) for one in name)
    for name in sorted(sum(_MONTHS, ()), key=len, reverse=True)
)
_D = "[0-9OQIL|S]"  # what readers take digits for
_DD = "(?:[0-9][0-9OQIL|]?|[OQIL|][0-9])"
_SEP, _SAME = r"\ ?([-/.,_])\ ?", r"\ ?(\2)\ ?"
# Before a day: no more of a number, and a letter only at the end of a word ("DATE11/01/2019").
_START = r"(?<![0-9.,/])(?:(?<![A-Z]-)(?<![A-Z])|(?<=[A-Z]{3}))"
_YEAR = rf"((?:19|2[0O]|25){_D}{{2}}|'?{_D}{{2}})"

_YEAR_BEFORE = re.compile(
    rf"(?<![0-9A-Z.,/-])((?:19|2[0O]|25){_D}{{2}}){_SEP}({_D}{{1,2}}){_SAME}({_D}{{1,2}})(?![0-9A-Z/])",
    re.VERBOSE,
)
_YEAR_BEFORE_TIME = re.compile(
    rf"(?<![0-9A-Z.,/-])(2[0O]{_D}{{2}})([-/.])({_D}{{2}})(\2)({_D}{{2}})(?=T?[0-2]?[0-9]:)",
    re.VERBOSE,
)
_NUMBERS = re.compile(rf"{_START}({_D}{{1,2}}){_SEP}({_D}{{1,2}}){_SAME}{_YEAR}", re.VERBOSE)
_DAY_NAMED = re.compile(
    rf"(?<![0-9.,/])({_DD})(?:ST|ND|RD|TH|\.|\.?\ ?DE)?[-/.,\ ']{{0,2}}({_NAME})"
    rf"(?:\ DE)?[-/.,\ ']{{0,3}}((?:19|20|25)[0-9O]{{2}}|[0-9O]{{2}})(?![0-9]|[.,][0-9])",
    re.VERBOSE,
)
_NAME_FIRST = re.compile(
    rf"(?<![A-Z])({_NAME})[-/.\ ]{{0,2}}({_DD})(?:ST|ND|RD|TH)?[-/.,\ ']{{1,3}}"
    r"((?:19|20)[0-9O]{2}|'[0-9]{2})(?![0-9])",
    re.VERBOSE,
)
_YEAR_NAMED = re.compile(
    rf"(?<![0-9])(20[0-9]{{2}})[-/.\ ]({_NAME})[-/.\ ]([0-9]{{1,2}})(?![0-9])", re.VERBOSE
)
_EASTERN = re.compile(r"((?:19|20)[0-9]{2}) ?[年년] ?([0-9]{1,2}) ?[月월] ?([0-9]{1,2}) ?[日일]")
_DIGITS = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "|": "1", "S": "5"})


@dataclass(frozen=True)
class Print:
    """A day as it is printed: the days it may mean, by the order of its parts; the mark between
    them; where it begins and ends; whether a letter was taken for a digit, or its year cut short.
    """

    readings: tuple[tuple[str, date], ...]
    separator: str
    start: int
    end: int
    mended: bool = False
    short: bool = False

    @property
    def days(self) -> frozenset[date]:
        """The days it may mean."""
        return frozenset(day for _, day in self.readings)


def days(text: str) -> list[Print]:
    """The days of a text from left to right."""
    shown = plain(text)
    if len(shown) != len(text):
        shown = text.upper()
    found: list[Print] = []
    for one in _all(shown):
        if one.readings and all(
            one.end <= other.start or one.start >= other.end for other in found
        ):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def _all(text: str) -> Iterator[Print]:
    for pattern in (_YEAR_BEFORE_TIME, _YEAR_BEFORE):
        for match in pattern.finditer(text):
            if _clear(match):
                yield _made(match, ((YEAR_FIRST, match[1], match[3], match[5]),), match[2])
    for match in _EASTERN.finditer(text):
        yield _made(match, ((YEAR_FIRST, match[1], match[2], match[3]),), "")
    for match in _YEAR_NAMED.finditer(text):
        yield _made(
            match, ((NAMED, match[1], str(_MONTH_OF[match[2].translate(_ALIKE)]), match[3]),), ""
        )
    for match in _DAY_NAMED.finditer(text):
        yield _made(
            match, ((NAMED, match[3], str(_MONTH_OF[match[2].translate(_ALIKE)]), match[1]),), ""
        )
    for match in _NAME_FIRST.finditer(text):
        yield _made(
            match, ((NAMED, match[3], str(_MONTH_OF[match[1].translate(_ALIKE)]), match[2]),), ""
        )
    for match in _NUMBERS.finditer(text):
        if _clear(match) and _ends(text, match):
            yield _made(match, tuple(_orders(match)), match[2])


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether what follows may follow a day: a time may be glued to it, more of a number not."""
    rest = text[match.end() : match.end() + 6]
    if match[2] in ".," and len(match[5]) == 2 and rest[:1] in (".", ","):
        return False
    if not rest[:1].isdigit():
        return not re.match(r"[/-][0-9]", rest)
    return bool(re.match(r"[0-9]{1,2}[:.][0-9]{2}", rest)) or len(match[5]) == 4


def _orders(match: re.Match[str]) -> Iterator[tuple[str, str, str, str]]:
    """The orders that three numbers may be in, as (order, year, month, day)."""
    first, second, third = match[1], match[3], match[5]
    yield DAY_FIRST, third, second, first
    yield MONTH_FIRST, third, first, second
    if len(third) == 2 and len(first) == 2:
        yield YEAR_FIRST, first, second, third


def _clear(match: re.Match[str]) -> bool:
    """Whether nearly all of a day are digits, and a blank stands in none with a short year."""
    parts = match[1] + match[3] + match[5]
    letters = sum(not one.isdigit() for one in parts.replace("'", ""))
    if match.string[match.start() - 1 : match.start()] == match[2]:
        return False
    return letters <= (1 if len(parts) < 8 else 2) and (len(parts) >= 7 or " " not in match.group())


def _made(
    match: re.Match[str], orders: tuple[tuple[str, str, str, str], ...], separator: str
) -> Print:
    readings = []
    for order, *parts in orders:
        day = _day(*parts)
        if day is not None:
            readings.append((order, day))
    short = len(orders[0][1].strip("'")) == 2
    if len({day for _, day in readings}) > 1 and any(order == YEAR_FIRST for order, _ in readings):
        readings = _without_unlikely(readings)
    mended = any(one in "OQILS|" for part in orders[0][1:] for one in part)
    kept = tuple({day: (order, day) for order, day in reversed(readings)}.values())
    return Print(tuple(reversed(kept)), separator, match.start(), match.end(), mended, short)


def _without_unlikely(readings: list[tuple[str, date]]) -> list[tuple[str, date]]:
    """Without the year first where another order gives a year that is as new."""
    others = [(order, day) for order, day in readings if order != YEAR_FIRST]
    if any(day.year >= NEWER for _, day in others):
        return others
    return readings


def _day(year: str, month: str, day: str) -> date | None:
    """The day, or None if there is none such; two digits of a year are of this century."""
    numbers = []
    for part in (year, month, day):
        digits = part.strip("'").translate(_DIGITS)
        if not digits.isdigit():
            return None
        numbers.append(int(digits))
    short = len(year.strip("'")) == 2
    if short and numbers[0] > LAST_SHORT:
        return None
    full = numbers[0] + 2000 if short else numbers[0]
    if full >= 2500:
        full -= BUDDHIST
    try:
        made = date(full, numbers[1], numbers[2])
    except ValueError:
        return None
    return made if FIRST_YEAR <= made.year <= LAST_YEAR else None
