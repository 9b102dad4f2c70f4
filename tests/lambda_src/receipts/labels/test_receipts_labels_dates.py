"""The date: however it is printed and glued; one that may be two days stays both."""

from __future__ import annotations

from typing import Any

import pytest

from receipts import labels
from receipts.fields import Field, Hints
from tests.lambda_src.receipts.labels import paper
from tests.lambda_src.receipts.labels.paper import SHOP, opinion, read

PLAIN = ("CORNER SHOP", "Somewhere 4")  # nothing that names a country
PAID = ("TOTAL | 10.00", "VISA | 10.00")


def date(*rows: str, hints: Hints | None = None, shop: tuple[str, ...] = PLAIN, **how: Any) -> Field:
    return read(*shop, *rows, *PAID, hints=hints, **how).date


@pytest.mark.parametrize(
    ("row", "day"),
    [
        ("Date: 31/12/2018", "2018-12-31"),
        ("31-12-18 18:52 SH01 ZT09", "2018-12-31"),
        ("19-05-201812:46:58", "2018-05-19"),
        ("27/05/20188:07 PM", "2018-05-27"),
        ("28-12-1710:23", "2017-12-28"),
        ("DATE31/12/2018", "2018-12-31"),
        ("#19-31/12/2018 11:59:48", "2018-12-31"),
        ("INV/DATE:K074-001096(16/12/2016)", "2016-12-16"),
        ("2018-03-04T10:22:00", "2018-03-04"),
        ("2018/03/04", "2018-03-04"),
        ("2018.03.0412:30", "2018-03-04"),
        ("24 Mar 2018 18:23", "2018-03-24"),
        ("24MAR2018", "2018-03-24"),
        ("05-AUG-2017", "2017-08-05"),
        ("15 0ct 2026", "2026-10-15"),
        ("15 JU1 2026", "2026-07-15"),
        ("5 Aug '17", "2017-08-05"),
        ("Mar 4, 2018", "2018-03-04"),
        ("March 4th, 2018", "2018-03-04"),
        ("4. März 2018", "2018-03-04"),
        ("4 février 2018", "2018-02-04"),
        ("4 de marzo de 2018", "2018-03-04"),
        ("2018年3月4日", "2018-03-04"),
        ("04.03.2018", "2018-03-04"),
        ("04.03.18 14:22", "2018-03-04"),
        ("15 / 05 / 2017", "2017-05-15"),
        ("Date | 31/12/2018 | Time: | 11:42:00", "2018-12-31"),
        ("３１/１２/２０１８", "2018-12-31"),
        ("31/12/2561", "2018-12-31"),
        ("17/12/25", "2025-12-17"),
    ],
)
def test_the_only_date_is_sure(row: str, day: str) -> None:
    found = date(row)
    assert (found.value, found.review, found.reason) == (day, False, "only-date")
    assert found.box is not None


@pytest.mark.parametrize(
    "row",
    [
        *("31/02/2018", "00/12/2018", "12:30:45", "03-7785 1234", "TEL 03-8090 2018", "45.50", "1-300-22-2828"),
        *("No. 9555067700208", "WA21-12/3-70", "HA06HD01-3 - 70", "192.168.10.12", "12/2018", "99/99/9999", "1.2.3"),
        *("2 Set 25.90", "A 12/10 B", "GST 06.00%", "31/12/3018", "31/12/1918", "Il/lO/2OI8"),
    ],
)
def test_what_is_no_date_is_none(row: str) -> None:
    found = date(row)
    assert (found.value, found.review, found.reason) == (None, True, "no-date")


def test_letters_in_a_date_are_read_and_marked() -> None:
    found = date("3l/l2/2018")
    assert (found.value, found.review, found.reason) == ("2018-12-31", True, "unclear-print")


def test_a_date_that_the_reader_is_not_sure_of_is_marked() -> None:
    answer = paper.answer([*PLAIN, "31/12/2018", *PAID])
    for confidence, review in ((97.0, False), (80.0, True)):
        answer["ExpenseDocuments"][0]["Blocks"][2]["Confidence"] = confidence
        (found,) = labels.receipts_of(answer, Hints())
        assert (found.date.value, found.date.review) == ("2018-12-31", review)


@pytest.mark.parametrize("row", ["03/04/2018", "03/04/18", "3-4-2018", "Date: 03/04/2018 12:30"])
def test_day_and_month_that_may_be_either_stay_both(row: str) -> None:
    found = date(row)
    assert (found.review, found.reason) == (True, "ambiguous-day-and-month")
    assert {found.value, *found.alternatives} == {"2018-04-03", "2018-03-04"}


@pytest.mark.parametrize(
    ("hints", "rows", "shop", "day"),
    [
        (Hints(day_first=True), [], PLAIN, "2018-04-03"),
        (Hints(day_first=False), [], PLAIN, "2018-03-04"),
        (Hints(country="US"), [], PLAIN, "2018-03-04"),
        (Hints(country="GB"), [], PLAIN, "2018-04-03"),
        (None, ["GST summary printed 25/04/2018"], PLAIN, "2018-04-03"),
        (None, [], ("MAPLE DINER", "Austin, TX 78701"), "2018-03-04"),
        (None, [], ("KEDAI MAJU SDN BHD", "Jalan Besar"), "2018-04-03"),
        (None, [], ("CAFE", "London SW1A 2AA"), "2018-04-03"),
        (Hints(day_first=False), [], ("KEDAI MAJU SDN BHD", "Jalan Besar"), "2018-03-04"),
    ],
)
def test_what_decides_between_day_and_month(
    hints: Hints | None, rows: list[str], shop: tuple[str, ...], day: str
) -> None:
    found = date("Date: 03/04/2018 12:30", *rows, hints=hints, shop=shop)
    assert found.value == day
    assert found.reason != "ambiguous-day-and-month"
    if not rows:
        assert not found.review


def test_a_country_that_writes_both_ways_decides_nothing() -> None:
    assert date("03/04/2018", hints=Hints(country="CA")).reason == "ambiguous-day-and-month"


def test_the_same_day_written_out_decides() -> None:
    found = date("03/04/2018", "4 Mar 2018")
    assert (found.value, found.review, found.reason) == ("2018-03-04", False, "printed-twice")


def test_several_dates_are_marked_and_all_kept() -> None:
    found = date("31/12/2018", "29/12/2018")
    assert (found.review, found.reason) == (True, "several-dates")
    assert {found.value, *found.alternatives} == {"2018-12-31", "2018-12-29"}


@pytest.mark.parametrize(
    "row",
    [
        *("EXP DATE: 30/11/2019", "Valid until 30/11/2019", "DUE DATE | 30/11/2019", "Member since 30/11/2009"),
        *("Best before 30/11/2019", "GST effective 30/11/2019", "Return by 30/11/2019", "Offer ends 30/11/2019"),
    ],
)
def test_the_date_of_another_thing_is_not_the_receipts(row: str) -> None:
    found = date("Date: 31/12/2018 12:30", row)
    assert (found.value, found.review) == ("2018-12-31", False)


def test_a_date_alone_that_is_of_another_thing_is_marked() -> None:
    found = date("Valid until 30/11/2019")
    assert (found.value, found.review) == ("2019-11-30", True)


def test_printed_twice_is_surer_than_once() -> None:
    once, twice = date("31/12/2018"), date("31/12/2018 11:10", "Closed: 31-12-2018 12:41:00")
    assert twice.reason == "printed-twice"
    assert twice.confidence > once.confidence


def test_a_year_of_two_digits_that_may_be_first_is_marked() -> None:
    found = date("18/03/05")
    assert found.review
    assert "2018-03-05" in {found.value, *found.alternatives}


def test_the_readers_own_date_is_a_second_opinion() -> None:
    agrees = date("31/12/2018", fields=[opinion("INVOICE_RECEIPT_DATE", "12/31/2018")])
    assert (agrees.value, agrees.review) == ("2018-12-31", False)
    differs = date("31/12/2018", fields=[opinion("INVOICE_RECEIPT_DATE", "30/12/2018")])
    assert (differs.value, differs.reason) == ("2018-12-31", "readers-disagree")
    alone = date("nothing", fields=[opinion("INVOICE_RECEIPT_DATE", "30/12/2018")])
    assert (alone.value, alone.review) == ("2018-12-30", True)


def test_dates_of_the_shop_address_do_not_count() -> None:
    found = read(*SHOP, "Lot 12/10, Jalan 3/4A", "Date: 31/12/2018", *PAID).date
    assert (found.value, found.reason) == ("2018-12-31", "only-date")
