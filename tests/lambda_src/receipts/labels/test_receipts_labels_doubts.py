"""What speaks against a total: another total, another payment, something added below, a rounding
that leads elsewhere. Each layout has a total that a simple rule would be sure of.
"""

from __future__ import annotations

import pytest

from tests.lambda_src.receipts.labels.paper import SHOP, read

ITEMS = ("Bread | 2.10", "Cheese | 7.90")

CONTRADICTED = {
    "change of another total": ["Bread | 10.00", "TOTAL | 10.00", "CASH | 50.00", "CHANGE | 39.00"],
    "too little paid": ["Bread | 10.00", "TOTAL | 10.00", "CASH | 9.00"],
    "a card that paid more": [*ITEMS, "Bill Total | 10.00", "VISA | 11.00", "VAT | Net | VAT", "10% | 10.00 | 1.00"],
    "too much paid and no change": [*ITEMS, "GRAND TOTAL | 10.00", "TOTAL | 10.00", "CASH | 50.00"],
    "an item that costs more": ["Sofa | 900.00", "Total points | 10.00", "TOTAL | 10.00", "TOTAL | 10.00"],
    "another total below": ["Bread | 10.00", "TOTAL | 10.00", "TOTAL | 12.00", "Milk | 12.00"],
    "another total above": [*ITEMS, "Total | 10.00", "Loyal guests | -1.00", "Grand Total | 9.00", "VISA | 9.00"],
    "a balance after a deposit": [*ITEMS, "GRAND TOTAL | 10.00", "Deposit | 4.00", "Balance due | 6.00"],
    "a rounding that is in no total": ["Bread | 9.98", "TOTAL | 9.98", "Rounding | 0.02"],
    "a rounding that no sum has in it": [
        *("Bag Fee | 0.20", "Tea | 23.80", "Cash Rounding | -0.01", "Total (Eat In) | 24.00"),
        *("Cash | 30.00", "Change | 6.00"),
    ],
    "a payment of nearly the same": ["Bread | 9.98", "TOTAL | 9.98", "VISA | 10.00"],
    "nearly the same without a word": ["Bread | 9.98", "TOTAL | 9.98", "R0ung | 0.02", "10.00"],
    "nearly the same as points": [*ITEMS, "Subtotal | 10.00", "Total Incl GST | 10.00", "Points | 10.02"],
    "the tax as the total": [
        *("Total Sales (Excluding GST) | 12.50", "Total GXT | 0.75", "Tax Code | Tax", "Total | 0.75"),
    ],
    "a part as the total": ["Total 0% supplies: | 35.14", "Total 0% supplxs: | 35.14"],
    "a service charge below": [*ITEMS, "Gross Total | 10.00", "Total | 10.00", "Service charge | 1.00"],
    "a discount below": [*ITEMS, "GRAND TOTAL | 10.00", "Voucher | -2.00"],
    "something unknown below": [*ITEMS, "GRAND TOTAL | 10.00", "10% SC | 1.00"],
    "a tax below": [*ITEMS, "Subtotal | 10.00", "Total | 10.00", "Sales tax 6% | 0.60"],
    "a tax below what is called net": ["Net sales | 10.00", "Net total | 10.00", "GST | 0.60"],
    "a tax that a closing sum leaves out": [*ITEMS, "Deposit | 0.20", "Total | 10.20", "Sales tax 6% | 0.61"],
    "a voucher, or a discount": [*ITEMS, "TOTAL | 10.00", "VOUCHER CASH | 4.00", "VISA | 6.00", "GRAND TOTAL | 10.00"],
}


@pytest.mark.parametrize("name", CONTRADICTED)
def test_what_contradicts_a_total_marks_it(name: str) -> None:
    found = read(*SHOP, "31/12/2018", *CONTRADICTED[name]).total
    assert (found.review, found.reason) == (True, "totals-disagree"), found


EXPLAINED = {
    "the tax with a word misread": [
        *(
            "Rope | 15.40",
            "Total (Excluding GST) | 14.53",
            "Total GiST | 0.87",
            "Total Sales (Inclusive of GST) | 15.40",
        ),
        *("CASH | 50.00", "Change | 34.60"),
    ],
    "what was saved": [*ITEMS, "Subtotal | 10.00", "GRAND TOTAL | 10.00", "You saved | 3.00"],
    "a change in other words": [*ITEMS, "Subtotal | 10.00", "TOTAL | 10.00", "CASH | 20.00", "Balance | 10.00"],
    "a payment in unknown words": [*ITEMS, "GRAND TOTAL | 10.00", "Zapp | 10.00", "Left on it | 33.10"],
    "the tax that a total has in it": [*ITEMS, "Subtotal | 10.00", "TOTAL INCL GST | 10.00", "GST | 0.57"],
    "a tax above what is to be paid": [*ITEMS, "Subtotal | 10.00", "GST | 0.57", "GRAND TOTAL | 10.00"],
    "a sum again below": [*ITEMS, "Total excl. GST | 10.00", "GST | 0.60", "Total incl. GST | 10.60", "SR | 10.00"],
    "an item before the rounding": ["Bread | 10.01", "Rounding | -0.01", "TO PAY | 10.00", "VISA | 10.00"],
    "a house number in a row of amounts": [
        *("SITE RM 45400", "Rope | 11.60", "Total | 11.60", "CASH | 12.00", "Change | 0.40"),
    ],
}


@pytest.mark.parametrize("name", EXPLAINED)
def test_what_only_looks_like_it_does_not(name: str) -> None:
    found = read(*SHOP, "31/12/2018", *EXPLAINED[name]).total
    assert (found.review, found.reason) != (True, "totals-disagree"), found
    assert not found.review, found


@pytest.mark.parametrize(
    "rows",
    [
        ["Bread | 10.00", "TOTAL | 10.00"],
        [*ITEMS, "TOTAL | 10.00"],
        ["TOTAL | 10.00", "Tax Code | Amount | Tax", "SR | 10.00 | 0.00"],
    ],
)
def test_a_sum_on_the_way_may_be_printed_twice_and_be_the_items_too(rows: list[str]) -> None:
    found = read(*SHOP, "31/12/2018", *rows).total
    assert (found.value, found.review, found.reason) == ("10.00", True, "printed-once")
