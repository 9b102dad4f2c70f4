"""Receipts that lie side by side in a picture are told apart, as Textract does; columns are not."""

from __future__ import annotations

import math

from tools.local_cloud.reader.lines import Line, answer, apart

ROWS = ("CORNER SHOP", "Mill Road 4", "Bread", "2.10", "Milk", "1.30", "Cheese", "4.00", "TOTAL", "7.40", "Thank you")


def receipt(left: float, name: str, *, amounts_at: float = 150.0) -> list[Line]:
    """A receipt 200 pixels wide: words at the left, amounts at the right of them."""
    lines = []
    for row, text in enumerate((name, *ROWS[1:])):
        start = left + (amounts_at if text[0].isdigit() else 0.0)
        top = 20.0 * row - (20.0 if text[0].isdigit() else 0.0)
        right, bottom = start + len(text) * 6, top + 14
        lines.append(Line(text, 99.0, ((start, top), (right, top), (right, bottom), (start, bottom))))
    return lines


def turned(lines: list[Line], degrees: float) -> list[Line]:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [
        Line(
            one.text, one.confidence, tuple((x * cos - y * sin + 900, x * sin + y * cos + 900) for x, y in one.corners)
        )
        for one in lines
    ]


def test_one_receipt_stays_one() -> None:
    assert len(apart(receipt(0, "ONE SHOP"), 400)) == 1
    assert apart([], 400) == [[]]


def test_receipts_side_by_side_are_two_however_they_lie() -> None:
    both = receipt(300, "SECOND SHOP") + receipt(0, "FIRST SHOP")
    for degrees in (0, 9, -12, 90, 180, 270, 100):
        first, second = apart(turned(both, degrees), 800)
        assert (first[0].text, second[0].text) == ("FIRST SHOP", "SECOND SHOP")
        assert len(first) == len(second) == len(ROWS)


def test_each_is_a_document() -> None:
    lines = receipt(0, "FIRST SHOP") + receipt(300, "SECOND SHOP") + receipt(600, "THIRD SHOP")
    documents = answer(lines, 900, 300)["ExpenseDocuments"]
    assert [document["ExpenseIndex"] for document in documents] == [1, 2, 3]
    assert [document["Blocks"][0]["Text"] for document in documents] == ["FIRST SHOP", "SECOND SHOP", "THIRD SHOP"]
