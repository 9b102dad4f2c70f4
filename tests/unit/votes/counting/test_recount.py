"""The audit finds no difference where there is none, also while ballots are counted, and every difference there is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from shared import clock
from tests.support.ballots import ballots_of, expected, found
from tests.support.emulated import Stores, Tables
from tests.support.memory_store import MemoryStore
from tests.support.voting_world import Odds, World, quiet
from votes import recount
from votes.ballot import Ballot
from votes.counting import Counting
from votes.folding import Folding
from votes.recount import Difference, Row, TableSource, Unsettled
from votes.shards import shard_of
from votes.tallies import Open

SHARDS = 2


class MemorySource:
    """The audit's view of a store in memory, in pages of two; `between` is called before each page."""

    def __init__(self, store: MemoryStore, between: Any = lambda: None) -> None:
        self._store, self._between = store, between
        self.fold, self.entries = store.fold, store.entries

    def tallies(self) -> Iterator[Mapping[str, dict[str, int]]]:
        for title in sorted(self._store.tallies):
            self._between()
            yield {title: self._store.tallies[title]}

    def votes(self) -> Iterator[list[Row]]:
        for key in sorted(self._store.votes):
            self._between()
            yield [Row(key, self._store.votes[key])]


def count(stores: Stores, ballots: list[Ballot]) -> None:
    for ballot in ballots:
        Counting(stores.journal, SHARDS).count(shard_of(ballot.voter_id, SHARDS), [ballot])


def fold(stores: Stores) -> None:
    while Folding(stores.journal, stores.tallies, SHARDS, 5).fold(10**9).epoch:
        pass


def source_of(stores: Stores) -> Any:
    if isinstance(stores.journal, MemoryStore):
        return MemorySource(stores.journal)
    journal, tallies = stores.journal, stores.tallies
    return TableSource(journal._client, journal._journal, journal._votes, tallies._table)


def test_nothing_yet(stores: Stores) -> None:
    report = recount.audit(source_of(stores))
    assert (report.epoch, report.votes, report.differences) == (0, 0, [])


def test_counted_but_never_folded(stores: Stores) -> None:
    count(stores, ballots_of(World(1).rng, 5))
    assert recount.audit(source_of(stores)).differences == []


def test_votes_put_after_the_cut_are_taken_back(stores: Stores) -> None:
    ballots = ballots_of(World(2).rng, 30)
    count(stores, ballots[:15])
    fold(stores)
    count(stores, ballots[15:])
    report = recount.audit(source_of(stores))
    assert report.rewound > 5
    assert report.differences == []
    fold(stores)
    report = recount.audit(source_of(stores))
    assert (report.rewound, report.differences) == (0, [])


def test_a_wrong_tally_is_found(stores: Stores) -> None:
    count(stores, [Ballot("v0", "up", {"story": 2}, "a", 1), Ballot("v1", "down", {"story": 3}, "b", 1)])
    fold(stores)
    stores.tallies.add(99, {"up": {"story#2": 1, "story#1": -1, "voters": 1}, "none": {"voters": 2}})
    seen: list[int] = []
    report = recount.audit(source_of(stores), progress=seen.append)
    assert report.differences == [
        Difference("none", "voters", 2, 0),
        Difference("up", "story#1", -1, 0),
        Difference("up", "story#2", 2, 1),
        Difference("up", "voters", 2, 1),
    ]
    assert (report.titles, seen[-1]) == (3, 2)
    assert recount.audit(source_of(stores), "down").differences == []
    assert len(recount.audit(source_of(stores), "up").differences) == 3


def test_an_epoch_that_stays_open_is_waited_for_and_then_told(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(clock, "sleep", pauses.append)
    stores.tallies.found_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: 1}, 1))
    with pytest.raises(Unsettled, match="try again"):
        recount.audit(source_of(stores))
    assert len(pauses) == recount.SNAPSHOTS - 1


def test_an_epoch_closed_while_the_tallies_are_read_makes_it_read_them_again(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "sleep", lambda _: None)
    count(stores, [Ballot("v0", "down", {"story": 2}, "a", 1), Ballot("v0", "up", {"story": 2}, "a", 1)])
    fold(stores)
    count(stores, [Ballot("v1", "down", {"story": 3}, "b", 2), Ballot("v1", "up", {"story": 3}, "b", 2)])
    source = source_of(stores)
    read = source.tallies

    def moving() -> Iterator[Mapping[str, dict[str, int]]]:
        yield {"down": {title: row for page in read() for title, row in page.items()}["down"]}
        fold(stores)
        yield {"up": {title: row for page in read() for title, row in page.items()}["up"]}

    source.tallies = moving
    report = recount.audit(source)
    assert (report.differences, report.epoch) == ([], stores.tallies.fold().epoch)


def test_a_journal_that_does_not_reach_back(stores: Stores) -> None:
    count(stores, [Ballot("v0", "up", {"story": 2}, "a", 1)])
    fold(stores)
    count(stores, [Ballot("v0", "up", {"story": 1}, "b", 2)])
    source = source_of(stores)
    source.entries = lambda *_: iter(())
    with pytest.raises(Unsettled, match="1 votes"):
        recount.audit(source)


def test_pages_of_the_tables_are_followed(tables: Tables) -> None:
    stores = tables.stores()
    count(stores, [Ballot(f"v{n}", f"t{n % 3}", {"story": 2}, "a", 1) for n in range(20)])
    fold(stores)

    class Pages:
        """A client whose scans end after two items."""

        def __getattr__(self, name: str) -> Any:
            return getattr(tables.client, name)

        def scan(self, **request: Any) -> Any:
            assert request["ConsistentRead"]
            return tables.client.scan(**request, Limit=2)

    report = recount.audit(TableSource(Pages(), tables.journal, tables.votes, tables.tallies))
    assert (report.votes, report.titles, report.differences) == (20, 3, [])


@pytest.mark.parametrize("seed", range(20))
def test_no_difference_while_ballots_are_counted_and_folded(seed: int) -> None:
    """The audit is one more actor; writers and tallyers crash, sleep and go on at each of its pages."""
    world = World(seed, odds=replace(Odds(), calm_after=10**9, dead=0, again=0.05))
    ballots = ballots_of(world.rng, 60, voters=8)
    for ballot in ballots:
        world.send(shard_of(ballot.voter_id, SHARDS), [ballot])
    reports: list[Any] = []

    def go_on() -> None:
        world.stage.step("audit page")

    def audits() -> None:
        reports.extend(recount.audit(MemorySource(world.store, go_on)) for _ in range(6))

    with quiet(world):
        world.stage.start("calm audit", audits)
        try:
            world.run()
        finally:
            world.stage.close()
    assert len(reports) == 6
    assert [report.differences for report in reports] == [[]] * 6
    assert found(world.store) == expected(ballots)
