"""Whole runs in virtual time: everything is called once, at the rate, fairly, and it is proven."""

from __future__ import annotations

import pytest

from harvest.parcels import Task, group_id
from tests.lambda_src.harvest.conftest import MakeWorld
from tests.lambda_src.harvest.paced import RUN, START
from tests.lambda_src.harvest.toy_vendor import SECOND, Vendor
from tests.lambda_src.harvest.toy_worker import ACCOUNT

FIFTY = {"limits": [{"calls": 50, "seconds": 1}]}


def test_a_run_calls_everything_once_and_is_complete(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"big": 40, "small": 2, "none": 0}), FIFTY)
    world.begin()
    assert world.finish() < 15
    run = world.run()
    assert run.state == "completed"
    assert {name: level.expected for name, level in run.counts.levels.items()} == dict(world.expected())
    assert all(level.ok == level.expected for level in run.counts.levels.values())
    assert world.vendor.repeats == 0
    assert run.counts.calls == len(world.vendor.asked)
    made = world.proven()
    assert made.orphans == 0
    assert len(set(made.objects)) == len(made.objects) > 0
    world.play(100)
    assert sorted(world.stored) == ["", "big", "none", "small"], "each group once, the whole run last"
    assert world.stored[-1] == ""
    assert world.accounts.get(ACCOUNT).runs == ()
    assert world.accounts.get(ACCOUNT).asleep == 0, "whoever is added is missed by the minute"
    assert not world.stage.actors, "nobody is left who paces"


@pytest.mark.parametrize("turn_seconds", [5, 60])
def test_the_rate_is_reached_and_kept_whatever_the_turns(world_of: MakeWorld, turn_seconds: int) -> None:
    world = world_of(Vendor({"big": 250}, 5), FIFTY, turn_seconds=turn_seconds)
    world.begin()
    world.finish()
    times = sorted(at for at, _ in world.vendor.asked)
    middle = (len(times) - 200) / ((times[-100] - times[100]) / SECOND)
    assert middle >= 0.965 * 50, "T / (T + J) is 0.971"
    assert world.vendor.most_in(1) <= 50
    assert world.vendor.repeats == 0
    assert world.run().counts.throttled == 0
    if turn_seconds == 5:
        assert world.run().turn > 5


def test_a_call_costs_a_fifth_of_a_write_unit_at_most(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"big": 700}, 5), FIFTY, turn_seconds=60)
    world.begin()
    world.finish()
    units = world.meter.total("write_units") / len(world.vendor.asked)
    assert len(world.vendor.asked) > 4000
    assert 0.12 < units <= 0.2, f"{units:.3f} write units a call"
    reads = world.meter.total("read_units") / len(world.vendor.asked)
    assert 0.2 < reads <= 1, f"{reads:.3f} read units a call, without those of work"


def test_a_small_group_does_not_wait_behind_a_big_one(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"big": 500}, 5), FIFTY)
    world.begin()
    world.at(25, lambda: world.add_group("late", 3))
    took = world.finish()
    assert took > 60
    waited = world.times_of("late")[-1] - 25
    assert waited <= max(12, 0.05 * took)
    assert world.times_of("big")[-1] > 60, "the big group was still being called"
    assert world.proven().counts.of("hosts").ok == world.expected()["hosts"]


def test_groups_take_turns_parcel_by_parcel(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 100, "b": 100, "c": 100}), FIFTY)
    world.begin()
    world.finish()
    ends = [world.times_of(group)[-1] for group in "abc"]
    assert max(ends) - min(ends) < 3


def test_two_runs_share_what_their_account_is_permitted(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 60, "b": 60}), FIFTY)
    world.begin("run-1", groups=["a"])
    world.begin("run-2", groups=["b"], rate=5)
    took = world.finish(600, "run-1", "run-2")
    assert world.vendor.most_in(1) <= 50
    slow, fast = world.times_of("b"), world.times_of("a")
    assert len(slow) / (slow[-1] - slow[0]) <= 5.2, "its own rate"
    assert fast[-1] < 20 < took
    for run_id in ("run-1", "run-2"):
        assert world.proven(run_id).run.state == "completed"


def test_a_root_that_comes_in_the_instant_of_completion_is_called_too(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 2}), FIFTY)
    world.begin()

    def come(call: object) -> None:
        if ":over" in str(call) and "late" not in world.vendor.groups:
            world.add_group("late", 2)

    world.hooks["UpdateItem"] = come
    world.finish()
    assert world.times_of("late"), "completion was refused, and the group called"
    assert world.run().roots == 2
    assert world.proven().counts.of("data").ok == 12


def test_a_group_named_in_two_ways_is_one(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 5, "b": 5}), FIFTY)
    world.begin()
    world.at(0.1, lambda: world.add_group("b", 5))
    world.finish()
    assert world.vendor.repeats == 0
    assert {name: level.expected for name, level in world.proven().counts.levels.items()} == dict(world.expected())


def test_what_fails_for_good_completes_the_run_in_another_way(world_of: MakeWorld) -> None:
    vendor = Vendor({"a": 5}, failing={"data/a/h1/d1"})
    world = world_of(vendor, FIFTY, attempts=3)
    world.begin()
    world.finish()
    run = world.run()
    assert run.state == "completed-with-failures"
    assert (run.counts.of("data").ok, run.counts.of("data").failed) == (14, 1)
    assert run.counts.causes == {"http-503": 3}
    assert vendor.repeats == 2
    assert world.proven().counts.failed == 1


def test_tasks_to_be_tried_again_are_a_run_of_their_own_each_alone(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 3, "b": 1}), FIFTY)
    tasks = [Task("data", ("a", "h1", "d0")), Task("data", ("a", "h2", "d1")), Task("data-groups", ("b", "h0"))]
    groups = world.ledger.put_alone(RUN, "again", tasks)
    world.begin(named=groups)
    world.finish()
    assert {task.id for _, task in world.vendor.asked} == {task.id for task in tasks} | {
        f"data/b/h0/d{n}" for n in range(3)
    }
    alone = [parcel for parcel in world.ledger.read(RUN)[1].values() if len(parcel.tasks) == 1]
    assert {parcel.tasks[0].id for parcel in alone} >= {task.id for task in tasks}
    world.play(5)
    assert sorted(world.stored) == ["", "a", "b"]
    world.ledger.mark_stored(RUN, "a")
    assert world.ledger.parcels(RUN, [group_id("a")])[group_id("a")].stored


def test_a_pacer_starts_calls_soon(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 1}), FIFTY)
    world.begin()
    world.finish()
    first, _ = world.vendor.asked[0]
    assert (first - START) / SECOND < 1.5
