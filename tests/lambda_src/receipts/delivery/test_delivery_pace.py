"""The pace of a lane, with numbers."""

import pytest

from receipts.delivery.pace import Budget, Pace, left_off

BUDGET = Budget(most_rows=200, latency_ms=250, most_rest_ms=1_000)


def paces(pace: Pace, *latencies: float) -> list[tuple[int, int]]:
    """Rows and rest after each of these full transactions."""
    found = []
    for latency in latencies:
        pace = pace.after(latency, pace.rows, BUDGET)
        found.append((pace.rows, pace.rest_ms))
    return found


def test_it_doubles_until_the_first_that_is_slow_and_then_adds() -> None:
    assert paces(Pace(), 5, 5, 5, 300, 5, 5) == [(20, 0), (40, 0), (80, 0), (40, 100), (50, 0), (60, 0)]
    assert paces(Pace(), *[5] * 6)[-1] == (200, 0), "no more than the most"


def test_a_slow_one_turns_both_knobs_at_once() -> None:
    slow = paces(Pace(160), *[251] * 7)
    assert slow == [(80, 100), (40, 200), (20, 400), (10, 800), (10, 1_000), (10, 1_000), (10, 1_000)]


def test_the_rest_ends_slowly() -> None:
    rests = [rest for _, rest in paces(Pace(10, 1_000, doubles=False), *[5] * 12)]
    assert rests == [800, 640, 512, 409, 327, 261, 208, 166, 132, 105, 84, 0]


def test_exactly_the_budget_is_within_it() -> None:
    assert Pace().after(250, 10, BUDGET) == Pace(20)


def test_a_transaction_that_was_not_full_says_nothing_of_larger_ones() -> None:
    assert Pace(40, 500).after(5, 39, BUDGET) == Pace(40, 400)
    assert Pace(40).after(300, 1, BUDGET) == Pace(20, 100, doubles=False), "but one that is slow is slow"


@pytest.mark.parametrize(
    ("carried", "expected"),
    [
        ((None, None), Pace(10)),
        ((40, 300), Pace(40, 300, doubles=False)),
        ((10_000, 9_999_999), Pace(200, 1_000, doubles=False)),
        ((1, None), Pace(10, 0, doubles=False)),
    ],
)
def test_a_tick_carries_the_pace_on(carried: tuple[int | None, int | None], expected: Pace) -> None:
    assert left_off(*carried, BUDGET) == expected


def test_a_budget_of_few_rows_holds_from_the_start() -> None:
    few = Budget(most_rows=3)
    assert left_off(None, None, few) == Pace(3)
    assert Pace(3).after(5, 3, few).rows == 3
    assert Pace(3).after(9_999, 3, few).rows == 3
