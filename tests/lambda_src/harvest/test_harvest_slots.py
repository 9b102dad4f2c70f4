"""Slots keep every limit at once, whatever is asked of them in whatever order."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from harvest.adaptive import Found, adapted
from harvest.limits import Adaptive, Declaration
from harvest.settings import Pacing
from harvest.slots import Slots, Timeline

PACING = Pacing(clock_ms=4, way_ms=12, tolerance_ms=10)  # J is 30 ms
LEVELS = ("hosts", "data")


def slots_of(*limits: dict[str, Any], used: Any = None, **more: Any) -> Slots:
    return Slots(Declaration.model_validate({"limits": limits, **more}), PACING, {} if used is None else used)


def test_a_timeline_gives_no_two_slots_closer_than_its_step() -> None:
    rng = random.Random(3)
    line = Timeline(10)
    taken: list[float] = []
    for _ in range(300):
        at = line.free(rng.uniform(0, 1500))
        line.take(at)
        taken.append(at)
    assert min(b - a for a, b in pairwise(sorted(taken))) >= 10 - 0.001
    assert line.free(min(taken) - 20) == min(taken) - 20
    line.forget(1000)
    assert line.free(1000) >= 1000


@pytest.mark.parametrize("seed", range(20))
def test_every_limit_holds_however_calls_come_late(seed: int) -> None:
    """Each call comes at its slot, or so much later as J allows: still no window holds too many."""
    rng = random.Random(seed)
    second, minute = rng.randint(5, 60), rng.randint(60, 600)
    given: dict[str, Any] = {"calls": rng.randint(2, 20), "seconds": 1, "per": "endpoint", "levels": ["hosts"]}
    slots = slots_of({"calls": second, "seconds": 1}, {"calls": minute, "seconds": 60}, given)
    now, found = 0.0, list[tuple[float, str]]()
    while now < 30_000:
        level = rng.choice(LEVELS)
        some = slots.give("r", level, rng.randint(1, 25), start=now + 700, horizon=now + 1700)
        found += [(slot + rng.uniform(0, 30), level) for slot in some or ()]
        now += rng.choice((0, 0, 250))
        slots.forget(now)
    assert _most_in(1000, [at for at, _ in found]) <= second
    assert _most_in(60_000, [at for at, _ in found]) <= minute
    assert _most_in(1000, [at for at, level in found if level == "hosts"]) <= given["calls"]
    assert slots.granted >= max(at for at, _ in found) - 30


def _most_in(ms: float, times: list[float]) -> int:
    times, first, most = sorted(times), 0, 0
    for index, at in enumerate(times):
        while times[first] <= at - ms:
            first += 1
        most = max(most, index - first + 1)
    return most


def test_no_slot_is_given_before_its_time_nor_beyond_the_horizon() -> None:
    slots = slots_of({"calls": 10, "seconds": 1})
    first = slots.give("r", "data", 5, start=1000, horizon=2000)
    assert first is not None
    assert first[0] == 1000
    assert slots.give("r", "data", 30, start=1000, horizon=2000) is not None, "it begins before"
    assert slots.give("r", "data", 1, start=1000, horizon=2000) is None
    assert slots.is_full(1000, 2000)
    assert not slots.is_full(1000, 20_000)


@pytest.mark.parametrize("seed", range(10))
def test_a_budget_is_kept_in_each_window_and_used_up(seed: int) -> None:
    rng = random.Random(seed)
    day: dict[str, Any] = {"calls": 40, "seconds": 10, "kind": "budget", "offset_seconds": rng.choice((0, 3))}
    used: dict[str, dict[int, int]] = {}
    now, found = 0.0, list[float]()
    while now < 60_000:
        slots = slots_of({"calls": 20, "seconds": 1}, day, used=used)  # another turn each time
        some = slots.give("r", "data", rng.randint(1, 9), start=max(now, *found, 0) + 60, horizon=now + 1700)
        found += some or []
        now += 100
    days = Counter(int((at / 1000 - day["offset_seconds"]) // 10) for at in found for at in (at - 29, at + 29))
    assert max(days.values()) <= 2 * 40
    whole = [n for window, n in sorted(days.items())[1:-1]]
    assert min(whole) == 2 * 40, "each whole window is used up, and none but by calls of its own"
    assert all(len(windows) <= 2 for windows in used.values())


def test_a_budgets_rest_is_used_by_a_part_of_a_parcel() -> None:
    slots = slots_of({"calls": 20, "seconds": 1}, {"calls": 7, "seconds": 100, "kind": "budget"})
    first = slots.give("r", "data", 5, start=1000, horizon=9000)
    rest = slots.give("r", "data", 5, start=1000, horizon=9000)
    assert first is not None
    assert rest is not None
    assert (len(first), len(rest)) == (5, 2)
    assert slots.give("r", "data", 5, start=1000, horizon=9000) is None
    assert slots.next_window(5000) == 100_000
    later = slots.give("r", "data", 5, start=1000, horizon=101_000)
    assert later is not None
    assert later[0] >= 100_000 + 30


def test_a_budget_of_an_endpoint_is_its_own() -> None:
    budget = {"calls": 3, "seconds": 100, "kind": "budget", "per": "endpoint"}
    slots = slots_of({"calls": 20, "seconds": 1}, budget)
    for level in LEVELS:
        some = slots.give("r", level, 3, start=1000, horizon=9000)
        assert some is not None
        assert len(some) == 3
    assert slots.give("r", "data", 1, start=1000, horizon=9000) is None


def test_a_runs_own_rate_spaces_its_own_calls_only() -> None:
    slots = slots_of({"calls": 100, "seconds": 1})
    slow = slots.give("slow", "data", 3, start=1000, horizon=9000, rate=2)
    fast = slots.give("fast", "data", 20, start=1000, horizon=9000)
    assert slow is not None
    assert fast is not None
    assert [b - a for a, b in pairwise(slow)] == pytest.approx([500, 500])
    assert fast[-1] < slow[1], "between them"


def test_a_limit_of_calls_at_a_time_spaces_each_parcel() -> None:
    slots = slots_of(concurrency=2, latency_ms=300)
    some = slots.give("r", "data", 3, start=1000, horizon=9000)
    assert some == [1000, 1300, 1600]


AT = 1_795_000_000_000
ADAPTIVE = Adaptive(start=40, least=3, most=50, window_seconds=10)


def test_an_adaptive_rate_is_halved_once_a_window_and_grows_in_clean_ones() -> None:
    found = adapted(ADAPTIVE, None, 0, AT)
    assert found.rate == 40
    found = adapted(ADAPTIVE, found, 3, AT + 1000)
    assert found.rate == 20
    found = adapted(ADAPTIVE, found, 9, AT + 5000)
    assert found.rate == 20, "those were under way"
    assert adapted(ADAPTIVE, found, 9, AT + 14_999).rate == 20
    found = adapted(ADAPTIVE, found, 9, AT + 15_000)
    assert found.rate == pytest.approx(21)
    found = adapted(ADAPTIVE, found, 10, AT + 15_100)
    assert found.rate == pytest.approx(10.5), "at once, though the window is new"


def test_an_adaptive_rate_has_its_bounds() -> None:
    assert adapted(ADAPTIVE, Found(49.9, 0, -10_000, 0), 0, 10_000).rate == 50
    assert adapted(ADAPTIVE, Found(4, 0, -10_000, 0), 1, 10_000).rate == 3
