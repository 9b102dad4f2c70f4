"""Tax lines: rate, net and tax, of tables and of single rows."""

from __future__ import annotations

import pytest

from tests.lambda_src.receipts.labels.paper import read

Tax = tuple[str | None, str | None, str | None]


def taxes(*rows: str) -> list[Tax]:
    return [(tax.rate, tax.net, tax.amount) for tax in read("CORNER SHOP", *rows).taxes]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (
            [
                "TOTAL | 42.40",
                "GST SUMMARY",
                "Tax Code | % | Amt | Tax",
                "SR | 6 | 40.00 | 2.40",
                "Total | 40.00 | 2.40",
            ],
            [("6", "40.00", "2.40")],
        ),
        (["TOTAL | 9.00", "GST Summary | Amount | Tax", "SR @ 6% | 8.49 | 0.51"], [("6", "8.49", "0.51")]),
        (["TOTAL | 9.00", "GST Summary | Amount | Tax", "SR | 8.49 | 0.51"], [(None, "8.49", "0.51")]),
        (
            [
                "SUMME | 17,25",
                "MwSt % | Netto | MwSt | Brutto",
                "19,00% | 10,00 | 1,90 | 11,90",
                "7% | 5,00 | 0,35 | 5,35",
                "Total | 15,00 | 2,25 | 17,25",
            ],
            [("19", "10.00", "1.90"), ("7", "5.00", "0.35")],
        ),
        (["MwSt % | Brutto | Netto | MwSt", "19% | 11,90 | 10,00 | 1,90"], [("19", "10.00", "1.90")]),
        (["VAT rate | Gross | VAT", "20% | 12.00 | 2.00"], [("20", "10.00", "2.00")]),
        (
            ["Subtotal | 20.00", "VAT 20% | 3.00", "VAT 5% | 0.25", "TOTAL | 23.25"],
            [("20", None, "3.00"), ("5", None, "0.25")],
        ),
        (["TVA 5,5% | 0,55", "TOTAL TTC | 10,55"], [("5.5", None, "0.55")]),
        (["SUBTOTAL | 10.00", "SALES TAX 8.25% | 0.83", "TOTAL | 10.83"], [("8.25", None, "0.83")]),
        (["GST Payable | 2.40", "TOTAL | 42.40"], [(None, None, "2.40")]),
        (["Bread | 5.00", "TOTAL | 5.00"], []),
        (["GST 6% | 0.00", "TOTAL | 5.00"], []),
    ],
)
def test_taxes_are_read(rows: list[str], found: list[Tax]) -> None:
    assert taxes(*rows) == found


def test_a_tax_says_where_it_stands() -> None:
    (tax,) = read("CORNER SHOP", "Bread | 10.00", "VAT 20% | 2.00", "TOTAL | 12.00").taxes
    assert tax.box is not None
    assert 0.3 < tax.box.top < 0.9


def test_there_are_never_more_than_a_few() -> None:
    assert len(taxes(*(f"VAT {rate}% | {rate}.00" for rate in range(1, 60)))) <= 12
