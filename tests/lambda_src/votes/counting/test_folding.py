"""The epoch protocol on simulated DynamoDB and the emulator: what a fold takes in, how much."""

from typing import Any

from tests.support.emulated import Stores
from tests.support.folds import LONG, SECOND, SHARDS, Clock, cast, folding_on, tallied, upto, votes_of
from votes.ballot import Ballot
from votes.counting import Counting
from votes.folding import Folding
from votes.tallies import Fold, Open


def test_a_fold_takes_in_all_up_to_the_heads(stores: Stores) -> None:
    cast(stores, 0, "up", "down")
    cast(stores, 0, "up", start=10)
    cast(stores, 3, "up")
    clock = Clock()
    progress = folding_on(stores, clock=clock).fold(LONG)
    assert (progress.epoch, progress.ballots, progress.titles, progress.behind, progress.more) == (1, 4, 2, 0, False)
    assert tallied(stores) == {"up": votes_of(3), "down": votes_of(1)}
    assert stores.tallies.fold() == Fold(1, {0: 2, 3: 1}, clock.now, SHARDS)
    assert folding_on(stores).fold(LONG).epoch is None
    assert stores.tallies.fold().epoch == 1


def test_nothing_at_all(stores: Stores) -> None:
    progress = folding_on(stores).fold(LONG)
    assert (progress.epoch, progress.behind, progress.oldest_us) == (None, 0, None)


def test_an_unfinished_entry_is_not_folded(stores: Stores) -> None:
    cast(stores, 0, "up")
    body = stores.journal.entry(0, 1).body
    stores.journal.append(0, 2, body, 1)
    folding_on(stores).fold(LONG)
    assert tallied(stores) == {"up": votes_of(1)}


def test_a_title_with_nothing_to_add_is_left_alone(stores: Stores) -> None:
    cast(stores, 0, "up")
    folding_on(stores).fold(LONG)
    Counting(stores.journal, SHARDS, Clock()).count(0, [Ballot("v0-0", "up", {"story": 5}, "c", 2)])
    progress = folding_on(stores).fold(LONG)
    assert (progress.epoch, progress.titles, progress.ballots) == (2, 0, 1)


def test_an_open_epoch_is_folded_again_from_its_own_range(stores: Stores) -> None:
    cast(stores, 0, "up")
    cast(stores, 1, "up")
    stores.tallies.create_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: 1}, 77))
    cast(stores, 0, "up", start=10)
    progress = folding_on(stores).fold(LONG)
    assert (progress.epoch, progress.reopened, progress.more) == (1, True, True)
    assert tallied(stores) == {"up": votes_of(1)}
    assert stores.tallies.fold() == Fold(1, {0: 1}, 77, SHARDS)
    folding_on(stores).fold(LONG)
    assert tallied(stores) == {"up": votes_of(3)}


def test_an_epoch_half_added_is_not_added_twice(stores: Stores) -> None:
    cast(stores, 0, "down", "up")
    stores.tallies.create_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: 1}, 77))
    stores.tallies.add(1, {"down": votes_of(1)})
    folding_on(stores).fold(LONG)
    assert tallied(stores) == {"down": votes_of(1), "up": votes_of(1)}


def test_epochs_are_bounded_and_every_shard_has_its_share(stores: Stores) -> None:
    for start in range(6):
        cast(stores, 0, "a", "b", start=10 * start)
        cast(stores, 2, "c", "d", start=10 * start)
    cast(stores, 3, "e")
    folding = folding_on(stores, changes=9)
    folding.look_past_heads()
    progress = folding.fold(LONG)
    assert (progress.capped, progress.more, progress.ballots <= 9, progress.behind) == (
        True,
        True,
        True,
        13 - sum(upto(stores).values()),
    )
    assert set(upto(stores)) == {0, 2, 3}
    for _ in range(10):
        if not folding.fold(LONG).more:
            break
    assert tallied(stores) == {**{title: votes_of(6) for title in "abcd"}, "e": votes_of(1)}


def test_a_small_entry_does_not_overtake_one_that_did_not_fit(stores: Stores) -> None:
    cast(stores, 0, "a", "b")
    cast(stores, 0, "c", "d", start=10)
    cast(stores, 0, "e", start=20)
    folding = folding_on(stores, changes=3)
    assert (folding.fold(LONG).ballots, upto(stores)) == (2, {0: 1})
    assert (folding.fold(LONG).ballots, upto(stores)) == (3, {0: 3})
    assert tallied(stores) == {title: votes_of(1) for title in "abcde"}


def test_an_entry_larger_than_an_epoch_is_still_folded(stores: Stores) -> None:
    for shard in range(3):
        cast(stores, shard, *"abcdef")
    folding = folding_on(stores, changes=2)
    seen = [folding.fold(LONG).ballots for _ in range(3)]
    assert seen == [6, 6, 6]
    assert folding.fold(LONG).epoch is None


def test_no_shard_starves_behind_the_others(stores: Stores) -> None:
    folding = folding_on(stores, changes=2)
    for turn in range(4):
        for shard in range(SHARDS):
            cast(stores, shard, "a", "b", start=10 * turn)
        folding.fold(LONG)
    assert set(upto(stores)) == set(range(SHARDS))


def test_reading_stops_when_its_time_is_over(stores: Stores) -> None:
    for start in range(5):
        cast(stores, 0, "a", start=10 * start)
    folding_on(stores).look_past_heads()
    clock = Clock()

    class Slow:
        heads, put_by = stores.journal.heads, stores.journal.put_by
        move_head = stores.journal.move_head

        def entries(self, *given: Any) -> Any:
            for found in stores.journal.entries(*given):
                clock.now += SECOND
                yield found

    folding = Folding(Slow(), stores.tallies, SHARDS, 1000, clock)
    progress = folding.fold(6 * SECOND)
    assert (progress.ballots, progress.capped, progress.behind) == (3, True, 2)


def test_an_epoch_takes_only_titles_that_fit_its_time(stores: Stores) -> None:
    clock = Clock()

    class Slow:
        """Adding to a title takes 20 ms."""

        def __getattr__(self, name: str) -> Any:
            return getattr(stores.tallies, name)

        def add(self, epoch: int, deltas: Any) -> int:
            clock.now += len(deltas) * SECOND // 50
            added: int = stores.tallies.add(epoch, deltas)
            return added

    folding = Folding(stores.journal, Slow(), SHARDS, 1000, clock)
    cast(stores, 0, *(f"t{n}" for n in range(20)))
    assert folding.fold(SECOND).titles == 20
    for start in range(1, 5):
        cast(stores, 0, *(f"t{start}-{n}" for n in range(20)), start=20 * start)
    # At a pace between 1 and 20 ms, half a second has room for 47 titles, then for less, and for
    # one entry always.
    assert [folding.fold(SECOND).titles for _ in range(2)] == [40, 20]
    assert folding.fold(40 * SECOND).titles == 20


def test_one_bad_moment_does_not_make_epochs_small_for_ever(stores: Stores) -> None:
    clock = Clock()

    class Stuck:
        """Waits a quarter of an hour, once."""

        def __getattr__(self, name: str) -> Any:
            return getattr(stores.tallies, name)

        def add(self, epoch: int, deltas: Any) -> int:
            clock.now += 900 * SECOND if epoch == 1 else 0
            added: int = stores.tallies.add(epoch, deltas)
            return added

    folding = Folding(stores.journal, Stuck(), SHARDS, 1000, clock)
    cast(stores, 0, *(f"t{n}" for n in range(12)))
    folding.fold(4 * SECOND)
    for start in range(1, 13):
        cast(stores, 0, *(f"t{start}-{n}" for n in range(5)), start=20 * start)
    assert folding.fold(4 * SECOND).titles == 60
