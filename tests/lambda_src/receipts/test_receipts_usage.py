"""What a customer may send in a day, in the units that cost, and who came first."""

from receipts.usage import First, OverLimit
from tests.lambda_src.receipts.tables import CUSTOMER, LIMITS, NOW_US, SECOND, Tables

DAY = 86_400 * SECOND


def test_each_mark_is_charged_once(tables: Tables) -> None:
    for _ in range(3):
        assert tables.usage.charge(CUSTOMER, NOW_US, "a", batches=1, files=90, bytes=1) is None
    assert tables.usage.charge(CUSTOMER, NOW_US, "b", batches=1, files=10, bytes=1) is None
    assert tables.usage.charge(CUSTOMER, NOW_US, "c", files=1) == OverLimit("files", 100, 100)
    assert tables.usage.charge(CUSTOMER, NOW_US, "a", files=90) is None


def test_a_ceiling_that_is_passed_adds_nothing(tables: Tables) -> None:
    assert tables.usage.charge(CUSTOMER, NOW_US, "a", batches=1, bytes=LIMITS.bytes + 1) == OverLimit(
        "bytes", LIMITS.bytes, 0
    )
    assert tables.usage.charge(CUSTOMER, NOW_US, "a", batches=1, bytes=LIMITS.bytes) is None
    assert tables.usage.charge(CUSTOMER, NOW_US, "b", batches=1, bytes=1) == OverLimit(
        "bytes", LIMITS.bytes, LIMITS.bytes
    )
    for mark in ("c", "d"):
        assert tables.usage.charge(CUSTOMER, NOW_US, mark, batches=1) is None
    assert tables.usage.charge(CUSTOMER, NOW_US, "e", batches=1) == OverLimit("batches", 3, 3)


def test_every_customer_and_every_day_has_its_own(tables: Tables) -> None:
    for customer, at in ((CUSTOMER, NOW_US), ("other", NOW_US), (CUSTOMER, NOW_US + DAY)):
        assert tables.usage.charge(customer, at, "a", files=100) is None
        assert tables.usage.charge(customer, at, "b", files=1)


def test_pixels_are_held_below_theirs(tables: Tables) -> None:
    assert tables.usage.charge_pixels(CUSTOMER, NOW_US, 9_999_999) is None
    assert tables.usage.charge_pixels(CUSTOMER, NOW_US, 2) == OverLimit("pixels", 10_000_000, 9_999_999)
    assert tables.usage.charge_pixels(CUSTOMER, NOW_US, 1) is None
    assert tables.usage.charge(CUSTOMER, NOW_US, "a", files=1) is None


def test_the_first_with_a_fingerprint_stays_the_first(tables: Tables) -> None:
    first, other = First("a" * 32, "b" * 26), First("c" * 32, "d" * 26)
    assert tables.usage.first_with(CUSTOMER, "f", first, NOW_US) == first
    assert tables.usage.first_with(CUSTOMER, "f", other, NOW_US) == first
    assert tables.usage.first_with("another", "f", other, NOW_US) == other
    assert tables.usage.first_with(CUSTOMER, "g", other, NOW_US) == other


def test_a_days_row_goes_away_by_itself(tables: Tables) -> None:
    tables.usage.charge(CUSTOMER, NOW_US, "a", files=1)
    key = {"customer_id": {"S": CUSTOMER}, "period": {"S": "day#2026-11-21"}}
    row = tables.client.get_item(TableName="usage", Key=key)["Item"]
    assert int(row["ttl"]["N"]) == NOW_US // SECOND + 3 * 86_400
