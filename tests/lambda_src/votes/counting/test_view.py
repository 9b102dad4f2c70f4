"""The view on simulated DynamoDB and the emulator: when it is put, when titles are folded, and what
results read of both.
"""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.emulated import Stores
from tests.support.folds import LONG, SECOND, SHARDS, Clock, cast, folding_on, lose, tallied, upto, votes_of
from votes import view
from votes.folding import Folding
from votes.tallies import Bounds, Fold, Open, all_shown, shown
from votes.view import View, pack, unpack

FOLD_SECONDS = 300
LATER = (FOLD_SECONDS + 1) * SECOND


def viewing_on(stores: Stores, clock: Any, changes: int = 1000) -> Folding:
    return Folding(stores.journal, stores.tallies, SHARDS, changes, clock, FOLD_SECONDS)


def fold_of(stores: Stores) -> Fold:
    found: Fold | None = stores.tallies.fold()
    assert found
    return found


def all_of(stores: Stores) -> dict[str, dict[str, int]]:
    """All titles as results show them."""
    found, client = fold_of(stores), stores.tallies._client
    pages = client.get_paginator("scan").paginate(TableName=stores.tallies._table, ConsistentRead=True)
    return {
        title: row for page in all_shown((page["Items"] for page in pages), found.view) for title, row in page.items()
    }


def seen(stores: Stores) -> Bounds:
    return fold_of(stores).seen


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folded(stores: Stores, clock: Clock) -> Stores:
    """One vote on "up", folded: the first fold is due at once."""
    cast(stores, 0, "up")
    assert viewing_on(stores, clock).fold(LONG).epoch == 1
    clock.now += SECOND
    return stores


def test_between_two_folds_a_slot_writes_the_view_alone(folded: Stores, clock: Clock) -> None:
    folding = viewing_on(folded, clock)
    for slot in range(1, 4):
        cast(folded, slot, "up", "new", start=10 * slot)
        clock.now += SECOND
        progress = folding.fold(LONG)
        assert (progress.epoch, progress.more, progress.behind, progress.oldest_us) == (None, False, 0, None)
        assert (tallied(folded), upto(folded)) == ({"up": votes_of(1)}, {0: 1})
        assert all_of(folded) == {"up": votes_of(1 + slot), "new": votes_of(slot)}
        assert fold_of(folded).shown_at == clock.now
        assert folding.fold(LONG).epoch is None  # nothing is new, nothing is written
        assert fold_of(folded).mark == (1, slot)
    assert seen(folded) == {0: 1, 1: 1, 2: 1, 3: 1}


def test_titles_are_folded_when_it_is_time(folded: Stores, clock: Clock) -> None:
    folding = viewing_on(folded, clock)
    cast(folded, 1, "up", "new")
    folding.fold(LONG)
    cast(folded, 2, "up")  # not seen yet
    clock.now += LATER
    progress = folding.fold(LONG)
    assert (progress.epoch, progress.ballots, progress.titles, progress.more) == (2, 3, 2, False)
    assert tallied(folded) == all_of(folded) == {"up": votes_of(3), "new": votes_of(1)}
    assert fold_of(folded) == Fold(2, {0: 1, 1: 1, 2: 1}, clock.now, SHARDS)


def test_what_is_seen_and_nothing_more_is_folded_in_time_too(folded: Stores, clock: Clock) -> None:
    cast(folded, 1, "up")
    viewing_on(folded, clock).fold(LONG)
    clock.now += LATER
    assert viewing_on(folded, clock).fold(LONG).epoch == 2
    assert tallied(folded) == {"up": votes_of(2)}
    assert viewing_on(folded, clock).fold(LONG).epoch is None


def test_a_person_who_waits_has_titles_folded_at_once(folded: Stores, clock: Clock) -> None:
    cast(folded, 1, "up")
    viewing_on(folded, clock).fold(LONG)
    assert viewing_on(folded, clock).fold(LONG, titles=True).epoch == 2
    assert (upto(folded), tallied(folded)) == ({0: 1, 1: 1}, {"up": votes_of(2)})


def test_a_clock_that_went_back_holds_no_fold_up(folded: Stores, clock: Clock) -> None:
    cast(folded, 1, "up")
    clock.now -= 10 * SECOND
    assert viewing_on(folded, clock).fold(LONG).epoch == 2


def test_without_a_time_each_slot_folds_titles(stores: Stores, clock: Clock) -> None:
    for slot in range(3):
        cast(stores, slot, "up")
        assert folding_on(stores, clock=clock).fold(LONG).epoch == slot + 1
        assert fold_of(stores).mark is None


def test_a_view_without_room_for_more_is_folded_next(folded: Stores, clock: Clock) -> None:
    """All that it has seen, though the epoch has no room for so much: results would go back."""
    for start in range(1, 4):
        cast(folded, 1, "up", start=start)
    viewing_on(folded, clock).fold(LONG)
    for start in range(1, 4):
        cast(folded, 2, "up", "up2", start=start)
    folding = viewing_on(folded, clock, changes=6)
    progress = folding.fold(LONG)
    assert (progress.epoch, progress.more, seen(folded)) == (None, True, {0: 1, 1: 3, 2: 1})
    shown_before = all_of(folded)
    progress = viewing_on(folded, clock, changes=1).fold(LONG)
    assert (progress.epoch, progress.more, upto(folded)) == (2, True, {0: 1, 1: 3, 2: 1})
    assert tallied(folded) == shown_before == all_of(folded)


def test_a_view_grows_to_an_epoch_and_no_further(folded: Stores, clock: Clock) -> None:
    """However small the entries are that come one at a time."""
    folding = viewing_on(folded, clock, changes=3)
    for start in range(1, 4):
        cast(folded, 1, "up", start=start)
        assert folding.fold(LONG).again == (start == 3)
    assert folding.fold(LONG).epoch == 2


def test_a_large_view_is_folded_instead(folded: Stores, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    folding = viewing_on(folded, clock)
    cast(folded, 1, "up")
    folding.fold(LONG)
    monkeypatch.setattr("votes.folding.MOST_BYTES", 60)
    cast(folded, 1, *(f"title-{n}-of-many" for n in range(20)), start=1)
    progress = folding.fold(LONG)
    assert (progress.epoch, progress.more, seen(folded)) == (None, True, {0: 1, 1: 1})
    assert folding.fold(LONG).epoch == 2
    assert len(tallied(folded)) == 21
    cast(folded, 1, *(f"title-{n}-of-many" for n in range(20)), start=100)
    assert folding.fold(LONG).epoch == 3  # there is no view: what was read is what is folded


def test_who_looked_at_an_older_view_puts_nothing(folded: Stores, clock: Clock) -> None:
    tallies, cut = folded.tallies, View(1, 1, 5, {0: 1, 1: 1}, 1, False, {"up": votes_of(1)})
    assert tallies.look(cut, None)
    assert not tallies.look(cut, None)
    assert tallies.look(replace(cut, place=2), (1, 1))
    assert not tallies.look(replace(cut, place=2), (1, 1))
    assert not tallies.look(replace(cut, base=0), (1, 2))
    assert not tallies.fix(Open(2, {1: 1}, 6), None)
    assert not tallies.fix(Open(2, {1: 1}, 6), (1, 1))
    assert tallies.fix(Open(2, {1: 1}, 6), (1, 2))
    assert not tallies.look(replace(cut, place=3), (1, 2)), "an epoch is open"
    assert fold_of(folded).view == replace(cut, place=2)
    assert tallies.close(Open(2, {1: 1}, 6), {0: 1, 1: 1})
    assert fold_of(folded) == Fold(2, {0: 1, 1: 1}, 6, SHARDS)


def test_a_view_left_by_a_release_from_before_is_shown_to_nobody(folded: Stores, clock: Clock) -> None:
    """It closes the epoch and knows of no view; the title's row is left alone by it, too: the vote
    was withdrawn in the same epoch.
    """
    cast(folded, 1, "up")
    viewing_on(folded, clock).fold(LONG)
    folded.tallies._client.update_item(
        TableName=folded.tallies._table,
        Key={"title_id": {"S": "#fold"}},
        UpdateExpression="SET epoch = :two, upto = :upto",
        ExpressionAttributeValues={":two": {"N": "2"}, ":upto": {"M": {"0": {"N": "1"}, "1": {"N": "1"}}}},
    )
    left = fold_of(folded)
    assert (left.view, left.mark, left.seen) == (None, (1, 1), {0: 1, 1: 1})
    assert all_of(folded) == {"up": votes_of(1)}
    cast(folded, 2, "up")
    assert viewing_on(folded, clock).fold(LONG).epoch is None
    assert fold_of(folded).mark == (2, 2)
    assert all_of(folded) == {"up": votes_of(2)}


def test_a_view_that_a_later_release_packed_is_left_out_and_replaced(
    folded: Stores, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast(folded, 1, "up")
    with monkeypatch.context() as later:
        later.setattr(view, "PACKED", 2)
        viewing_on(folded, clock).fold(LONG)
    assert (fold_of(folded).view, fold_of(folded).mark, upto(folded)) == (None, (1, 1), {0: 1})
    assert viewing_on(folded, clock).fold(LONG).epoch is None
    assert (fold_of(folded).mark, all_of(folded)) == ((1, 2), {"up": votes_of(2)})


def test_a_shard_that_stops_among_what_was_seen_stops_alone(folded: Stores, clock: Clock) -> None:
    """Its part is not shown any more, as it is not counted; what was lost is told."""
    cast(folded, 1, "up")
    cast(folded, 2, "up")
    viewing_on(folded, clock).fold(LONG)
    lose(folded, 1, 1)
    cast(folded, 3, "up")
    clock.now += LATER
    progress = viewing_on(folded, clock).fold(LONG)
    assert (progress.epoch, list(progress.stopped), upto(folded)) == (2, [1], {0: 1, 2: 1, 3: 1})
    assert "entry 1 is not there" in progress.stopped[1]
    assert all_of(folded) == {"up": votes_of(3)}


def test_a_journal_that_is_older_than_what_was_seen_stops(folded: Stores, clock: Clock) -> None:
    for start in range(1, 12):
        cast(folded, 1, "up", start=start)
    viewing_on(folded, clock).fold(LONG)
    for n in range(12):
        lose(folded, 1, n)
    folded.journal.create_head(1, SHARDS)
    clock.now += LATER
    progress = viewing_on(folded, clock).fold(LONG)
    assert (progress.epoch, list(progress.stopped)) == (None, [1])
    assert viewing_on(folded, clock).look_past_heads().lost.keys() == {1}


def test_sums_are_packed_and_read_back() -> None:
    for sums in ({}, {"t": {"story#5": 3, "voters": -1}}, {"a": {"x#1": 1}, "b": {"y#-2": 10**9}, "é": {"x#1": -7}}):
        assert unpack(pack(sums)) == sums
    thousand = {f"mv{n:04}": {f"{aspect}#{n % 5}": n for aspect in ("a", "b", "c")} for n in range(1000)}
    assert len(pack(thousand)) < 12_000


def test_a_title_is_its_row_and_the_views_part_of_it() -> None:
    cut = View(3, 1, 0, {}, 0, False, {"t": {"story#5": 1, "voters": -1}})
    row = {"title_id": {"S": "t"}, "epoch": {"N": "3"}, "v": {"N": "1"}, "voters": {"N": "4"}}
    assert shown("t", row, cut) == {"voters": 3, "story#5": 1}
    assert shown("t", row | {"epoch": {"N": "4"}}, cut) == shown("t", row, None) == {"voters": 4}
    assert shown("t", {}, cut) == cut.sums["t"]
    assert list(all_shown([[row]], replace(cut, sums={"new": {"voters": 1}}))) == [
        {"t": {"voters": 4}},
        {"new": {"voters": 1}},
    ]
