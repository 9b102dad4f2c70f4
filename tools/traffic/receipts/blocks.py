"""What an ideal reader answers: every drawn line, in its box, in AnalyzeExpense's form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.traffic.receipts.drawing import Line, Sheet

Json = dict[str, Any]
CONFIDENCE = 99.0


def line_blocks(sheet: Sheet, lines: Sequence[Line] | None = None) -> list[Json]:
    """The LINE blocks of a picture, from the top down as a reader gives them."""
    chosen = sheet.lines if lines is None else lines
    found = [_block(line, *sheet.size) for line in chosen]
    return sorted(found, key=lambda block: block["Geometry"]["BoundingBox"]["Top"])


def answer(sheet: Sheet, *, by_receipt: bool = False) -> Json:
    """The answer to one picture: one expense document, or one for each receipt in it.

    It has no summary fields: the lines alone are what everybody reads.
    """
    receipts = sorted({line.receipt for line in sheet.lines})
    groups = [[line for line in sheet.lines if line.receipt == one] for one in receipts] if by_receipt else [None]
    documents = [
        {"ExpenseIndex": index, "SummaryFields": [], "LineItemGroups": [], "Blocks": line_blocks(sheet, group)}
        for index, group in enumerate(groups, 1)
    ]
    return {"DocumentMetadata": {"Pages": 1}, "ExpenseDocuments": documents}


def _block(line: Line, width: int, height: int) -> Json:
    corners = [(x / width, y / height) for x, y in line.corners]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    return {
        "BlockType": "LINE",
        "Text": line.text,
        "Confidence": CONFIDENCE,
        "Page": 1,
        "Geometry": {
            "BoundingBox": {"Left": left, "Top": top, "Width": right - left, "Height": bottom - top},
            "Polygon": [{"X": x, "Y": y} for x, y in corners],
        },
    }
