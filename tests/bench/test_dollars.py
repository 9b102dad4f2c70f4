"""The price list, and units turned into dollars."""

from collections import Counter
from datetime import date

import pytest

from tools.bench import dollars
from tools.bench.run import Run
from tools.simulation.aws.meter import Meter


def test_every_price_says_what_it_is_where_it_was_seen_and_when() -> None:
    prices = dollars.prices()
    for one in [*prices["dollars"].values(), *prices["monthly"].values()]:
        assert one["what"]
        assert one["seen"]
        assert date(2026, 11, 1) <= date.fromisoformat(one["read_on"]) <= date.fromisoformat(prices["read_on"])


def test_past_a_tier_units_cost_less_and_the_first_ones_do_not() -> None:
    assert dollars.cost("api_requests", 300e6) == pytest.approx(300)
    assert dollars.cost("api_requests", 400e6) == pytest.approx(300 + 90)
    assert dollars.cost("api_requests", 100e6, times_a_month=4) == pytest.approx((300 + 90) / 4)
    assert dollars.cost("lambda_gb_seconds", 20e9) == pytest.approx(
        7.5e9 * 0.0000133334 + 11.25e9 * 0.0000120001 + 1.25e9 * 0.0000106667
    )
    for unit, one in dollars.prices()["dollars"].items():
        steps = [one["price"], *(step["price"] for step in one.get("then", ()))]
        assert steps == sorted(steps, reverse=True), unit
        assert dollars.cost(unit, 1) == pytest.approx(dollars.price(unit)), unit


def test_waiting_is_billed_by_the_memory_and_cpu_is_not() -> None:
    """A call of 0.316 ms on a whole core and 10 ms of waiting: what votes-receive does."""
    paid = {}
    for memory_mb in (256, 1024):
        meter = Meter("receive")
        meter.add("lambda_requests", 1_000_000)
        run = Run(
            "one", 1_000_000, meter, {"receive": memory_mb}, Counter({"receive": 316}), Counter({"receive": 10_000})
        )
        paid[memory_mb] = dollars.a_million(run)["Lambda"] - 0.20
    assert paid[1024] == pytest.approx(0.147, abs=0.001)
    assert paid[256] == pytest.approx(0.043, abs=0.001)


def test_what_the_door_costs_is_no_designs_choice() -> None:
    bill = dict.fromkeys(dollars.SERVICES, 1.0)
    assert dollars.behind_the_api(bill) == len(dollars.SERVICES) - len(dollars.OF_THE_DOOR)
