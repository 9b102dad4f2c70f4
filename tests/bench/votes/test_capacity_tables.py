"""Tables' capacity against closed forms and AWS's rules."""

import random

import pytest

from tools.bench.votes.capacity import facts
from tools.bench.votes.capacity.settings import Units
from tools.bench.votes.capacity.tables import Capacity, Partition, Tables


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
    table.advance(401)
    for second in range(401, 800):
        table.take(second, 5_000)
    assert table.limit == 1_000


def test_a_partition_takes_its_own_units_a_second_and_a_second_at_once() -> None:
    partition = Partition(1_000.0)
    assert partition.take(0, 1_000) == (0, 0)
    assert partition.take(0.5, 1_000) == (0.5, 500)
    assert partition.take(60, 1_000) == (0, 0), "what is not used is not kept"


def test_a_hot_key_waits_where_the_table_bears_more() -> None:
    tables = Tables({"journal write": Units(40_000.0), "journal read": Units(40_000.0)})
    spread = {str(shard): 500.0 for shard in range(4)}
    assert tables.take(0, {"journal write": 2_000}, {"journal write": spread}) == (0, "")
    hot = {"journal write": {"0": 2_500.0}}
    assert tables.take(0, {"journal write": 2_500}, hot) == (2, "journal write, one partition")
    assert tables.throttled_keys == {"journal write": 2_000}
    assert tables.by_name["journal write"].throttled == 0
    assert tables.take(0, {"journal read": 2_500}, {"journal read": {"0": 2_500.0}}) == (0, ""), "a read costs less"
