"""Receipts as lines with boxes: rows of text set on paper, which may lie turned and askew."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from receipts import labels
from receipts.fields import Hints, Receipt

Json = dict[str, Any]
Point = tuple[float, float]

WIDTH = 500.0  # of the paper, in units of which a letter is LETTER high
LETTER, STEP, MARGIN = 16.0, 24.0, 20.0
A_LETTER = 9.0  # how wide a letter is
SHOP = ("NORTHGATE TRADING LTD", "Mill Road 4", "Leeds LS1 4AP")


def answer(
    rows: Iterable[str], *, quarters: int = 0, tilt: float = 0.0, polygons: bool = True, fields: Sequence[Json] = ()
) -> Json:
    """The answer of a reader that makes no mistakes; "A | B" is a row of two boxes, the last one at
    the right. The paper lies `quarters` turned clockwise, and `tilt` degrees more.
    """
    boxes = list(_boxes(rows))
    height = MARGIN * 2 + STEP * (1 + max((number for number, *_ in boxes), default=0))
    turned = [(text, [_turned(point, height, quarters, tilt) for point in corners]) for _, text, corners in boxes]
    points = [point for _, corners in turned for point in corners]
    left, top = min((x for x, _ in points), default=0.0), min((y for _, y in points), default=0.0)
    wide = max((x for x, _ in points), default=1.0) - left + 2 * MARGIN
    high = max((y for _, y in points), default=1.0) - top + 2 * MARGIN
    blocks = []
    for text, corners in turned:
        shares = [((x - left + MARGIN) / wide, (y - top + MARGIN) / high) for x, y in corners]
        blocks.append(_block(text, shares, polygons))
    return answered(blocks, fields)


def answered(blocks: Sequence[Json], fields: Sequence[Json] = ()) -> Json:
    """The answer with these blocks."""
    document = {"ExpenseIndex": 1, "SummaryFields": list(fields), "LineItemGroups": [], "Blocks": list(blocks)}
    return {"DocumentMetadata": {"Pages": 1}, "ExpenseDocuments": [document]}


def read(*rows: str, hints: Hints | None = None, **how: Any) -> Receipt:
    """What the rules make of a receipt of these rows."""
    (receipt,) = labels.receipts_of(answer(rows, **how), hints or Hints())
    return receipt


def opinion(kind: str, text: str, confidence: float = 95.0) -> Json:
    """One of the reader's own fields."""
    return {"Type": {"Text": kind, "Confidence": 90.0}, "ValueDetection": {"Text": text, "Confidence": confidence}}


def _boxes(rows: Iterable[str]) -> Iterable[tuple[int, str, list[Point]]]:
    for number, row in enumerate(rows):
        pieces = [piece.strip() for piece in row.split(" | ")]
        for place, text in enumerate(pieces):
            if text:
                wide = min(len(text) * A_LETTER, WIDTH / len(pieces))
                start = place / max(len(pieces) - 1, 1) * (WIDTH - wide)
                left, top = MARGIN + start, MARGIN + number * STEP
                right, bottom = left + wide, top + LETTER
                yield number, text, [(left, top), (right, top), (right, bottom), (left, bottom)]


def _turned(point: Point, height: float, quarters: int, tilt: float) -> Point:
    x, y = point[0] - WIDTH / 2, point[1] - height / 2
    angle = math.radians(90 * quarters + tilt)
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def _block(text: str, corners: Sequence[Point], polygons: bool) -> Json:
    across, down = [x for x, _ in corners], [y for _, y in corners]
    box = {"Left": min(across), "Top": min(down), "Width": max(across) - min(across), "Height": max(down) - min(down)}
    geometry: Json = {"BoundingBox": box}
    if polygons:
        geometry["Polygon"] = [{"X": x, "Y": y} for x, y in corners]
    return {"BlockType": "LINE", "Text": text, "Confidence": 99.0, "Geometry": geometry}
