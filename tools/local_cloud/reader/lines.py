"""Lines of text, and their form in an answer of AnalyzeExpense: a document for each receipt.

Textract tells receipts in one picture apart; so does this, where they lie side by side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Json = dict[str, Any]
Point = tuple[float, float]

MOST_RECEIPTS = 12  # in a picture
LEAST_GUTTER = 0.012  # of the picture's longer side, between two receipts
LEAST_WORDS, LEAST_AMOUNTS = 4, 2  # lines of words and of amounts that make a receipt of a column
_WORDS = re.compile(r"[^\W\d_]{3,}")
_AMOUNT = re.compile(r"[0-9][.,][0-9]{2}(?![0-9])")


@dataclass(frozen=True)
class Line:
    """A line of text; `confidence` is 0-100, `corners` go clockwise from where it begins."""

    text: str
    confidence: float
    corners: tuple[Point, ...]


def answer(lines: Sequence[Line], width: int, height: int) -> Json:
    """The answer to a picture of that many pixels: no summary fields, the lines as blocks."""
    documents = [
        {
            "ExpenseIndex": index,
            "SummaryFields": [],
            "LineItemGroups": [],
            "Blocks": [_block(line, width, height, f"{index}-{n}") for n, line in enumerate(receipt)],
        }
        for index, receipt in enumerate(apart(lines, max(width, height)), 1)
    ]
    return {"DocumentMetadata": {"Pages": 1}, "ExpenseDocuments": documents}


def apart(lines: Sequence[Line], side: float) -> list[list[Line]]:
    """The receipts that lie side by side, from left to right as their text runs."""
    angle = _angle(lines)
    columns = [list(lines)]
    while len(columns) < MOST_RECEIPTS:
        for place, column in enumerate(columns):
            split = _split(column, angle, side * LEAST_GUTTER)
            if split:
                columns[place : place + 1] = split
                break
        else:
            break
    return columns


def _split(lines: Sequence[Line], angle: float, least: float) -> list[list[Line]]:
    """Two receipts where a gutter that no line crosses leaves words and amounts on both sides."""
    placed = sorted((_extent(line, angle), number) for number, line in enumerate(lines))
    reach = -math.inf
    for place, ((left, right), _) in enumerate(placed):
        if place and left - reach >= least:
            parts = [[lines[number] for _, number in part] for part in (placed[:place], placed[place:])]
            if all(_is_receipt(part) for part in parts):
                return [sorted(part, key=lines.index) for part in parts]
        reach = max(reach, right)
    return []


def _is_receipt(lines: Sequence[Line]) -> bool:
    """Whether a column is one by itself: that of a receipt's labels has no amounts."""
    amounts = sum(bool(_AMOUNT.search(line.text)) for line in lines)
    named = sum(bool(_WORDS.search(line.text)) and not _AMOUNT.search(line.text) for line in lines)
    return amounts >= LEAST_AMOUNTS and named >= LEAST_WORDS


def _angle(lines: Sequence[Line]) -> float:
    """How far the text is turned clockwise, in radians, by its longest lines."""
    longest = sorted(lines, key=lambda line: -len(line.text))[:15]
    if not longest:
        return 0.0
    edges = [(line.corners[1][0] - line.corners[0][0], line.corners[1][1] - line.corners[0][1]) for line in longest]
    first = math.atan2(edges[0][1], edges[0][0])
    turns = [(math.atan2(y, x) - first + math.pi) % (2 * math.pi) - math.pi for x, y in edges]
    return first + median(turns)


def _extent(line: Line, angle: float) -> tuple[float, float]:
    """Where a line begins and ends along the way that the text runs."""
    along = [x * math.cos(angle) + y * math.sin(angle) for x, y in line.corners]
    return min(along), max(along)


def _block(line: Line, width: int, height: int, name: str) -> Json:
    points = [(_share(x, width), _share(y, height)) for x, y in line.corners]
    left, top = min(x for x, _ in points), min(y for _, y in points)
    right, bottom = max(x for x, _ in points), max(y for _, y in points)
    box = {"Left": left, "Top": top, "Width": round(right - left, 6), "Height": round(bottom - top, 6)}
    polygon = [{"X": x, "Y": y} for x, y in points]
    geometry = {"BoundingBox": box, "Polygon": polygon}
    return {
        "BlockType": "LINE",
        "Id": name,
        "Text": line.text,
        "Confidence": line.confidence,
        "Geometry": geometry,
        "Page": 1,
    }


def _share(position: float, side: int) -> float:
    return round(min(max(position / side, 0.0), 1.0), 6)
