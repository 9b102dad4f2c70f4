"""The merchant: the company that a receipt's head names, or else its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from receipts.fields import Field
from receipts.labels.answer import Opinion
from receipts.labels.days import days
from receipts.labels.names import (
    ADDRESS,
    BUSINESS,
    CODE,
    FORM,
    FORM_ALONE,
    GOES_ON,
    OTHER,
    REGISTERED,
    REGISTERED_AS,
    cleaned,
    key,
)
from receipts.labels.opinions import texts_of
from receipts.labels.page import Row, box_of
from receipts.labels.text import compact, plain, words

COMPANY, HEADING, AGAIN, READERS = "company-form", "heading", "printed-twice", "two-readers"
BRAND = "brand-and-company"
TOP_LINE, SEVERAL, DISAGREE, NONE = (
    "top-line-alone",
    "several-names",
    "readers-disagree",
    "no-merchant",
)
UNCLEAR = "unclear-print"
MOST_ROWS = 14  # of the head
LEAST_LETTERS = 3
LEAST_AGAIN = 6  # letters of a name that is found again elsewhere
MOST_LENGTH = 120
MOST_ALTERNATIVES = 3
TALLER = 1.18  # than the receipt's other rows: a heading
CLEAR = 95.0  # of the reader's own confidence


@dataclass(frozen=True)
class Name:
    """A row that may name the merchant, or several rows joined; `score` says how well it does."""

    text: str
    rows: tuple[Row, ...]
    score: float
    form: bool


def merchant_field(rows: Sequence[Row], opinions: Sequence[Opinion]) -> Field:
    """The merchant of a receipt."""
    names = sorted(_names(rows), key=lambda name: -name.score)
    read = texts_of(opinions, "VENDOR_NAME")
    if not names:
        if not read:
            return Field(None, 0, NONE, review=True)
        return Field(read[0][:MOST_LENGTH], 40, NONE, review=True)
    best = names[0]
    others = [name.text for name in names[1:] if name.score >= best.score - 4]
    brand = _brand(best, rows)
    if brand is not None:
        others = [best.text, cleaned(brand.text), *others]
        best = Name(f"{others[1]} {others[0]}"[:MOST_LENGTH], (brand, *best.rows), best.score, True)
    reason, confidence, review = _sure(best, names, rows, read)
    if brand is not None and not review:
        reason, confidence, review = BRAND, 60, True
    others += [text for text in read if key(text) != key(best.text)]
    alternatives = tuple(dict.fromkeys(others))[:MOST_ALTERNATIVES]
    box = box_of([piece.line for row in best.rows for piece in row.pieces])
    return Field(best.text, confidence, reason, review, box, alternatives)


def _brand(best: Name, rows: Sequence[Row]) -> Row | None:
    """The row above a company that begins as it does: the shop's own name, as the company's is."""
    number = best.rows[0].number
    above = rows[number - 1] if best.form and number else None
    if above is None or OTHER.search(plain(above.text)) or FORM.search(plain(above.text)):
        return None
    first, second = words(above.text), words(best.text)
    alike = bool(first and second) and first[0] == second[0] and len(first[0]) >= LEAST_LETTERS
    return above if alike else None


def _sure(
    best: Name, names: Sequence[Name], rows: Sequence[Row], read: Sequence[str]
) -> tuple[str, int, bool]:
    """The reason for a name, how sure it is, and whether a person has to look at it."""
    if read:
        agree = key(read[0]) in (key(best.text), "")
        return (READERS, 95, False) if agree else (DISAGREE, 50, True)
    if min(piece.line.confidence for row in best.rows for piece in row.pieces) < CLEAR:
        return UNCLEAR, 50, True
    if sum(name.form for name in names) > 1:
        return SEVERAL, 60, True
    usual = median(row.height for row in rows)
    below = "".join(key(row.text) for row in rows[best.rows[-1].number + 1 :])
    again = key(best.text)
    reasons = (
        (COMPANY, 90, best.form),
        (AGAIN, 90, len(again) >= LEAST_AGAIN and again in below),
        (HEADING, 85, best.rows[0].number == 0 and best.rows[0].height >= TALLER * usual),
    )
    found = next(((reason, sure) for reason, sure, holds in reasons if holds), None)
    return (*found, False) if found else (TOP_LINE, 55, True)


def _names(rows: Sequence[Row]) -> list[Name]:
    """The rows of the head that may be names, with their scores."""
    made: list[Name] = []
    usual = median(row.height for row in rows) if rows else 0.0
    place = 0
    head = list(rows[:MOST_ROWS])
    for number, row in enumerate(head):
        text = cleaned(_own_text(row))
        shown = plain(text)
        form = bool(FORM.search(shown))
        if _ends_head(row) and number > 0 and not form:
            break
        if sum(one.isalpha() for one in text) < LEAST_LETTERS:
            continue
        if OTHER.search(shown) and not form:
            place += bool(made)
            continue
        if ADDRESS.search(shown) and not form and not (place == 0 and BUSINESS.search(shown)):
            place += 1
            continue
        joined, parts = _joined(text, head, number)
        score = _score(text, row, place, usual, form) + _registered(head, number)
        made.append(Name(joined[:MOST_LENGTH], parts, score + len(parts) - 1, form))
        place += 1
    return made


def _own_text(row: Row) -> str:
    """A row's text without scraps, or the one piece of it that names a business."""
    large = [
        piece.text for piece in row.pieces if sum(map(str.isalnum, piece.text)) >= LEAST_LETTERS
    ]
    if len(large) < len(row.pieces):
        return " ".join(large)
    if len(row.pieces) == 1 or not OTHER.search(plain(row.text)):
        return row.text
    names = [piece.text for piece in row.pieces if not OTHER.search(plain(piece.text))]
    named = [text for text in names if FORM.search(plain(text)) or BUSINESS.search(plain(text))]
    return named[0] if len(named) == 1 else row.text


def _score(text: str, row: Row, place: int, usual: float, form: bool) -> float:
    score = 6.0 * form if place < 5 else 1.0 * form
    score += 2.0 * bool(BUSINESS.search(plain(text)))
    score += (3.0, 1.5, 0.5)[place] if place < 3 else -1.0 * place
    score += 1.0 * (text == text.upper()) + 1.5 * (row.height >= TALLER * usual)
    letters = sum(one.isalpha() for one in text)
    score -= (
        2.0 * bool(CODE.search(text))
        + 3.0 * (letters < 4)
        + 2.0 * (letters * 2 < len(text.replace(" ", "")))
    )
    return score


def _joined(text: str, head: Sequence[Row], number: int) -> tuple[str, tuple[Row, ...]]:
    """A name with the rows before it, where it goes on in this one: "…" / "SDN BHD"."""
    row = head[number]
    if number == 0:
        return text, (row,)
    before = head[number - 1]
    first = cleaned(before.text)
    unfinished = first.count("(") > first.count(")") or first.endswith(("&", ",", " DAN", " AND"))
    goes_on = bool(FORM_ALONE.search(plain(text)) or GOES_ON.match(plain(text)))
    if not goes_on and (not unfinished or ADDRESS.search(plain(first))):
        return text, (row,)
    if sum(one.isalpha() for one in first) < LEAST_LETTERS or OTHER.search(plain(first)):
        return text, (row,)
    earlier = head[number - 2] if number > 1 else None
    if (
        earlier is not None
        and GOES_ON.match(plain(first))
        and not OTHER.search(plain(earlier.text))
    ):
        return f"{cleaned(earlier.text)} {first} {text}", (earlier, before, row)
    return f"{first} {text}", (before, row)


def _registered(head: Sequence[Row], number: int) -> float:
    """What a registration number that follows a row, or ends it, adds to its score: more where it
    is called one of a company, which then may stand below the address of a shop of another name.
    """
    after = plain(head[number + 1].text) if number + 1 < len(head) else ""
    if REGISTERED_AS.search(after):
        return 8.0
    return 3.0 * bool(REGISTERED.search(plain(head[number].text)) or REGISTERED.search(after))


def _ends_head(row: Row) -> bool:
    """Whether the head is over: the row has a date, or is a table's head."""
    text = compact(row.text)
    return bool(days(row.text)) or ("QTY" in text and ("PRICE" in text or "AMO" in text))
