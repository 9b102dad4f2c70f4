"""The functions on the emulator's tables, broken at every call of the service: before it takes effect, or after (the answer is lost)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.ballots import EARLIER, THREE, expected
from tests.support.emulated import Tables, emptied
from tests.support.histories import Crash
from tests.support.voting_world import Context, World, quiet
from votes import recount
from votes.counting import Counting
from votes.folding import Folding
from votes.recount import TableSource

SHARDS = 2


class Rig:
    """Functions in new workers, on three tables."""

    def __init__(self, tables: Tables) -> None:
        emptied(tables)
        self.tables, self.stores, self.world = tables, tables.stores(), World(0)
        self.world.store = self.stores.journal
        assert self.write(EARLIER)
        assert self.tally()

    def write(self, ballots: Any = THREE) -> bool:
        """Deliver one message; whether it was taken."""
        self.world.waiting.clear()
        self.world.send(1, ballots)
        writer = self.world._writer()
        writer._counting = Counting(self.stores.journal, SHARDS)
        try:
            return not writer.handle({"Records": self.world.waiting}, Context())["batchItemFailures"]
        except Crash:
            return False

    def tally(self) -> bool:
        """Call it as the schedule does; whether it got to its end."""
        tally = self.world._tally()
        tally._folding = Folding(self.stores.journal, self.stores.tallies, SHARDS, 100)
        try:
            return bool(tally.handle({"source": "schedule"}, Context()))
        except Crash:
            return False

    def check(self) -> None:
        """Deliver until it is taken, fold, and count again: from the ballots, and by the audit."""
        for _ in range(2):
            assert self.write()
            assert self.tally()
        source = TableSource(*self.tables)
        standing, tallies = expected(EARLIER + THREE)
        assert {row.key: row.vote.standing for page in source.votes() for row in page} == standing
        assert {title: {k: n for k, n in row.items() if n} for page in source.tallies() for title, row in page.items()} == tallies
        assert recount.audit(source).differences == []


@contextmanager
def broken(client: Any, event: str, call: int) -> Iterator[list[str]]:
    """Crash at the call numbered `call`, "before-call" or "after-call"; yields the calls made."""
    calls: list[str] = []

    def noted(model: Any, **_: Any) -> None:
        calls.append(model.name)
        if len(calls) - 1 == call:
            raise Crash

    client.meta.events.register(f"{event}.dynamodb", noted)
    try:
        yield calls
    finally:
        client.meta.events.unregister(f"{event}.dynamodb", noted)


@pytest.mark.parametrize("event", ["before-call", "after-call"])
@pytest.mark.parametrize("function", ["write", "tally"])
def test_broken_at_every_call(tables: Tables, function: str, event: str) -> None:
    seen: set[str] = set()
    with quiet():
        for call in range(20):
            rig = Rig(tables)
            if function == "tally":
                assert rig.write()
            with broken(tables.client, event, call) as calls:
                over = rig.write() if function == "write" else rig.tally()
            rig.check()
            seen |= set(calls)
            if over:
                break
    assert over
    assert (
        seen
        == {
            "write": {"GetItem", "BatchGetItem", "PutItem", "BatchExecuteStatement", "UpdateItem"},
            "tally": {"GetItem", "BatchGetItem", "Query", "UpdateItem"},
        }[function]
    )


def test_every_read_is_strongly_consistent(tables: Tables) -> None:
    read: list[str] = []

    def noted(params: dict[str, Any], model: Any, **_: Any) -> None:
        asked = params.get("RequestItems", {tables.journal: params})
        if model.name in {"GetItem", "BatchGetItem", "Query", "Scan"}:
            read.append(model.name)
            assert all(of_table["ConsistentRead"] for of_table in asked.values()), model.name

    with quiet():
        rig = Rig(tables)
    tables.client.meta.events.register("provide-client-params.dynamodb", noted)
    try:
        with quiet():
            assert rig.write()
            assert rig.tally()
        assert recount.audit(TableSource(*tables)).differences == []
    finally:
        tables.client.meta.events.unregister("provide-client-params.dynamodb", noted)
    assert set(read) == {"GetItem", "BatchGetItem", "Query", "Scan"}
