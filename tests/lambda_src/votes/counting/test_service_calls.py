"""The functions on the emulator's tables, broken at every call of the service: before it takes
effect, or after (the answer is lost).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from shared.quarantine import Quarantine
from tests.lambda_src import fakes
from tests.lambda_src.stack import Context, record
from tests.support.captured import own_logger
from tests.support.emulated import Tables, emptied
from tests.support.witnessing import witnessing
from tools.simulation.stage import Crash
from tools.simulation.votes.ballots import EARLIER, START_US, THREE, expected
from votes import recount
from votes.ballot import Ballot
from votes.counting import Counting
from votes.folding import Folding
from votes.messages import CountMessage, encode_count
from votes.recount import TableSource
from votes.settings import TallySettings, WriteSettings
from votes.tally import Tally
from votes.write import Write

SHARDS = 2
TALLY = TallySettings(
    tick_queue_url="q",
    votes_table="v",
    journal_table="j",
    tallies_table="t",
    shards=SHARDS,
    epoch_changes=100,
    fold_seconds=0,
)
WRITE = WriteSettings(
    aspects='["story","music"]',
    scale='{"lowest":1,"highest":3}',
    count_queue_url="q/count",
    tick_queue_url="q/tick",
    votes_table="v",
    journal_table="j",
    quarantine_bucket="b",
    keys_table="k",
    shards=SHARDS,
    slot_seconds=4,
    witness_share=1,
    packed_votes=False,
)


@contextmanager
def quiet() -> Iterator[None]:
    """No metrics, no waiting, a clock that stands."""
    with (
        own_logger("votes-write"),
        mock.patch("shared.logs.metrics"),
        mock.patch("shared.logs.count"),
        mock.patch("shared.logs.count_by"),
        mock.patch("shared.clock.sleep"),
        mock.patch("shared.clock.now_us", return_value=START_US),
    ):
        yield


class Rig:
    """Functions in new workers, on three tables."""

    def __init__(self, tables: Tables) -> None:
        emptied(tables)
        self.tables, self.stores = tables, tables.stores()
        assert self.write(EARLIER)
        assert self.tally()

    def write(self, ballots: list[Ballot] = THREE) -> bool:
        """Deliver one message; whether it was taken."""
        message = record(encode_count(CountMessage(1, SHARDS, ballots)))
        counting = Counting(self.stores.journal, SHARDS)
        writer = Write(WRITE, counting, fakes.Sqs(), Quarantine(fakes.S3(()), "b"), witnessing())
        try:
            return not writer.handle({"Records": [message]}, Context())["batchItemFailures"]
        except Crash:
            return False

    def tally(self) -> bool:
        """Call it as the schedule does; whether it got to its end."""
        tally = Tally(TALLY, Folding(self.stores.journal, self.stores.tallies, SHARDS, 100), fakes.Sqs())
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
        assert {row.key: row.vote.standing for page in source.votes() for row in page.rows} == standing
        assert {
            title: {k: n for k, n in row.items() if n} for page in source.tallies() for title, row in page.items()
        } == tallies
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
            "write": {"GetItem", "BatchGetItem", "Query", "PutItem", "BatchExecuteStatement"},
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
