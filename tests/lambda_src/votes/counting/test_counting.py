"""The write protocol on simulated DynamoDB and on the emulator: each sentence of the design that
can be seen in the tables.
"""

from typing import Any

import pytest

from tests.support.emulated import Stores
from votes import counting, entry
from votes.ballot import Ballot
from votes.counting import REMEMBER_HEAD_US, Contended, Counting, OutOfTime
from votes.journal import ShardsDiffer
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


def test_ballots_are_journalled_put_and_the_head_moved(stores: Stores) -> None:
    count, _, _ = counting_on(stores)
    outcome = count.count(0, [ONE, TWO, LATE])
    assert (outcome.counted, outcome.superseded, outcome.appended) == ([ONE, TWO], [LATE], 1)
    held, other = {"story": AspectVote(5, 10, "b1")}, {"story": AspectVote(4, 11, "b2")}
    assert journalled(stores) == [[Change("ann", "up", None, held), Change("bob", "up", None, other)]]
    assert stores.journal.standing([("ann", "up"), ("bob", "up")]) == {("ann", "up"): held, ("bob", "up"): other}
    assert stores.journal.head(0) == Head(1, 4)


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


def test_a_remembered_head_is_not_read_for_a_minute(stores: Stores) -> None:
    count, spy, clock = counting_on(stores)
    count.count(0, [ONE])
    spy.calls.clear()
    count.count(0, [TWO])
    assert spy.calls == ["standing", "append", "put_votes", "move_head"]
    clock.now += REMEMBER_HEAD_US
    spy.calls.clear()
    count.count(0, [AGAIN])
    assert spy.calls[:2] == ["head", "entry"]
    clock.now -= 2 * REMEMBER_HEAD_US  # a clock set back is no younger memory
    spy.calls.clear()
    count.count(0, [Ballot("eve", "up", {"story": 1}, "b9", 1)])
    assert spy.calls[:2] == ["head", "entry"]


def test_an_append_that_is_refused_starts_over(stores: Stores) -> None:
    slow, _, _ = counting_on(stores)
    fast, _, _ = counting_on(stores)
    slow.count(0, [ONE])
    fast.count(0, [TWO])
    outcome = slow.count(0, [AGAIN])  # its head is one behind
    assert (outcome.refused, outcome.appended) == (1, 1)
    assert len(journalled(stores)) == 3
    assert stores.journal.head(0) == Head(3, 4)


def test_an_unfinished_entry_is_finished_first(stores: Stores) -> None:
    count, spy, _ = counting_on(stores)
    spy.instead["put_votes"] = _fail
    with pytest.raises(ZeroDivisionError):
        count.count(0, [ONE])
    assert stores.journal.standing([("ann", "up")]) == {}
    outcome = counting_on(stores)[0].count(0, [AGAIN])
    assert (outcome.finished, outcome.appended) == (1, 1)
    assert [change.before for change in journalled(stores)[1]] == [{"story": 5}]
    assert stores.journal.head(0) == Head(2, 4)


def test_a_redelivery_finishes_what_only_lacks_its_head(stores: Stores) -> None:
    """All votes are put, so there is nothing to do, not even to one who remembers the head; but the
    fold waits for it.
    """
    count, _, _ = counting_on(stores)
    count.count(0, [ONE])
    other, spy, _ = counting_on(stores)
    spy.instead["move_head"] = _fail
    with pytest.raises(ZeroDivisionError):
        other.count(0, [TWO])
    assert stores.journal.head(0) == Head(1, 4)
    assert count.count(0, [TWO]).finished == 1
    assert stores.journal.head(0) == Head(2, 4)


def test_an_error_forgets_the_head(stores: Stores) -> None:
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

    def move(shard: int, n: int) -> None:
        stores.journal.move_head(shard, n)
        if n == after:
            counting_on(stores)[0].count(0, [Ballot("thief", "up", {"story": 1}, "b", 1)])
        else:
            spy.instead["move_head"] = move

    spy.instead["move_head"] = move
    outcome = count.count(0, ballots)
    assert outcome.counted == ballots
    assert (outcome.appended, outcome.refused) == (len(parts), int(len(parts) > after))
    assert [len(changes) for changes in journalled(stores)] == [*parts[:after], 1, *parts[after:]]
    assert stores.journal.head(0) == Head(len(parts) + 1, 4)
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
        count.count(0, [ONE, TWO], out_of_time=lambda: stores.journal.head(0) == Head(1, 4))
    assert stores.journal.head(0) == Head(1, 4)
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
