"""Whatever a reader answers, the rules read it or say that the answer is none."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receipts import labels
from receipts.fields import Hints, Receipt
from receipts.labels.text import visible
from tests.lambda_src.receipts.labels import paper

BOX = {"Left": 0.1, "Top": 0.1, "Width": 0.1, "Height": 0.1}
EVERYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NUMBERS = st.floats(-0.5, 1.5) | st.floats() | st.integers()
WORDS = st.sampled_from(
    [
        *("TOTAL", "Total", "GST", "Cash", "Change", "Rounding", "Tip", "Date", "REFUND", "$", "RM", "12.50", "-3.00"),
        *("1,234.56", "31/12/2018", "3/4/18", "2018-02-30", "9" * 300, "٣٫٥٠", "１２．５０", "\ud800", "\x00", "NaN"),
        *("Infinity", "SDN BHD", "%", "20%", "VISA", "10.00", "2.50", "SUBTOTAL", "(12.50)", "O.5O"),
    ]
)
TEXTS = st.lists(WORDS | st.text(max_size=12), max_size=6).map(" ".join)
HINTS = st.builds(
    Hints,
    country=st.sampled_from([None, "US", "MY", "XX"]),
    day_first=st.sampled_from([None, True, False]),
    currencies=st.lists(st.sampled_from(["USD", "EUR", "MYR"]), max_size=2).map(tuple),
)


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    """A LINE block, nearly as AWS has it."""
    box = {name: draw(NUMBERS) for name in ("Left", "Top", "Width", "Height")}
    polygon = [{"X": draw(NUMBERS), "Y": draw(NUMBERS)} for _ in range(draw(st.sampled_from([4, 4, 4, 0, 3])))]
    geometry = draw(st.sampled_from([{"BoundingBox": box}, {"BoundingBox": box, "Polygon": polygon}, None]))
    return {"BlockType": "LINE", "Text": draw(TEXTS), "Confidence": draw(NUMBERS), "Geometry": geometry}


def checked(answer: Any, hints: Hints) -> list[Receipt]:
    """What is read of an answer, which is as its fields promise; none of it if there is no such."""
    try:
        found = labels.receipts_of(answer, hints)
    except labels.AnswerInvalid:
        return []
    for receipt in found:
        for field in (receipt.kind, receipt.merchant, receipt.date, receipt.currency, receipt.total):
            assert 0 <= field.confidence <= 100
            assert field.reason
            assert field.value is not None or field.review
        if receipt.total.value is not None:
            whole, _, decimals = receipt.total.value.partition(".")
            assert len(whole) <= 12
            assert len(decimals) == 2
            assert math.isfinite(float(receipt.total.value))
        assert receipt.merchant.value is None or 0 < len(receipt.merchant.value) <= 200
    return found


@given(EVERYTHING, HINTS)
@settings(max_examples=60, deadline=None)
def test_no_answer_raises_anything_else(answer: Any, hints: Hints) -> None:
    checked(answer, hints)
    checked({"ExpenseDocuments": answer}, hints)
    checked({"ExpenseDocuments": [{"Blocks": answer, "SummaryFields": []}]}, hints)
    checked({"ExpenseDocuments": [{"Blocks": [], "SummaryFields": [answer]}]}, hints)


@given(st.lists(lines(), max_size=12), HINTS)
@settings(max_examples=150, deadline=None)
def test_no_lines_raise_anything_else(blocks: list[dict[str, Any]], hints: Hints) -> None:
    checked(paper.answered(blocks), hints)


@given(st.lists(TEXTS, max_size=14), HINTS, st.integers(0, 3), st.floats(-15, 15))
@settings(max_examples=200, deadline=None)
def test_no_text_on_a_receipt_raises(rows: list[str], hints: Hints, quarters: int, tilt: float) -> None:
    checked(paper.answer([*paper.SHOP, *rows], quarters=quarters, tilt=tilt), hints)


@pytest.mark.parametrize(
    "answer",
    [
        *(None, [], "", 3, {}, {"ExpenseDocuments": None}, {"ExpenseDocuments": {}}, {"ExpenseDocuments": [3]}),
        {"ExpenseDocuments": [{}] * 1000},
        {"ExpenseDocuments": [{"Blocks": "LINE"}]},
        {"ExpenseDocuments": [{"Blocks": [{"BlockType": "LINE"}]}]},
        paper.answered([{"BlockType": "LINE", "Text": None, "Geometry": {"BoundingBox": {}}}]),
        paper.answered([{"BlockType": "LINE", "Text": "TOTAL", "Geometry": None}]),
        *(
            paper.answered([{"BlockType": "LINE", "Text": "A", "Geometry": {"BoundingBox": BOX | {"Left": left}}}])
            for left in (math.nan, math.inf, -math.inf, 1e300, 10**400, 11, True, "0.1", None)
        ),
        paper.answered([], [{"Type": "TOTAL"}]),
    ],
)
def test_rubbish_is_named(answer: Any) -> None:
    with pytest.raises(labels.AnswerInvalid):
        labels.receipts_of(answer, Hints())


def test_what_was_read_stands_in_no_error() -> None:
    secret = paper.answer(["4111 1111 1111 1111"])
    secret["ExpenseDocuments"][0]["Blocks"][0]["Geometry"]["Polygon"][0]["X"] = "4111"
    with pytest.raises(labels.AnswerInvalid) as raised:
        labels.receipts_of(secret, Hints())
    assert "4111" not in str(raised.value)


def test_a_line_is_cut_and_shown_as_plain_text() -> None:
    assert len(visible("9" * 5000)) == len(visible("ﷺ" * 5000)) == 200
    assert visible("１２．５０\u202e \x00\x1b[31m٣") == "12.50 [31m3"


def test_a_page_without_lines_has_no_receipt() -> None:
    assert labels.receipts_of(paper.answer([]), Hints()) == []


def test_a_page_full_of_anything_costs_little() -> None:
    hard = ["TOTAL 1 " * 40, "1.1.1.1." * 40, "12,50 " * 60, "((((" * 50, "RM " * 60, "1 JAN " * 30, "9" * 5000]
    began = time.process_time()
    (receipt,) = labels.receipts_of(paper.answer([*hard, "CO. REG NO " * 20] * 200), Hints())
    assert time.process_time() - began < 5
    assert receipt.total.review
