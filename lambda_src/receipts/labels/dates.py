"""The date of a receipt: the only one that is printed, or else marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from receipts.fields import Field, Hints
from receipts.labels.answer import Opinion
from receipts.labels.days import DAY_FIRST, MONTH_FIRST, NAMED, YEAR_FIRST, Print, days
from receipts.labels.opinions import texts_of
from receipts.labels.page import Row
from receipts.labels.text import compact

ONLY, TWICE, LABELLED = "only-date", "printed-twice", "beside-its-label"
AMBIGUOUS, SEVERAL, NONE, READERS, MISREAD = (
    "ambiguous-day-and-month",
    "several-dates",
    "no-date",
    "readers-disagree",
    "unclear-print",
)
MOST_PRINTS = 40
MOST_ALTERNATIVES = 4
CLEAR = 90.0  # of the reader's confidence in a row: nothing else confirms a date's digits
# Days of something else: an offer's end, a card's, a member's birth, when goods must be back.
_OTHER = re.compile(
    r"EXP|VAIID|UNTII|BEFORE|DUE|BIRTH|SINCE|EFFECTIVE|RETURNBY|BESTBY|GUITIG|VAIABIE|WARRANTY"
    r"|CADUC|SCAD|GEIDIG|RETURNSTART|JOIN|MEMBER|OFFER|PROMO|DEIIVERY|BEFOR|BERIAKU|MATURITY"
)
_LABEL = re.compile(r"DATE|TARIKH|DATUM|FECHA|DATA|DATO|PAIVA|日付|日期|TARIH|INVOICEDT|^DT")
_TIME = re.compile(r"[0-2]?[0-9][:.][0-5][0-9]")
# The countries whose receipts put the month first; what others use is the day, or the year.
_MONTH_FIRST_COUNTRIES = {"US", "PH", "FM", "PW"}
_MIXED_COUNTRIES = {"CA", "KE", "GH", "PR", "PA"}


@dataclass(frozen=True)
class Found:
    """A printed day with its row, and whether it is labelled, timed, or of something else."""

    day: Print
    row: Row
    labelled: bool
    timed: bool
    other: bool


def date_field(
    rows: Sequence[Row], opinions: Sequence[Opinion], hints: Hints, country: str | None
) -> Field:
    """The date; `country` is what the receipt itself says of where it was printed."""
    found = _found(rows)
    clear = [one for one in found if not one.day.mended] or found
    own = [one for one in clear if not one.other] or clear
    if not own:
        return _second_hand(opinions)
    order = _order(own, hints, country)
    prints = [(one, _readings(one.day, order)) for one in own]
    return _decided(prints, opinions)


def _found(rows: Sequence[Row]) -> list[Found]:
    """The printed days. A day whose label is in the piece before it has that label."""
    made: list[Found] = []
    for row in rows:
        before = ""
        texts = [piece.text for piece in row.pieces]
        if not any(days(text) for text in texts):
            texts = [row.text]
        for text in texts:
            since = 0
            for one in days(text)[:3]:
                label = compact(f"{before} {text[since : one.start]}")
                timed = bool(_TIME.search(row.text if len(texts) > 1 else text[one.end :]))
                other = bool(_OTHER.search(label))
                made.append(Found(one, row, bool(_LABEL.search(label)), timed, other))
                before, since = "", one.end
            before = f"{before} {text[since:]}"[-60:]
        if len(made) >= MOST_PRINTS:
            break
    return made


def _readings(one: Print, order: str | None) -> frozenset[date]:
    """The days that a print may mean, once the order of its parts is known."""
    if len(one.readings) > 1 and order is not None:
        fitting = frozenset(day for how, day in one.readings if how == order)
        if fitting:
            return fitting
    return one.days


def _order(found: Sequence[Found], hints: Hints, country: str | None) -> str | None:
    """Whether the day or the month comes first on this receipt; None where nothing tells."""
    told = _told_by_others(found)
    if told is not None:
        return told
    if hints.day_first is not None:
        return DAY_FIRST if hints.day_first else MONTH_FIRST
    if all(one.day.separator == "." for one in found if len(one.day.days) > 1):
        return DAY_FIRST
    return _usual_in(country) or _usual_in(hints.country)


def _told_by_others(found: Sequence[Found]) -> str | None:
    """The order that other dates of the receipt have, or that makes one of them the same day."""
    clear = {one.day.readings[0][0] for one in found if len(one.day.readings) == 1}
    numeric = clear & {DAY_FIRST, MONTH_FIRST}
    if len(numeric) == 1:
        return numeric.pop()
    sure = {day for one in found if len(one.day.days) == 1 for day in one.day.days}
    for one in found:
        same = [how for how, day in one.day.readings if day in sure]
        if len(one.day.days) > 1 and len(same) == 1:
            return same[0]
    return None


def _usual_in(country: str | None) -> str | None:
    """The order that dates have in a country; None where both are usual, or none is known."""
    if country is None or country in _MIXED_COUNTRIES:
        return None
    return MONTH_FIRST if country in _MONTH_FIRST_COUNTRIES else DAY_FIRST


def _decided(prints: Sequence[tuple[Found, frozenset[date]]], opinions: Sequence[Opinion]) -> Field:
    """The date among what is printed."""
    by_days: dict[frozenset[date], list[Found]] = {}
    for one, meant in prints:
        by_days.setdefault(meant, []).append(one)
    best = max(by_days, key=lambda meant: _rank(by_days[meant]))
    group = by_days[best]
    value = _likeliest(group[0].day, best)
    others = {day for meant in by_days for day in meant} - {value}
    alternatives = tuple(day.isoformat() for day in sorted(others))[:MOST_ALTERNATIVES]
    reason, confidence = _reason(group, best, by_days, _seen(opinions))
    box = group[0].row.box
    review = reason not in (ONLY, TWICE, LABELLED)
    return Field(value.isoformat(), confidence, reason, review, box, alternatives)


def _reason(
    group: Sequence[Found],
    best: frozenset[date],
    by_days: dict[frozenset[date], list[Found]],
    seen: frozenset[date],
) -> tuple[str, int]:
    rivals = [one for meant, found in by_days.items() if meant != best for one in found]
    if len(best) > 1:
        return AMBIGUOUS, 50
    if rivals:
        return (LABELLED, 95) if _outdone(rivals, group) else (SEVERAL, 50)
    if seen and not seen & best:
        return READERS, 50
    unclear = all(min(piece.line.confidence for piece in one.row.pieces) < CLEAR for one in group)
    if group[0].day.mended or group[0].other or unclear:
        return MISREAD, 60
    return (TWICE, 99) if len(group) > 1 else (ONLY, 97)


def _outdone(rivals: Sequence[Found], group: Sequence[Found]) -> bool:
    """Whether other days have neither a label nor a time, and this one has both."""
    if any(one.labelled or one.timed for one in rivals):
        return False
    return any(one.labelled and one.timed for one in group)


def _rank(found: Sequence[Found]) -> tuple[float, ...]:
    score = 2 * any(one.labelled for one in found) + any(one.timed for one in found)
    clean = any(not one.day.mended and not one.day.short for one in found)
    return score, len(found), clean, -found[0].row.number


def _likeliest(one: Print, meant: frozenset[date]) -> date:
    """Of several days the one that most of the world would mean: day first."""
    for wanted in (NAMED, DAY_FIRST, YEAR_FIRST, MONTH_FIRST):
        for how, day in one.readings:
            if how == wanted and day in meant:
                return day
    return min(meant)


def _seen(opinions: Sequence[Opinion]) -> frozenset[date]:
    """The days that the reader takes for the date, in every way they may be meant."""
    return frozenset(
        day
        for text in texts_of(opinions, "INVOICE_RECEIPT_DATE")
        for one in days(text)
        for day in one.days
    )


def _second_hand(opinions: Sequence[Opinion]) -> Field:
    """The reader's own date, where the rules found none; marked."""
    seen = sorted(_seen(opinions))
    if not seen:
        return Field(None, 0, NONE, review=True)
    others = tuple(day.isoformat() for day in seen[1:])[:MOST_ALTERNATIVES]
    return Field(seen[0].isoformat(), 40, NONE, review=True, alternatives=others)
