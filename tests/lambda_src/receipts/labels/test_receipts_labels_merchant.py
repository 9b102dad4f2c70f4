"""The merchant: the company that the head names, as it is written, without what is glued to it."""

from __future__ import annotations

from typing import Any

import pytest

from receipts import labels
from receipts.fields import Field, Hints
from receipts.labels.names import cleaned, key
from tests.lambda_src.receipts.labels import paper
from tests.lambda_src.receipts.labels.paper import opinion, read

FOOT = ("Date: 31/12/2018", "Bread | 10.00", "TOTAL | 10.00", "VISA | 10.00")


def merchant(*head: str, foot: tuple[str, ...] = FOOT, **how: Any) -> Field:
    return read(*head, *foot, **how).merchant


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (["NORTHGATE TRADING LTD", "Mill Road 4"], "NORTHGATE TRADING LTD"),
        (
            ["KIKU JAPANESE RESTAURANT", "TK DIVISION KITCHEN SDN BHD", "1202152-P", "19-1, JALAN MALINJA"],
            "TK DIVISION KITCHEN SDN BHD",
        ),
        (["GREEN FIELD BAKERIES (KL) SDN BHD (139386 X)", "Lot 3, Jalan Pelabur"], "GREEN FIELD BAKERIES (KL) SDN BHD"),
        (["Broadway Marketing Sdn Bhd (728384-M)", "No. 9-G, Jalan Dinar"], "Broadway Marketing Sdn Bhd"),
        (["URBAN 1DEA SDN BHD (417940-M),", "A-G-06, DATARAN GLOMAC"], "URBAN IDEA SDN BHD"),
        (["HARBOUR BOOK", "CO. (M) SDN BHD", "(Co. No. 113825-W)"], "HARBOUR BOOK CO. (M) SDN BHD"),
        (
            ["OLD TOWN HARDWARE", "ENTERPRISE (SETIA", "ALAM) SDN BHD", "822737-X"],
            "OLD TOWN HARDWARE ENTERPRISE (SETIA ALAM) SDN BHD",
        ),
        (
            ["tan ah kow", "SOON LEE MACHINERY ENTERPRISE", "(JM0352019-K)", "NO.53 JALAN PUTRA 1"],
            "SOON LEE MACHINERY ENTERPRISE",
        ),
        (["IKEA", "Store 123", "Mill Road 4"], "IKEA"),
        (["blue paper", "RED LANTERN", "(JM0352019-K)", "NO.53 JALAN PUTRA 1"], "RED LANTERN"),
        (["31803033", "CITY TOOLS (M) SDN BHD", "(CO.REG : 860671-D)"], "CITY TOOLS (M) SDN BHD"),
        (["98 QUICK MART 5/B (519537-X)", "LOT P.T. 2811, JALAN ANGSA"], "98 QUICK MART S/B"),
        (["WELCOME", "CORNER CAFE", "Tel: 03-1234 5678"], "CORNER CAFE"),
        (["TAX INVOICE", "Bäckerei Öhlmann GmbH", "80331 München"], "Bäckerei Öhlmann GmbH"),
        (
            [
                "Oilwell Mill Road 2",
                "LOT PTD 1051",
                "Jalan Dinar 10",
                "81750 Masai",
                "Blue Fuel Enterprise",
                "CO. REG. NO: 001011128-T",
            ],
            "Blue Fuel Enterprise",
        ),
        (["BILLION TREES ENTERPRISE | P)", "NO 3, JALAN TAMAN JASA"], "BILLION TREES ENTERPRISE"),
    ],
)
def test_the_name_is_right(head: list[str], name: str) -> None:
    found = merchant(*head)
    assert found.value is not None
    assert key(found.value) == key(name), found


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("ACME SDN BHD (728384-M)", "ACME SDN BHD"),
        ("ACME LTD. Co. Reg. No: 12345678", "ACME LTD"),
        ("** ACME STORES **", "ACME STORES"),
        ("ACME SDN BHD (1U79369-P)", "ACME SDN BHD"),
        ("STUDIO 54", "STUDIO 54"),
        ("7-ELEVEN", "7-ELEVEN"),
        ("B0OK SHOP", "BOOK SHOP"),
        ("FORUM 2000", "FORUM 2000"),
        ("ACME SDN BHU", "ACME SDN BHD"),
        ("BLUE CONFECTIUNERY", "BLUE CONFECTIONERY"),
        ("BLUE STATIONARY", "BLUE STATIONARY"),
        ("BLUE MARKETINGS", "BLUE MARKETINGS"),
    ],
)
def test_what_is_cleaned_off_a_name(printed: str, name: str) -> None:
    assert key(cleaned(printed)) == key(name)


def test_names_are_compared_without_case_accents_blanks_and_marks() -> None:
    assert key("Café Ann's (KL) Sdn. Bhd.") == key("CAFE ANNS KL SDN BHD")
    assert key("Café") != key("Cave")
    assert key(" -- ") == ""


def test_a_company_is_sure_and_a_line_at_the_top_is_not() -> None:
    assert merchant("NORTHGATE TRADING LTD", "Mill Road 4").review is False
    top = merchant("Blue Heron", "Mill Road 4")
    assert (top.value, top.review, top.reason) == ("Blue Heron", True, "top-line-alone")


def test_a_name_that_is_printed_again_is_sure() -> None:
    found = merchant("Blue Heron", "Mill Road 4", foot=(*FOOT, "Thank you for shopping at Blue Heron"))
    assert (found.value, found.review, found.reason) == ("Blue Heron", False, "printed-twice")


def test_two_companies_are_marked_and_both_kept() -> None:
    found = merchant("ALPHA FOODS LTD", "Mill Road 4", "BETA FOODS LTD", "Lake Road 5")
    assert found.review
    assert {found.value, *found.alternatives} == {"ALPHA FOODS LTD", "BETA FOODS LTD"}


def test_a_brand_that_begins_as_its_company_does_is_kept_with_it_and_marked() -> None:
    found = merchant("OSAKA KITCHEN (CITTA MALL)", "OSAKA KITCHEN SDN BHD", "(945402-P)", "G-26, GRD FLOOR")
    assert (found.value, found.review) == ("OSAKA KITCHEN (CITTA MALL) OSAKA KITCHEN SDN BHD", True)
    assert found.reason == "brand-and-company"
    assert {"OSAKA KITCHEN SDN BHD", "OSAKA KITCHEN (CITTA MALL)"} <= set(found.alternatives)


def test_a_name_that_the_reader_is_not_sure_of_is_marked() -> None:
    answer = paper.answer(["NORTHGATE TRADING LTD", "Mill Road 4", *FOOT])
    answer["ExpenseDocuments"][0]["Blocks"][0]["Confidence"] = 70.0
    (found,) = labels.receipts_of(answer, Hints())
    assert (found.merchant.value, found.merchant.reason) == ("NORTHGATE TRADING LTD", "unclear-print")


def test_a_company_that_is_billed_is_not_the_shop() -> None:
    found = merchant("ALPHA FOODS LTD", "Mill Road 4", "Date: 31/12/2018", "BETA FOODS LTD", "Lake Road 5")
    assert found.value == "ALPHA FOODS LTD"


def test_the_readers_own_name_is_a_second_opinion() -> None:
    agrees = merchant("Blue Heron", "Mill Road 4", fields=[opinion("VENDOR_NAME", "BLUE HERON")])
    assert (agrees.value, agrees.review, agrees.reason) == ("Blue Heron", False, "two-readers")
    differs = merchant("Blue Heron", "Mill Road 4", fields=[opinion("VENDOR_NAME", "Red Fox")])
    assert (differs.review, differs.reason) == (True, "readers-disagree")
    assert "Red Fox" in {differs.value, *differs.alternatives}


def test_no_name_is_marked() -> None:
    found = read("12345", "Tel 03-1234", "TOTAL | 1.00").merchant
    assert (found.value, found.review, found.reason) == (None, True, "no-merchant")


def test_a_name_says_where_it_stands() -> None:
    found = merchant("NORTHGATE TRADING LTD", "Mill Road 4")
    assert found.box is not None
    assert found.box.top < 0.2
