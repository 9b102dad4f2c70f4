"""The checker itself must be able to fail: worlds in which something is wrong, and the name of the
check that says so.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tools.simulation.broken import Broken
from tools.simulation.receipts import deployed
from tools.simulation.receipts.contents import CONTENTS, content_of, number_of, state_of
from tools.simulation.receipts.plan import Batch, Plan, Sent
from tools.simulation.receipts.standins import installed
from tools.simulation.receipts.world import World

SECOND = 1_000_000
FILES = Plan((Batch(0, 0, 0, (Sent(0), Sent(1), Sent(8))),))
ARCHIVE = Plan((Batch(0, 0, 0, (Sent(0), Sent(2), Sent(0), Sent(4)), 1),))
WAITING = FILES._replace(batches=(Batch(0, 0, 0, (Sent(0), Sent(2, 1))),))  # its second file never comes
LEDGER, DOCUMENTS = "ledger", deployed.DOCUMENTS


@pytest.fixture(autouse=True)
def _world() -> Iterator[None]:
    with installed():
        yield


def found_by(wrong: Callable[[World], None], at: float, plan: Plan = FILES) -> str:
    """The check that finds what is wrong from then (seconds) on."""
    world = World(plan)
    world.stage.at(world.started + int(at * SECOND), lambda: wrong(world))
    with pytest.raises(Broken) as broken:
        world.run()
    return broken.value.check


def rows(world: World, kind: str) -> dict[Any, Any]:
    """The ledger's rows of a kind."""
    items = world.table(LEDGER).items
    return {place: row for place, row in items.items() if place[1].startswith(kind)}


@pytest.mark.parametrize("plan", [FILES, ARCHIVE, WAITING])
def test_a_world_where_nothing_is_wrong_passes(plan: Plan) -> None:
    World(plan).run()
    World(plan._replace(skew=True)).run()


def test_contents_are_known_by_their_bytes_and_have_every_outcome() -> None:
    for number in range(len(CONTENTS)):
        if content := content_of(number):
            assert number_of(content) == number
    assert {state_of(number)[0] for number in range(len(CONTENTS))} == {"read", "review", "quarantined"}


def test_a_row_that_was_forgotten_is_a_file_that_is_lost() -> None:
    def forget(world: World) -> None:
        for place in rows(world, "slot#"):
            del world.table(LEDGER).items[place]
        world.cloud.s3.buckets[deployed.UPLOADS].clear()  # or the sweep would mend it

    assert found_by(forget, 60) == "account"


def test_a_document_that_goes_is_found() -> None:
    def lose(world: World) -> None:
        for key in list(world.cloud.s3.buckets[DOCUMENTS]):
            del world.cloud.s3.buckets[DOCUMENTS][key]

    assert found_by(lose, 60) == "lost"


def test_a_file_that_is_to_be_read_once_more_is_found() -> None:
    def begin_again(world: World) -> None:
        for place, row in rows(world, "file#").items():
            now = {"state": {"S": "received"}, "waiting": {"S": "image#0"}, "due_at": {"N": "1"}}
            world.table(LEDGER).items[place] = row | now

    assert found_by(begin_again, 60) in {"read twice", "ledger", "account"}


def test_a_charge_that_was_made_twice_is_found() -> None:
    def charge(world: World) -> None:
        for place, row in world.table("usage").items.items():
            if place[1].startswith("day#"):
                world.checker.used[place] = row | {"files": {"N": "4"}}

    assert found_by(charge, 60) == "usage"


def test_a_flag_that_is_wrong_is_found() -> None:
    def forget(world: World) -> None:
        usage = world.table("usage")
        for place in [place for place in usage.items if place[1].startswith("seen#")]:
            row = usage.items[place]
            usage.items[place] = row | {"file_id": {"S": "0" * 32}}

    assert found_by(forget, 60) == "flagged"


@pytest.mark.parametrize("function", ["split", "read"])
def test_messages_that_are_taken_for_done_are_found(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        f"receipts.{function}.{function.title()}.handle", lambda self, event, context: {"batchItemFailures": []}
    )
    with pytest.raises(Broken, match="lost: "):
        World(FILES).run()


def test_a_sweep_that_fails_though_nothing_went_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("receipts.sweep.Sweep.handle", lambda self, context: 1 / 0)
    with pytest.raises(Broken, match="sweep: it died of ZeroDivisionError"):
        World(FILES).run()


def test_a_batch_that_is_never_closed_does_not_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("receipts.sweep.Sweep.handle", lambda self, context: {})
    with pytest.raises(Broken, match="drains: 14400 s after"):
        World(WAITING).run()
