"""The checker itself must be able to fail: worlds in which something is wrong, and the name of the
check that says so.
"""

from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from tools.simulation.broken import Broken
from tools.simulation.mappings import Poller
from tools.simulation.plan import Event
from tools.simulation.votes.plan import EVENTS, Cast, Plan, Request
from tools.simulation.votes.standins import installed
from tools.simulation.votes.stored import ASPECTS
from tools.simulation.votes.world import World

SECOND = 1_000_000
PLAN = Plan(2, (Request(0, (Cast(0, 0, 3), Cast(1, 1, 2))), Request(9_000, (Cast(0, 0, 4), Cast(2, 1, 2)), stamp=0)))
DISTURBED = PLAN._replace(skew=True)


@pytest.fixture(autouse=True)
def _world() -> Iterator[None]:
    with installed():
        yield


def queue(world: World, name: str) -> Any:
    return next(queue for found, queue in world.cloud.sqs.queues.items() if f"-{name}" in found and "-dlq" not in found)


def found_by(wrong: Callable[[World], None], at: float, plan: Plan = PLAN) -> str:
    """The check that finds what is wrong from then (seconds) on."""
    world = World(plan)
    world.stage.at(world.started + int(at * SECOND), lambda: wrong(world))
    with pytest.raises(Broken) as broken:
        world.run()
    return broken.value.check


def test_a_world_where_nothing_is_wrong_passes() -> None:
    World(PLAN).run()
    World(DISTURBED).run()


def test_a_message_that_goes_before_its_ballots_are_anywhere_else_is_lost() -> None:
    assert found_by(lambda world: queue(world, "ingest").purge(), 0.15) == "lost"


def test_a_message_that_vanishes_behind_the_services_back_is_lost() -> None:
    assert found_by(lambda world: queue(world, "ingest").messages.clear(), 0.15) == "lost"


def test_an_answer_202_for_what_is_not_on_the_queue_is_lost() -> None:
    world = World(PLAN)
    with pytest.raises(Broken, match="lost: ballot nobody-has-it is in no queue"):
        world.checker.accept(["nobody-has-it"])


def alter_tally(world: World, by: int) -> None:
    items = world.table("tallies").items
    items[("t0",)] = items[("t0",)] | {"story#3": {"N": str(int(items[("t0",)]["story#3"]["N"]) + by)}}


@pytest.mark.parametrize(("by", "check"), [(1, "epoch"), (-1, "epoch")])
def test_tallies_that_are_not_the_journals_are_found_at_the_next_epoch(by: int, check: str) -> None:
    with mock.patch("tools.simulation.votes.client.LOOKS", ()):  # who looks at results sees it before
        assert found_by(lambda world: alter_tally(world, by), 12) == check


@pytest.mark.parametrize(("by", "check"), [(1, "duplicated"), (-1, "lost")])
def test_tallies_that_are_wrong_in_the_end_are_found(by: int, check: str) -> None:
    plan = PLAN._replace(requests=PLAN.requests[:1], events=(Event(EVENTS.index("cut pages"), 0, 60_000),))
    world = World(plan)
    drained = world.drained
    altered: list[int] = []

    def alter_when_drained() -> bool:
        if drained() and not altered:
            alter_tally(world, by)
            altered.append(by)
        return bool(altered)

    world.drained = alter_when_drained  # type: ignore[method-assign]
    with pytest.raises(Broken) as broken:
        world.run()
    assert broken.value.check == check


def test_a_vote_that_nobody_cast_is_unexpected() -> None:
    def add(world: World) -> None:
        votes = world.table("votes").items
        row = next(row for key, row in votes.items() if key != ASPECTS)
        votes["nobody", "t0"] = row | {"voter_id": {"S": "nobody"}, "title_id": {"S": "t0"}}

    assert found_by(add, 8) == "unexpected"


def test_an_entry_overwritten_is_found_at_once() -> None:
    def forget(world: World) -> None:
        journal = world.table("journal")
        for place in [place for place in journal.items if place[1]]:
            journal.items.pop(place)
        for place in list(journal.items):
            journal.items[place] = journal.items[place] | {"done": {"N": "0"}}
        world.lambdas.idle.clear()  # nobody remembers the head

    assert found_by(forget, 8.5) == "journal"


def test_a_standing_vote_put_back_is_found() -> None:
    def put_back(world: World) -> None:
        votes = world.table("votes").items
        for key, row in votes.items():
            if key != ASPECTS:
                votes[key] = row | {"standing": {"M": {}}}

    assert found_by(put_back, 8.5) in {"journal", "order"}


def test_ballots_of_two_shards_in_one_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("votes.process.shard_of", lambda voter_id, shards: 0)
    monkeypatch.setattr("votes.write.shard_of", lambda voter_id, shards: 0)
    with pytest.raises(Broken, match="shard: "):
        World(PLAN._replace(requests=(Request(0, tuple(Cast(voter, 0, 3) for voter in range(5))),))).run()


@pytest.mark.parametrize(
    "answer", [{"batchItemFailures": [{"itemIdentifier": "another"}]}, {"batchItemFailures": "all"}]
)
def test_failures_of_messages_that_were_not_in_the_batch_are_found(
    answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("votes.process.Process.handle", lambda self, event, context: answer)
    with pytest.raises(Broken, match="failed ids: process"):
        World(PLAN).run()


def test_a_mapping_that_is_off_does_not_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Poller, "wake", lambda self, at: None)
    with pytest.raises(Broken, match="drains: 120 s after"):
        World(PLAN).run()
    with pytest.raises(Broken, match="drains: 14400 s after"):
        World(DISTURBED).run()


def test_messages_that_come_twice_though_nothing_went_wrong_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.simulation.events.Events.keeps_message", lambda self: self._world.rng.random() < 0.5)
    monkeypatch.setattr("tools.simulation.world.CALM_DRAINS_WITHIN", 10_000 * SECOND)
    with pytest.raises(Broken, match="calm: "):
        World(PLAN).run()


def test_a_witness_that_is_never_settled_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = World.witnessed
    monkeypatch.setattr(
        World,
        "witnessed",
        lambda self, line: lines(self, line | {"hashes": line["hashes"][line["witness"] == "settled" :]}),
    )
    with pytest.raises(Broken, match="witnesses: "):
        World(PLAN).run()


def test_an_unreadable_entry_that_stops_other_shards_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("votes.tally.Tally.handle", lambda self, event, context: {"batchItemFailures": []})
    plan = Plan(2, tuple(Request(0, tuple(Cast(voter, 0, 3) for voter in range(5))) for _ in range(2)))
    with pytest.raises(Broken, match="shard stops alone: "):
        World(plan._replace(events=(Event(EVENTS.index("damage"), 5_000, 1_200_000),))).run()
