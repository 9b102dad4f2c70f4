"""The total, on layouts that fool simple rules: right where it is not marked, marked where nothing
confirms it.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.lambda_src.receipts.labels.paper import SHOP, opinion, read

ITEMS = ("Bread | 2.10", "Cheese | 7.90")
PAID = ("TOTAL | 10.00", "VISA | 10.00")


def total(*rows: str, **how: Any) -> tuple[str | None, bool, str]:
    found = read(*SHOP, "31/12/2018", *rows, **how).total
    return found.value, found.review, found.reason


SURE = {
    "cash and change": ([*ITEMS, "TOTAL | 10.00", "CASH | 50.00", "CHANGE | 40.00"], "10.00"),
    "card": ([*ITEMS, *PAID], "10.00"),
    "the amount in the next row": ([*ITEMS, "TOTAL AMOUNT PAYABLE", "RM | 10.00", "CASH | RM 10.00"], "10.00"),
    "a total of quantities": (
        ["Rope | 3 | 4.00 | 12.00", "Total Qty: | 3 | 12.00", "Total Sales | 12.00", "CASH | 12.00"],
        "12.00",
    ),
    "items counted with an amount": ([*ITEMS, "Total items | 2", *PAID, "Total savings | 3.00"], "10.00"),
    "a count in the total's row": (
        ["Tape | 1 | 11.60", "Qty : 1 | Total RM | 11.60", "CASH | 12.00", "Change | 0.40"],
        "11.60",
    ),
    "a tax table with a total of its own": (
        [
            *ITEMS,
            *PAID,
            "GST SUMMARY",
            "Tax Code | % | Amt (RM) | Tax (RM)",
            "SR | 6 | 9.43 | 0.57",
            "Total | 9.43 | 0.57",
        ],
        "10.00",
    ),
    "a tax table with gross amounts": (
        [
            "SUMME | 11,90 EUR",
            "MwSt % | Netto | MwSt | Brutto",
            "19% | 10,00 | 1,90 | 11,90",
            "Total | 10,00 | 1,90 | 11,90",
        ],
        "11.90",
    ),
    "net, tax and total": (
        ["Total (Excluding GST) | 40.00", "GST Payable | 2.40", "Total (Inclusive of GST) | 42.40"],
        "42.40",
    ),
    "a table that closes": (["TOTAL | 42.40", "GST Summary | Amount | Tax", "SR | 40.00 | 2.40"], "42.40"),
    "service and tax": (["Subtotal | 97.60", "Serv. Charge (10%) | 9.76", "GST 6% | 6.44", "TOTAL | 113.80"], "113.80"),
    "an item and its tax": (["Bread | 10.00", "VAT 20% | 2.00", "TOTAL | 12.00"], "12.00"),
    "two rates": (["Subtotal | 20.00", "VAT 20% | 3.00", "VAT 5% | 0.25", "TOTAL | 23.25"], "23.25"),
    "rounding down": (
        ["TOTAL | 7.16", "ROUNDING ADJUSTMENT | -RM 0.01", "TOTAL ROUNDED | RM 7.15", "CASH | RM 7.15"],
        "7.15",
    ),
    "before and after a rounding, both as totals": (
        ["Total Amount | 8.19", "GST @0% | 0.00", "Rounding | 0.01", "Nett Total | 8.20", "SR | 8.19"],
        "8.20",
    ),
    "rounding without a sign": (
        ["Total Incl. GST | RM 11.23", "ROUNDING ADJ | 0.02", "TOTAL ROUNDED | RM 11.25"],
        "11.25",
    ),
    "before and after rounding": (
        ["Total before rounding | 9.98", "Rounding | 0.02", "TOTAL | 10.00", "CASH | 10.00"],
        "10.00",
    ),
    "rounded without a label": (
        ["Total Sales (Inclusive GST) RM | 37.44", "Rounding Adjustment RM | .01", "37.45", "CREDIT RM | 37.45"],
        "37.45",
    ),
    "a discount": (["Subtotal | 20.00", "Discount | -5.00", "TOTAL | 15.00"], "15.00"),
    "parts of two rates": (
        ["Total 0% supplies: | 35.14", "Total 6% supplies (Inc. GST): | 38.41", "Total Payable: | 73.55"],
        "73.55",
    ),
    "a zero misread": ([*ITEMS, "T0TAL | 1O.OO", "CASH | 20.00", "CHANGE | 10.00"], "10.00"),
    "a letter misread": ([*ITEMS, "TOTAI | 10.00", "CASH | 10.00"], "10.00"),
    "a letter lost": ([*ITEMS, "TOAL | 10.00", "CASH | 10.00"], "10.00"),
    "thousands with a comma": (
        ["Roses | 7,838.80", "Total RM | 7,838.80", "CASH | 7,840.00", "Change | 1.20"],
        "7838.80",
    ),
    "thousands with a point": (["Sofa | 1.234,50 €", "SUMME | 1.234,50 €", "Girocard | 1.234,50 €"], "1234.50"),
    "thousands with a blank": (["Soffa | 1 234,50", "ATT BETALA | 1 234,50 kr", "Kort | 1 234,50 kr"], "1234.50"),
    "glued": (["Tape | 11.60", "TotalRM11.60", "CASH | RM12.00", "CHANGE | RM0.40"], "11.60"),
    "paid and change below zero": ([*ITEMS, "Total | 10.00", "Cash | -20.00", "Change | 10.00"], "10.00"),
    "paid in two ways": ([*ITEMS, "TOTAL | 10.00", "CASH | 4.00", "VISA | 6.00"], "10.00"),
    "full width digits": (["品 | １０．００", "合計 | １０．００", "現金 | １０．００"], "10.00"),
}


@pytest.mark.parametrize("name", SURE)
def test_the_total_is_right(name: str) -> None:
    rows, right = SURE[name]
    found = read(*SHOP, "31/12/2018", *rows).total
    assert found.value == right
    assert not found.review or found.reason == "not-english", found.reason


@pytest.mark.parametrize(
    ("rows", "value", "reason"),
    [
        (["TOTAL | 10.00"], "10.00", "printed-once"),
        ([*ITEMS[:1], "Somewhere | 12.00"], "12.00", "no-total-label"),
        (["No amount here"], None, "no-total"),
        (["TOTAL | 0.00", "CASH | 0.00"], "0.00", "nothing-to-pay"),
        (["TOTAL | " + "9" * 300 + ".00"], None, "no-total"),
        (["TOTAL", "RM | 10.00"], "10.00", "printed-once"),
        (["TOTAL | 1234567890123.00", "VISA | 1234567890123.00"], None, "no-total"),
        (["Total Sales | 16.31", "Rounding | -0.01", "16.30"], "16.30", "no-total-label"),
        (
            ["Tea | 10.00", "Milk | 3.00", "xx | 0.78", "13.78", "CASH | 13.78", "CHANGE | 0.78"],
            "13.00",
            "no-total-label",
        ),
        (["TOTAL | NaN"], None, "no-total"),
        (["TOTAL | Infinity"], None, "no-total"),
        (["TOTAL | 1e9"], None, "no-total"),
    ],
)
def test_what_nothing_confirms_is_marked(rows: list[str], value: str | None, reason: str) -> None:
    assert total(*rows) == (value, True, reason)


@pytest.mark.parametrize(
    "rows",
    [
        [*ITEMS, *PAID, "Tip: ________", "TOTAL: ________"],
        [*ITEMS, *PAID, "Tip: ________ | 2.00", "TOTAL: ________ | 12.00"],
        [*ITEMS, *PAID, "GRATUITY", "TOTAL"],
    ],
)
def test_a_tip_by_hand_is_marked_whatever_stands_there(rows: list[str]) -> None:
    value, review, reason = total(*rows)
    assert (review, reason) == (True, "tip-by-hand")
    assert value in ("10.00", "12.00")


def test_what_was_given_back_is_an_amount_above_zero() -> None:
    found = read(*SHOP, "REFUND", "Bread | -10.00", "TOTAL | -10.00", "VISA | -10.00")
    assert (found.total.value, found.total.review, found.kind.value) == ("10.00", False, "refund")


def test_the_box_is_where_the_total_stands() -> None:
    found = read(*SHOP, *ITEMS, *PAID).total.box
    assert found is not None
    assert found.page == 1
    assert 0.5 < found.top < 0.8
    assert found.left < 0.1
    assert found.width > 0.8


def test_other_totals_are_alternatives() -> None:
    found = read(*SHOP, "Bread | 12.00", "TOTAL | 10.00", "TOTAL | 12.00").total
    assert {found.value, *found.alternatives} == {"10.00", "12.00"}


def test_the_readers_own_field_is_a_witness_and_never_more() -> None:
    rows = (*SHOP, "TOTAL | 10.00")
    agrees = read(*rows, fields=[opinion("TOTAL", "$10.00")]).total
    assert (agrees.value, agrees.review, agrees.reason) == ("10.00", False, "two-readers")
    differs = read(*rows, fields=[opinion("TOTAL", "$19.00")]).total
    assert differs.review
    unsure = read(*rows, fields=[opinion("TOTAL", "$10.00", confidence=20.0)]).total
    assert unsure.review
    alone = read(*SHOP, "Hello there", fields=[opinion("TOTAL", "10.00")]).total
    assert (alone.value, alone.review) == ("10.00", True)
