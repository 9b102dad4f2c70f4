"""Pause, rate, cancel, refusals, budgets and several limits at once, on a run in virtual time."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from statistics import median

import pytest

from tests.lambda_src.fakes import refusal
from tests.lambda_src.harvest.conftest import MakeWorld
from tests.lambda_src.harvest.paced import RUN, START, World
from tests.lambda_src.harvest.toy_vendor import SECOND, Vendor
from tests.lambda_src.harvest.toy_worker import ACCOUNT
from tools.simulation.aws.calls import Call

TEN = {"limits": [{"calls": 10, "seconds": 1}]}


def going(world_of: MakeWorld, limits: object = None, hosts: int = 40, **more: object) -> World:
    """A world in the middle of a run of some 200 calls."""
    world = world_of(Vendor({"a": hosts}, 4), limits or TEN, **more)
    world.begin()
    world.play(6)
    assert world.vendor.between(START + 5 * SECOND, world.stage.now) > 5
    return world


def lead(world: World, state: str, *of: str) -> None:
    assert world.runs.set_state(RUN, state, "", of=of)  # type: ignore[arg-type]
    world.wish()


def test_a_paused_run_is_quiet_soon_and_goes_on_where_it_was(world_of: MakeWorld) -> None:
    world = going(world_of)
    lead(world, "paused", "running")
    at = world.stage.now
    world.play(500)
    assert world.vendor.between(at + SECOND, world.stage.now) == 0, "quiet within a second"
    assert not world.stage.actors, "and nobody waits for it to go on"
    assert not world.accounts.get(ACCOUNT).misses_pacer(world.stage.now // 1000, 3000)
    lead(world, "running", "paused")
    at = world.stage.now
    world.play(5)
    assert world.vendor.between(at, at + 3 * SECOND) > 5
    world.finish()
    assert world.vendor.repeats == 0
    assert world.proven()


def test_who_resumes_in_the_instant_that_the_pacer_rests_is_not_missed(world_of: MakeWorld) -> None:
    world = going(world_of)
    lead(world, "paused", "running")

    def resume(call: object) -> None:
        if "asleep = :asleep" in str(call) and world.run().state == "paused":
            lead(world, "running", "paused")

    world.hooks["UpdateItem"] = resume
    world.finish(120)


def test_a_lower_rate_holds_within_five_seconds_and_a_higher_one_too(world_of: MakeWorld) -> None:
    world = going(world_of, hosts=80)
    assert world.runs.set_rate(RUN, 4)
    world.wish()
    at = world.stage.now
    world.play(20)
    slow = world.vendor.between(at + 2 * SECOND, at + 20 * SECOND) / 18
    assert 3.5 <= slow <= 4.1
    assert world.runs.set_rate(RUN, None)
    at = world.stage.now
    world.play(12)
    assert world.vendor.between(at + 5 * SECOND, at + 12 * SECOND) / 7 >= 9
    world.finish()
    assert world.vendor.repeats == 0


def test_a_cancelled_run_ends_and_its_account_rests(world_of: MakeWorld) -> None:
    world = going(world_of)
    lead(world, "cancelled", "running")
    at = world.stage.now
    world.play(30)
    assert world.vendor.between(at + SECOND, world.stage.now) == 0
    assert world.accounts.get(ACCOUNT).runs == ()
    assert not world.stage.actors
    assert "" not in world.stored


def test_a_refusal_slows_the_whole_fleet_and_fails_nothing(world_of: MakeWorld) -> None:
    world = going(world_of)
    world.vendor.closed = world.stage.now + 8 * SECOND
    at = world.stage.now
    world.finish(120)
    assert world.vendor.between(at + SECOND, at + 8 * SECOND) == 0, "a quarter second, and what is on the wire"
    run = world.run()
    assert run.state == "completed"
    assert 1 <= run.counts.throttled == world.vendor.refused <= 6
    assert world.proven().counts.failed == 0


def test_a_vendor_that_closes_for_an_hour_is_waited_for_asleep(world_of: MakeWorld) -> None:
    world = going(world_of)
    world.every_minute()
    world.vendor.closed = world.stage.now + 3600 * SECOND
    at = world.stage.now
    world.play(1800)
    assert not world.stage.actors
    pacers = world.pacers
    world.finish(4000)
    assert world.pacers <= pacers + 4
    assert world.vendor.between(at + SECOND, at + 3600 * SECOND) == 0
    assert world.vendor.between(at, at + 3603 * SECOND) > 5, "and goes on within seconds"
    assert world.run().counts.failed == 0


@pytest.mark.parametrize("kill", [False, True])
def test_a_budget_is_kept_over_midnight_whoever_paces(world_of: MakeWorld, kill: bool) -> None:
    budget = {"calls": 60, "seconds": 30, "kind": "budget"}
    world = world_of(Vendor({"a": 40}, 4), {"limits": [*TEN["limits"], budget]}, turn_seconds=8)
    world.begin()
    world.every_minute()
    if kill:
        for second in (7, 33, 50, 61, 64):
            world.at(second, lambda: world.kill("pace"))
    world.finish(900)
    days = Counter(at // (30 * SECOND) for at, _ in world.vendor.asked)
    assert max(days.values()) <= 60
    assert sorted(days.values())[-2] >= 40, "and used up"
    assert world.vendor.repeats == 0
    assert world.vendor.most_in(1) <= 10


def test_a_days_budget_lets_the_pacer_sleep_until_midnight(world_of: MakeWorld) -> None:
    budget = {"calls": 60, "seconds": 3600, "kind": "budget"}
    world = world_of(Vendor({"a": 20}, 3), {"limits": [*TEN["limits"], budget]})
    world.begin()
    world.every_minute()
    world.play(600)
    asked, pacers = len(world.vendor.asked), world.pacers
    assert 40 <= asked <= 60
    assert not world.stage.actors
    world.play(1500)
    assert (len(world.vendor.asked), world.pacers) == (asked, pacers)
    world.finish(7200)


def test_where_nothing_is_declared_the_rate_is_found(world_of: MakeWorld) -> None:
    adaptive = {"start": 40, "least": 1, "most": 100, "window_seconds": 2}
    world = world_of(Vendor({"a": 150}, 4, limit=12), {"adaptive": adaptive})
    world.begin()
    took = world.finish(900)
    run = world.run()
    assert run.state == "completed"
    assert 2 <= run.counts.throttled <= 0.1 * run.counts.calls
    assert (run.counts.calls - run.counts.throttled) / took > 4
    found = world.accounts.get(ACCOUNT).granted.found
    assert found is not None
    assert found.rate < 20
    late = sorted(at for at, _ in world.vendor.asked if at > START + took * SECOND / 2)
    assert median(b - a for a, b in pairwise(late)) > SECOND / 20, "half as often as at first"


def test_a_run_is_complete_once_store_knows_of_every_group(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 2, "b": 1}), TEN)
    world.begin()

    def refuse(call: Call) -> None:
        if call.params["QueueUrl"].endswith("store") and world.stage.now < START + 40 * SECOND:
            raise refusal("SendMessageBatch")

    world.hooks["SendMessageBatch"] = refuse
    assert world.finish(100) >= 40
    assert set(world.stored) >= {"a", "b"}
    world.play(5)
    assert world.stored[-1] == ""


def test_metrics_say_what_was_settled_and_how_much_of_the_rate_is_used(
    world_of: MakeWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")
    world = going(world_of, hosts=120, turn_seconds=120)
    world.play(36)
    world.runs.set_rate(RUN, 5)
    world.play(42)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    said = [line["RatePercent"][0] for line in lines if "RatePercent" in line]
    assert 70 <= said[0] <= 105, "ten a second, from the start on"
    assert 75 <= said[-1] <= 125, "the run's own rate is what it is permitted"
    assert sum(line["CallsSettled"][0] for line in lines if "CallsSettled" in line) > 150
    lead(world, "paused", "running")
    world.play(60)
    assert "RatePercent" not in capsys.readouterr().out


def test_a_limit_of_calls_at_a_time_is_kept(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 20, "b": 20}, 4, latency=(0.2, 0.4)), {"concurrency": 3, "latency_ms": 400})
    world.begin()
    world.finish(300)
    times = sorted(at for at, _ in world.vendor.asked)
    flying = max(sum(at <= other < at + 0.37 * SECOND for other in times) for at in times)
    assert flying <= 3, "each is begun when the one before had its time"
    middle = (len(times) - 40) / ((times[-20] - times[20]) / SECOND)
    assert middle > 0.6 * 3 / 0.4
    assert world.vendor.repeats == 0


def test_several_limits_hold_at_once_and_one_does_not_hold_up_the_others(world_of: MakeWorld) -> None:
    slow = {"calls": 3, "seconds": 1, "per": "endpoint", "levels": ["data-groups"]}
    world = world_of(Vendor({"a": 60, "b": 60}, 6), {"limits": [{"calls": 30, "seconds": 1}, slow]})
    world.begin()
    world.finish(300)
    of_level = sorted(at for at, task in world.vendor.asked if task.level == "data-groups")
    inside = [sum(at <= other < at + SECOND for other in of_level) for at in of_level]
    assert max(inside) <= 3
    assert world.vendor.most_in(1) <= 30
    data = [at for at, task in world.vendor.asked if task.level == "data" and at < of_level[-1]]
    assert len(data) > 300, "data is called between them"
    assert world.proven()
