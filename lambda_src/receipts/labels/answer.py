"""The reader's answer, AnalyzeExpense's form: lines with boxes, and fields as a second opinion.

What is not as AWS describes it raises AnswerInvalid: a reader that answers rubbish is no receipt
without a total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from receipts.labels.text import visible

MOST_DOCUMENTS = 60
MOST_LINES = 1_200  # of a receipt; a metre of paper has some 250
MOST_BLOCKS = 50_000  # words are blocks too
MOST_FIELDS = 500
FARTHEST = 10.0  # a box may reach beyond the page a little, not so many pages

Point = tuple[float, float]
Polygon = tuple[Point, Point, Point, Point]


class AnswerInvalid(Exception):
    """The answer is not one of AnalyzeExpense; the text says what is wrong, and nothing read."""


@dataclass(frozen=True)
class Line:
    """A line of text; `polygon` goes clockwise from where the text begins, as shares (0-1)."""

    text: str
    confidence: float
    polygon: Polygon
    page: int = 1


@dataclass(frozen=True)
class Opinion:
    """What the reader itself takes a value for: its type ("TOTAL"), text, confidence 0-100."""

    type: str
    text: str
    confidence: float
    currency: str | None


@dataclass(frozen=True)
class Expense:
    """One receipt as the reader gives it; `cut` says that it had more lines than are looked at."""

    lines: tuple[Line, ...]
    opinions: tuple[Opinion, ...]
    cut: bool = False


def expenses(answer: object) -> list[Expense]:
    """The receipts of an answer, without those that have neither lines nor fields.

    Raises AnswerInvalid.
    """
    documents = _list(_mapping(answer, "the answer"), "ExpenseDocuments", MOST_DOCUMENTS)
    found = [_expense(_mapping(document, "a document")) for document in documents]
    return [expense for expense in found if expense.lines or expense.opinions]


def _expense(document: Mapping[object, object]) -> Expense:
    blocks = _list(document, "Blocks", MOST_BLOCKS)
    written = [block for block in blocks if _mapping(block, "a block").get("BlockType") == "LINE"]
    lines = [_line(_mapping(block, "a block")) for block in written[:MOST_LINES]]
    fields = _list(document, "SummaryFields", MOST_FIELDS)
    opinions = [_opinion(_mapping(field, "a field")) for field in fields]
    return Expense(
        tuple(line for line in lines if line.text),
        tuple(opinion for opinion in opinions if opinion.text),
        cut=len(written) > MOST_LINES,
    )


def _line(block: Mapping[object, object]) -> Line:
    geometry = _mapping(block.get("Geometry"), "a line's Geometry")
    page = block.get("Page", 1)
    if isinstance(page, bool) or not isinstance(page, int) or not 1 <= page <= 100_000:
        raise AnswerInvalid("a line's Page is not a number of a page")
    confidence = min(max(_number(block.get("Confidence", 100.0), "Confidence", 1e6), 0.0), 100.0)
    return Line(
        visible(_text(block.get("Text"), "a line's Text")), confidence, _box(geometry), page
    )


def _box(geometry: Mapping[object, object]) -> Polygon:
    """The four corners: the polygon where it has four, or those of the box."""
    points = geometry.get("Polygon")
    if isinstance(points, Sequence) and not isinstance(points, str | bytes) and len(points) == 4:
        a, b, c, d = (_mapping(point, "a point") for point in points)
        return _point(a), _point(b), _point(c), _point(d)
    box = _mapping(geometry.get("BoundingBox"), "a line's BoundingBox")
    left, top = _number(box.get("Left"), "Left"), _number(box.get("Top"), "Top")
    right = left + _number(box.get("Width"), "Width")
    bottom = top + _number(box.get("Height"), "Height")
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _point(point: Mapping[object, object]) -> Point:
    return _number(point.get("X"), "X"), _number(point.get("Y"), "Y")


def _opinion(field: Mapping[object, object]) -> Opinion:
    kind = _mapping(field.get("Type") or {}, "a field's Type")
    value = _mapping(field.get("ValueDetection") or {}, "a field's ValueDetection")
    currency = _mapping(field.get("Currency") or {}, "a field's Currency").get("Code")
    return Opinion(
        _text(kind.get("Text", ""), "a field's Type"),
        visible(_text(value.get("Text", ""), "a field's Text")),
        min(max(_number(value.get("Confidence", 0.0), "Confidence", 1e6), 0.0), 100.0),
        currency if isinstance(currency, str) else None,
    )


def _mapping(value: object, what: str) -> Mapping[object, object]:
    if not isinstance(value, Mapping):
        raise AnswerInvalid(f"{what} is no object")
    return value


def _list(holder: Mapping[object, object], name: str, most: int) -> Sequence[object]:
    """The list of that name; one that AWS leaves out is empty, but for the documents."""
    value = holder.get(name, None if name == "ExpenseDocuments" else [])
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise AnswerInvalid(f"{name} is no list")
    if len(value) > most:
        raise AnswerInvalid(f"{name} has {len(value)} entries, more than {most}")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise AnswerInvalid(f"{what} is no text")
    return value


def _number(value: object, name: str, farthest: float = FARTHEST) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AnswerInvalid(f"{name} is no number")
    if not abs(value) <= farthest:  # which NaN is not either, nor a whole number past any float
        raise AnswerInvalid(f"{name} is out of range")
    return float(value)
