"""How much of what is permitted was made, from the times of calls."""

from __future__ import annotations

import pytest

from tools.traffic.harvest import picture, rates
from tools.traffic.harvest.rates import Permitted, Stretch

STEP = 0.02  # 50 a second


def permitted(*steps: tuple[float, float]) -> Permitted:
    found = Permitted()
    for at, rate in steps:
        found.set(at, rate)
    return found


def even(begin: float, seconds: float, step: float = STEP) -> list[float]:
    return [begin + number * step for number in range(int(seconds / step))]


def test_what_is_permitted_adds_up_over_a_changed_rate() -> None:
    found = permitted((0.0, 50.0), (10.0, 25.0), (20.0, 50.0))
    assert found.calls(Stretch(5.0, 30.0)) == pytest.approx(250 + 250 + 500)
    assert [found.at(time) for time in (-1.0, 0.0, 15.0, 20.0)] == [0.0, 50.0, 25.0, 50.0]


def test_half_of_the_rate_is_half_of_the_share() -> None:
    found = rates.made(even(0.0, 100.0, 2 * STEP), permitted((0.0, 50.0)), Stretch(10.0, 90.0))
    assert found.share == pytest.approx(0.5, abs=0.001)


def test_a_gap_counts_neither_its_time_nor_its_calls() -> None:
    arrivals = [*even(0.0, 30.0), 40.0, *even(60.0, 30.0)]
    gap = rates.gap_after(arrivals, permitted((0.0, 50.0)), 30.0)
    assert gap == Stretch(30.0, 60.0), "a single call in it does not end it"
    allowed = permitted((0.0, 50.0))
    assert rates.made(arrivals, allowed, Stretch(0.0, 90.0), [gap]).share == pytest.approx(1.0, abs=0.001)
    assert rates.made(arrivals, allowed, Stretch(0.0, 90.0)).share == pytest.approx(0.667, abs=0.001)


def test_the_gap_lasts_to_the_end_where_nothing_comes_back() -> None:
    arrivals = [*even(0.0, 30.0), 40.0, 50.0]
    assert rates.gap_after(arrivals, permitted((0.0, 50.0)), 30.0) == Stretch(30.0, 50.0)


def test_there_is_work_between_the_first_and_the_last_hundred_calls() -> None:
    slow_begin, slow_end = even(0.0, 50.0, 0.5), even(100.0, 50.0, 0.5)
    arrivals = [*slow_begin, *even(50.0, 50.0), *slow_end]
    assert rates.made(arrivals, permitted((0.0, 50.0)), rates.fed(arrivals)).share == pytest.approx(1.0, abs=0.01)
    assert rates.made(arrivals, permitted((0.0, 50.0)), rates.whole(arrivals)).share < 0.4


def test_calls_by_second_and_in_blocks() -> None:
    bins = picture.rates([10.1, 10.2, 11.9, 99.0], 10.0, 3.0)
    assert [(one.seconds, one.depths["calls"]) for one in bins] == [(0.0, 2), (1.0, 1), (2.0, 0), (3.0, 0)]
    assert len(picture.lines(bins, bins, ())) == 4
