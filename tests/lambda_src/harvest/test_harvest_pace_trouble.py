"""The pacer among kills, stalls, losses, poison and a table that is throttled, in virtual time."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from harvest.parcels import Task
from shared import dynamo
from tests.lambda_src.fakes import refusal
from tests.lambda_src.harvest.conftest import MakeWorld
from tests.lambda_src.harvest.paced import RUN, World
from tests.lambda_src.harvest.toy_vendor import Vendor
from tests.lambda_src.harvest.toy_worker import ACCOUNT
from tools.simulation.aws.calls import Call

TEN = {"limits": [{"calls": 10, "seconds": 1}]}


def small(world_of: MakeWorld, seed: int = 1, **pacing: object) -> World:
    """A world of 113 calls, whose pacer takes short turns."""
    vendor = Vendor({"a": 20, "b": 5}, page=8)
    world = world_of(vendor, TEN, seed=seed, **({"turn_seconds": 4} | pacing))
    world.begin()
    world.every_minute()
    return world


def all_right(world: World, repeats: int = 0) -> None:
    """Everything is settled once, nothing was over the limit, and calls repeated are so many."""
    assert world.run().state == "completed"
    assert world.vendor.most_in(1) <= 10
    assert world.vendor.repeats <= repeats
    expected = {name: level.expected for name, level in world.proven().counts.levels.items()}
    assert expected == dict(world.expected())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("after", [1.2, 3.3, 7.1])
def test_a_run_of_which_everything_was_killed_goes_on_by_itself(world_of: MakeWorld, after: float, seed: int) -> None:
    world = small(world_of, seed)
    world.play(after)
    workers = sum(actor.name == "work" for actor in world.stage.actors)
    assert world.kill() >= 1
    assert world.finish(300) < 120, "the schedule's minute woke it"
    all_right(world, repeats=workers * world.tasks)


def test_a_worker_wakes_a_pacer_that_was_killed(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 20, "b": 5}), TEN, turn_seconds=60)
    world.begin()
    world.play(8)
    assert world.kill("pace") == 1
    assert world.finish(60) < 40, "and there is no schedule here"
    assert world.run().turn == 2
    all_right(world)


@pytest.mark.parametrize("seed", range(4))
def test_two_pacers_at_once_give_no_slot_twice(world_of: MakeWorld, seed: int) -> None:
    world = small(world_of, seed)
    for second in range(1, 12):
        world.at(second, lambda: world.start("pace", lambda: world.pace({"messageId": "m", "body": TURN})))
    world.finish(120)
    all_right(world)


TURN = json.dumps({"v": 1, "account": ACCOUNT, "turn": 1})


@pytest.mark.parametrize("operation", ["SendMessageBatch", "BatchGetItem", "UpdateItem"])
@pytest.mark.parametrize("nth", [1, 4, 6])
def test_a_pacer_that_stalls_has_lost_its_turn(world_of: MakeWorld, operation: str, nth: int) -> None:
    world = small(world_of, turn_seconds=30)
    seen = []

    def stall(call: object) -> None:
        actor = world.stage.current
        if actor is not None and actor.name == "pace":
            seen.append(actor)
            if len(seen) == nth:
                world.stage.pause(12_000_000)

    world.hooks[operation] = stall
    world.at(9, lambda: world.start("pace", lambda: world.pace({"messageId": "m", "body": TURN})))
    world.finish(200)
    assert len(seen) > nth
    assert world.run().turn >= (1 if operation == "UpdateItem" and nth == 1 else 2)
    all_right(world)


def test_a_pacer_that_reads_for_long_is_not_taken_for_dead(world_of: MakeWorld) -> None:
    world = small(world_of, turn_seconds=8)
    world.play(6)

    def slowly(call: Call) -> None:
        call.most_items = 4
        world.stage.pause(900_000)

    world.hooks["Query"] = slowly
    for second in range(60):
        world.at(second, lambda: world.turns.wake_if_missed(world.accounts.get(ACCOUNT), world.stage.now // 1000))
    assert world.finish(120) < 90
    assert world.run().turn < 12
    all_right(world)


def test_messages_that_are_lost_are_let_out_again_before_a_claim_would_end(world_of: MakeWorld) -> None:
    world = small(world_of, turn_seconds=60, call_ms=20_000)
    world.play(3)
    world.deaf = True
    world.at(4, lambda: setattr(world, "deaf", False))
    took = world.finish(120)
    all_right(world)
    assert took < 25, "no claim of 20 s was waited for"


def test_a_claim_of_a_turn_before_is_waited_for(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 6}, latency=(2.0, 3.0)), TEN, call_ms=4000)
    world.begin()
    for second in range(2, 30, 2):
        world.at(second, lambda: world.kill("pace"))
        world.at(second + 0.1, lambda: world.turns.wake(world.accounts.get(ACCOUNT), world.stage.now // 1000))
        world.at(second + 3.1, lambda: world.turns.wake(world.accounts.get(ACCOUNT), world.stage.now // 1000))
    world.finish(120)
    assert world.run().turn > 3
    all_right(world)
    assert world.let_out == world.proven().parcels - 1, "each once, the root never"


def test_a_turn_knows_what_the_one_before_has_sent(world_of: MakeWorld) -> None:
    world = world_of(Vendor({"a": 20}, 5), TEN, turn_seconds=0.5)
    world.delay = (0.4, 0.6)
    world.begin()
    world.finish(120)
    assert world.run().turn > 8
    all_right(world)
    assert world.let_out == world.proven().parcels - 1, "each once, the root never"


def test_poison_is_split_and_what_kills_alone_is_quarantined(world_of: MakeWorld) -> None:
    vendor = Vendor({"a": 4}, parts=4, poison={"data/a/h2/d3"})
    world = world_of(vendor, TEN, turn_seconds=2, call_ms=500, grace_ms=500)
    world.begin()
    world.every_minute()
    world.finish(300)
    run = world.run()
    assert run.state == "completed-with-failures"
    assert (run.counts.of("data").ok, run.counts.of("data").failed) == (15, 1)
    assert run.counts.causes == {"killed-its-worker": 1}
    poisoned = [task for _, task in vendor.asked if task.id == "data/a/h2/d3"]
    assert len(poisoned) == 6, "three times among others, three times alone"
    stored = world.cloud.s3.buckets["quarantine"]
    (body,) = [held.body for held in stored.values()]
    line = json.loads(body)
    assert (line["reason"], line["run_id"]) == ("killed-its-worker", RUN)
    assert line["task"] == {"level": "data", "path": ["a", "h2", "d3"], "page": ""}
    assert world.proven().counts.failed == 1


def test_a_throttled_table_delays_and_loses_nothing(world_of: MakeWorld) -> None:
    world = small(world_of)

    def throttle(call: object) -> None:
        actor = world.stage.current
        if actor is not None and actor.name == "pace" and world.rng.random() < 0.2:
            raise refusal("x")

    for operation in ("UpdateItem", "BatchGetItem", "GetItem"):
        world.hooks[operation] = throttle
    world.may_die_of = (ClientError,)  # a turn that begins; a worker, or the schedule, wakes another
    world.finish(600)
    all_right(world)


def test_a_table_that_stays_throttled_ends_the_turn_with_the_error(world_of: MakeWorld) -> None:
    world = small(world_of)
    world.play(2)

    def throttle(call: object) -> None:
        raise refusal("x")

    world.hooks["BatchGetItem"] = throttle
    with pytest.raises(dynamo.Throttled):
        world.play(60)


def test_a_row_that_somebody_deleted_stops_the_run_with_a_message(world_of: MakeWorld) -> None:
    world = small(world_of)
    world.play(6)
    world.kill()
    rows = world.cloud.dynamodb.tables["ledger"].items
    settled = [key for key, row in rows.items() if row.get("outcomes") and row["level"]["S"] == "data-groups"]
    del rows[settled[0]]
    world.play(80)
    run = world.run()
    assert run.state == "stopped"
    assert settled[0][1].removeprefix("parcel#") in run.reason
    assert [line for line in world.log.lines if line["message"] == "run stopped"]


def test_a_run_that_settles_nothing_is_stopped_and_can_be_resumed(world_of: MakeWorld) -> None:
    world = small(world_of, turn_seconds=6, idle_turns=5, call_ms=500, grace_ms=500)
    world.play(3)
    world.deaf = True
    world.play(400)
    run = world.run()
    assert run.state == "stopped"
    assert run.turn < 15
    assert "5 turns of the pacer in a row" in run.reason
    assert "resume" in run.reason
    sent = len(world.cloud.sqs.queues["turn.fifo"].messages)
    world.play(400)
    assert len(world.cloud.sqs.queues["turn.fifo"].messages) == sent, "the loop has ended"
    world.deaf = False
    assert world.runs.set_state(RUN, "running", "", of=["stopped"])
    world.wish()
    world.finish(120)
    all_right(world)


def test_turns_that_die_at_once_are_counted_too(world_of: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world = small(world_of, idle_turns=3)
    world.play(2)
    world.kill()
    for _ in range(6):
        world.play(60)
        world.kill("pace")
        world.kill("work")
    world.play(120)
    assert world.run().state == "stopped" or world.run().counts.calls > 0


def test_a_vendor_that_lists_without_end_stops_at_a_cap_and_asks(world_of: MakeWorld) -> None:
    vendor = Vendor({"a": 10**6}, page=5)
    world = world_of(vendor, TEN)
    world.begin(cap=100)
    world.play(200)
    run = world.run()
    assert run.state == "stopped"
    assert "more than its cap of 100" in run.reason
    assert run.counts.expected < 100 + 3 * world.tasks
    assert world.runs.set_state(RUN, "running", "", of=["stopped"], cap=200)
    world.wish()
    world.play(200)
    assert world.run().state == "stopped"
    assert world.run().counts.expected > 200


def test_a_run_whose_row_is_gone_is_forgotten(world_of: MakeWorld) -> None:
    world = small(world_of)
    world.accounts.add_run(ACCOUNT, "nobody")
    world.finish(120)
    world.play(5)
    assert world.accounts.get(ACCOUNT).runs == ()


def test_a_message_that_is_none_of_ours_fails_alone(world_of: MakeWorld) -> None:
    world = small(world_of)
    with pytest.raises(AssertionError):
        world.pace({"messageId": "m", "body": "{}"})
    assert Task("groups").id == "groups"
    assert [line for line in world.log.lines if line.get("place") == "read"]
