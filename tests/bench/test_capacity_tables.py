"""Tables' capacity against closed forms and AWS's rules."""

import random

import pytest

from bench.capacity import facts
from bench.capacity.setting import Units
from bench.capacity.tables import Capacity


def test_a_single_server_queues_as_m_d_1_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poisson arrivals, equal jobs: the mean time in the system is s + ρs / 2(1 - ρ)."""
    monkeypatch.setattr(facts, "BURST_SECONDS", 0.0)
    rng, at, waits = random.Random(1), 0.0, []
    server, job, load = Capacity(Units(100.0, 100.0)), 0.1, 0.8
    for _ in range(60_000):
        at += rng.expovariate(load / job)
        waits.append(server.take(at, 100 * job))
    assert sum(waits) / len(waits) == pytest.approx(job + load * job / (2 * (1 - load)), rel=0.05)


def test_what_comes_too_fast_waits_ever_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """150 units a second where 100 are borne: after T seconds the wait is T / 2."""
    monkeypatch.setattr(facts, "BURST_SECONDS", 0.0)
    server = Capacity(Units(100.0, 100.0))
    waits = [server.take(second, 150) for second in range(101)]
    assert waits[100] - waits[0] == pytest.approx(50)


def test_unused_capacity_is_kept_for_five_minutes() -> None:
    server = Capacity(Units(10.0, 10.0))
    assert server.take(0, 3_000) == 0
    assert server.take(0, 10) == 1
    on_demand = Capacity(Units(10.0))
    assert on_demand.take(0, 3_000) == pytest.approx(299)  # a second's worth
    assert on_demand.throttled == 2_990


def test_on_demand_bears_twice_the_peak_of_half_an_hour_ago() -> None:
    table = Capacity(Units(4_000.0))
    for second in range(1_860):
        table.take(second, 3_000)
    assert table.limit == 4_000
    for second in range(1_860, 1_990):
        table.take(second, 3_000)
    assert table.limit == pytest.approx(6_000)
    assert table.throttled == 0


def test_autoscaling_takes_two_minutes_above_the_target_and_its_own_time() -> None:
    table = Capacity(Units(100.0, 1_000.0, 70.0))
    limits = {}
    for second in range(400):
        table.take(second, 140)
        limits[second] = table.limit
    assert limits[179] == 100
    assert limits[181] == pytest.approx(200)  # 140 a second are 70 % of it
    table.look(401)
    for second in range(401, 800):
        table.take(second, 5_000)
    assert table.limit == 1_000
