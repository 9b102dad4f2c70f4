"""The page is turned and straightened from the boxes before anything else is done."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from receipts import labels
from receipts.fields import Hints
from receipts.labels.answer import expenses
from receipts.labels.page import rows
from tests.lambda_src.receipts.labels import paper

RECEIPT = (
    *paper.SHOP,
    "Date: 31/12/2018 | Time: 10:12",
    "Brown loaf of bread | 2 | 1.05 | 2.10",
    "Cheese | 1 | 7.90 | 7.90",
    "Subtotal | 10.00",
    "TOTAL | 10.00",
    "CASH | 20.00",
    "CHANGE | 10.00",
    "Thank you for your custom",
)


def read_rows(**how: Any) -> list[str]:
    (expense,) = expenses(paper.answer(RECEIPT, **how))
    return [row.text for row in rows(expense.lines)]


UPRIGHT = read_rows()


def test_rows_are_put_together() -> None:
    assert UPRIGHT[3:7] == [
        "Date: 31/12/2018 Time: 10:12",
        "Brown loaf of bread 2 1.05 2.10",
        "Cheese 1 7.90 7.90",
        "Subtotal 10.00",
    ]


@pytest.mark.parametrize(("quarters", "tilt"), list(itertools.product(range(4), (-12, -5, 0, 3, 12))))
def test_however_the_page_lies(quarters: int, tilt: int) -> None:
    assert read_rows(quarters=quarters, tilt=tilt) == UPRIGHT


@pytest.mark.parametrize("quarters", range(4))
def test_boxes_alone_tell_enough(quarters: int) -> None:
    assert read_rows(quarters=quarters, polygons=False) == UPRIGHT


@pytest.mark.parametrize(("quarters", "tilt"), [(0, 12), (1, -12), (2, 12), (3, 5)])
def test_fields_and_their_boxes_are_right_on_a_page_that_lies_askew(quarters: int, tilt: int) -> None:
    found = paper.read(*RECEIPT, quarters=quarters, tilt=tilt)
    assert (found.total.value, found.date.value, found.merchant.value) == (
        "10.00",
        "2018-12-31",
        "NORTHGATE TRADING LTD",
    )
    assert not found.review or found.review == ("currency:by-country-alone",)
    for field in (found.total, found.date, found.merchant):
        assert field.box is not None
        assert min(field.box.left, field.box.top, field.box.width, field.box.height) >= 0
        assert field.box.left + field.box.width <= 1.0001
        assert field.box.top + field.box.height <= 1.0001


def test_a_long_thin_receipt_and_a_wide_one() -> None:
    long = [f"Thing number {n} | {n}.00" for n in range(1, 80)]
    found = paper.read(*paper.SHOP, *long, "GRAND TOTAL | 3,160.00", tilt=10.0)
    assert (found.total.value, found.total.reason) == ("3160.00", "items-add-up")
    wide = paper.read(*paper.SHOP, "TOTAL | 5.00", "VISA | 5.00", quarters=1, tilt=-8.0)
    assert wide.total.value == "5.00"


def test_each_document_and_each_page_is_by_itself() -> None:
    one, two = paper.answer([*paper.SHOP, "TOTAL | 5.00", "VISA | 5.00"]), paper.answer(RECEIPT)
    both = {"ExpenseDocuments": one["ExpenseDocuments"] + two["ExpenseDocuments"]}
    first, second = labels.receipts_of(both, Hints())
    assert (first.total.value, second.total.value) == ("5.00", "10.00")
    for block in both["ExpenseDocuments"][1]["Blocks"]:
        block["Page"] = 3
    assert [found.page for found in labels.receipts_of(both, Hints())] == [1, 3]


def test_more_lines_than_are_looked_at_mark_the_receipt() -> None:
    answer = paper.answer([*RECEIPT, *(f"Line {n}" for n in range(1_300))])
    (found,) = labels.receipts_of(answer, Hints())
    assert found.total.review
    assert "total:too-many-lines" in found.review


def test_other_blocks_than_lines_are_left_alone() -> None:
    answer = paper.answer(RECEIPT)
    answer["ExpenseDocuments"][0]["Blocks"] += [{"BlockType": "WORD"}, {"BlockType": "PAGE", "Text": 5}]
    (found,) = labels.receipts_of(answer, Hints())
    assert found.total.value == "10.00"
