"""The write protocol on simulated DynamoDB and on the emulator: each sentence of the design that
can be seen in the tables.
"""

from typing import Any

import pytest

from tests.support.emulated import Stores
from tests.support.folds import lose
from votes import counting, entry
from votes.ballot import Ballot
from votes.counting import REMEMBER_LAST_US, Contended, Counting, OutOfTime
from votes.journal import ShardsDiffer
from votes.last_entry import HEAD_EVERY, MOST_VERIFIED, end_of
from votes.rows import Head
from votes.standing import AspectVote, Change

ONE = Ballot("ann", "up", {"story": 5}, "b1", 10)
TWO = Ballot("bob", "up", {"story": 4}, "b2", 11)
LATE = Ballot("ann", "up", {"story": 1}, "b0", 9)
AGAIN = Ballot("ann", "up", {"story": None, "music": 3}, "b3", 12)


class Spy:
    """A store that notes the calls made of it, and does `instead` of one of them once."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.calls: list[str] = []
        self.instead: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any) -> Any:
            self.calls.append(name)
            act = self.instead.pop(name, None)
            return act(*given) if act else getattr(self._store, name)(*given)

        return call


class Clock:
    now = 1_795_000_000_000_000

    def __call__(self) -> int:
        return self.now


def counting_on(stores: Stores, shards: int = 4) -> tuple[Counting, Spy, Clock]:
    spy, clock = Spy(stores.journal), Clock()
    return Counting(spy, shards, clock), spy, clock


def journalled(stores: Stores, shard: int = 0) -> list[list[Change]]:
    return [list(entry.decode(found.body).changes) for found in stores.journal.entries(shard, 0, 99)]


def test_ballots_are_journalled_and_put(stores: Stores) -> None:
    count, _, _ = counting_on(stores)
    outcome = count.count(0, [ONE, TWO, LATE])
    assert (outcome.counted, outcome.superseded, outcome.appended) == ([ONE, TWO], [LATE], 1)
    held, other = {"story": AspectVote(5, 10, "b1")}, {"story": AspectVote(4, 11, "b2")}
    assert journalled(stores) == [[Change("ann", "up", None, held), Change("bob", "up", None, other)]]
    assert stores.journal.standing([("ann", "up"), ("bob", "up")]) == {("ann", "up"): held, ("bob", "up"): other}
    assert (end_of(stores.journal, 0), stores.journal.head(0)) == (1, Head(0, 4))


def test_a_changed_mind_journals_what_was_before(stores: Stores) -> None:
    count, _, _ = counting_on(stores)
    count.count(0, [ONE])
    count.count(0, [AGAIN])
    after = {"story": AspectVote(None, 12, "b3"), "music": AspectVote(3, 12, "b3")}
    assert journalled(stores)[1] == [Change("ann", "up", {"story": 5}, after)]
    assert stores.journal.standing([("ann", "up")]) == {("ann", "up"): after}


def test_duplicates_and_late_ballots_write_nothing(stores: Stores) -> None:
    count, spy, _ = counting_on(stores)
    count.count(0, [ONE])
    spy.calls.clear()
    outcome = count.count(0, [ONE, LATE])
    assert outcome.superseded == [ONE, LATE]
    assert not {"append", "put_votes", "move_head"} & set(spy.calls)


def test_a_remembered_last_entry_is_not_looked_for_for_a_minute(stores: Stores) -> None:
    count, spy, clock = counting_on(stores)
    count.count(0, [ONE])
    spy.calls.clear()
    count.count(0, [TWO])
    assert spy.calls == ["standing", "append", "put_votes"]
    clock.now += REMEMBER_LAST_US
    spy.calls.clear()
    count.count(0, [AGAIN])
    assert spy.calls[:4] == ["head", "entries", "put_by", "standing"], "its votes are there: they are not put again"
    clock.now -= 2 * REMEMBER_LAST_US  # a clock set back is no younger memory
    spy.calls.clear()
    count.count(0, [Ballot("eve", "up", {"story": 1}, "b9", 1)])
    assert spy.calls[:4] == ["head", "entries", "put_by", "standing"], "its votes are there: they are not put again"


def test_an_append_that_is_refused_starts_over(stores: Stores) -> None:
    slow, _, _ = counting_on(stores)
    fast, _, _ = counting_on(stores)
    slow.count(0, [ONE])
    fast.count(0, [TWO])
    outcome = slow.count(0, [AGAIN])  # its head is one behind
    assert (outcome.refused, outcome.appended) == (1, 1)
    assert len(journalled(stores)) == end_of(stores.journal, 0) == 3


def test_an_unfinished_entry_is_finished_first(stores: Stores) -> None:
    count, spy, _ = counting_on(stores)
    spy.instead["put_votes"] = _fail
    with pytest.raises(ZeroDivisionError):
        count.count(0, [ONE])
    assert stores.journal.standing([("ann", "up")]) == {}
    outcome = counting_on(stores)[0].count(0, [AGAIN])
    assert (outcome.finished, outcome.appended) == (1, 1)
    assert [change.before for change in journalled(stores)[1]] == [{"story": 5}]
    assert end_of(stores.journal, 0) == 2


def many(number: int, start: int = 0) -> list[Ballot]:
    return [Ballot(f"v{start + n}", "up", {"story": 1}, "b", 1) for n in range(number)]


def test_the_head_is_moved_at_every_eighth_entry_whoever_writes_it(stores: Stores) -> None:
    writers = [counting_on(stores)[0] for _ in range(3)]
    heads = []
    for n in range(2 * HEAD_EVERY + 1):
        writers[n % 3].count(0, many(1, start=n))
        heads.append(stores.journal.head(0).done)
    assert heads == [0] * (HEAD_EVERY - 1) + [HEAD_EVERY] * HEAD_EVERY + [2 * HEAD_EVERY] * 2


@pytest.mark.parametrize(("number", "done"), [(MOST_VERIFIED, 0), (MOST_VERIFIED + 1, 1)])
def test_the_head_is_moved_at_an_entry_of_many_changes(stores: Stores, number: int, done: int) -> None:
    counting_on(stores)[0].count(0, many(number))
    assert stores.journal.head(0).done == done


@pytest.mark.parametrize(("entries", "number"), [(HEAD_EVERY, 1), (2, MOST_VERIFIED + 1)])
def test_a_redelivery_moves_a_head_that_is_due(stores: Stores, entries: int, number: int) -> None:
    """All votes are put, so there is nothing to do, not even to one who remembers the last entry;
    but who must not verify it waits for the head.
    """
    count, _, _ = counting_on(stores)
    for n in range(entries - 1):
        count.count(0, many(1, start=100 + n))
    other, spy, _ = counting_on(stores)
    spy.instead["move_head"] = _fail
    with pytest.raises(ZeroDivisionError):
        other.count(0, many(number))
    assert stores.journal.head(0) == Head(0, 4)
    assert (count.count(0, many(number)).finished, end_of(stores.journal, 0)) == (0, entries)
    assert stores.journal.head(0) == Head(entries, 4)


def test_an_entry_that_vanished_past_the_head_is_not_numbered_again(stores: Stores) -> None:
    for n in range(3):
        counting_on(stores)[0].count(0, many(1, start=n))
    lose(stores, 0, 2)
    with pytest.raises(entry.UnreadableEntry, match="shard 0: entry 2 is not there, though entry 3 is"):
        counting_on(stores)[0].count(0, [ONE])
    assert stores.journal.entry(0, 2) is None


def test_an_error_forgets_the_last_entry(stores: Stores) -> None:
    count, spy, _ = counting_on(stores)
    count.count(0, [ONE])
    spy.instead["standing"] = _fail
    with pytest.raises(ZeroDivisionError):
        count.count(0, [TWO])
    spy.calls.clear()
    count.count(0, [TWO])
    assert spy.calls[0] == "head"


@pytest.mark.parametrize(
    ("most", "number", "parts"), [(2, 5, [2, 2, 1]), (2, 4, [2, 2]), (2, 3, [2, 1]), (1, 2, [1, 1]), (1, 3, [1, 1, 1])]
)
@pytest.mark.parametrize("after", [1, 2])
def test_what_does_not_fit_one_entry_is_split(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, most: int, number: int, parts: list[int], after: int
) -> None:
    """Another writer comes after the first part of it, or after the second."""
    monkeypatch.setattr(entry, "MOST_CHANGES", most)
    count, spy, _ = counting_on(stores)
    ballots = [Ballot(f"v{n}", "up", {"story": 1}, "b", 1) for n in range(number)]

    def put(n: int, changes: Any) -> None:
        stores.journal.put_votes(n, changes)
        if n == after:
            counting_on(stores)[0].count(0, [Ballot("thief", "up", {"story": 1}, "b", 1)])
        else:
            spy.instead["put_votes"] = put

    spy.instead["put_votes"] = put
    outcome = count.count(0, ballots)
    assert outcome.counted == ballots
    assert (outcome.appended, outcome.refused) == (len(parts), int(len(parts) > after))
    assert [len(changes) for changes in journalled(stores)] == [*parts[:after], 1, *parts[after:]]
    assert end_of(stores.journal, 0) == len(parts) + 1
    assert len(stores.journal.standing([(one.voter_id, "up") for one in ballots])) == number


def test_who_is_always_too_late_gives_up(stores: Stores) -> None:
    count, spy, _ = counting_on(stores)
    spy.__dict__["append"] = lambda *_: False
    with pytest.raises(Contended, match=f"{counting.ROUNDS} times"):
        count.count(0, [ONE])


def test_out_of_time_between_two_entries(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "MOST_CHANGES", 1)
    count, _, _ = counting_on(stores)
    with pytest.raises(OutOfTime):
        count.count(0, [ONE, TWO], out_of_time=lambda: stores.journal.entry(0, 1) is not None)
    assert end_of(stores.journal, 0) == 1
    assert counting_on(stores)[0].count(0, [ONE, TWO]).counted == [TWO]


@pytest.mark.parametrize("shard", [0, 3])
def test_tables_remember_the_number_of_shards(stores: Stores, shard: int) -> None:
    counting_on(stores, 4)[0].count(2, [ONE])
    before = journalled(stores, shard)
    with pytest.raises(ShardsDiffer, match="set SHARDS back to 4"):
        counting_on(stores, 8)[0].count(shard, [TWO])
    with pytest.raises(ShardsDiffer, match="set SHARDS back to 4"):
        counting_on(stores, 8)[0].count(2, [TWO])
    assert journalled(stores, shard) == before == []


def test_an_unreadable_entry_names_its_place(stores: Stores) -> None:
    count, _, _ = counting_on(stores)
    stores.journal.create_head(2, 4)
    stores.journal.append(2, 1, b"\x01junk", 1)
    with pytest.raises(entry.UnreadableEntry, match="shard 2, entry 1"):
        count.count(2, [ONE])


def test_one_voter_on_many_titles(stores: Stores) -> None:
    count, _, _ = counting_on(stores)
    ballots = [Ballot("ann", f"t{n}", {"story": n % 5 + 1}, "b", 1) for n in range(230)]
    assert count.count(1, ballots + ballots[:50]).superseded == []
    assert len(stores.journal.standing([(b.voter_id, b.title_id) for b in ballots])) == 230


def _fail(*_: Any) -> None:
    raise ZeroDivisionError
