"""The epoch protocol on both stores."""

from typing import Any

import pytest

from tests.support.emulated import Stores
from tests.support.memory_store import MemoryStore
from votes import entry
from votes.ballot import Ballot
from votes.counting import Counting
from votes.folding import EntriesMissing, Folding, Progress
from votes.journal import ShardsDiffer
from votes.tallies import Fold, Open

SHARDS = 4
SECOND = 1_000_000
LONG = 100 * SECOND


class Clock:
    def __init__(self) -> None:
        self.now = 1_795_000_000_000_000

    def __call__(self) -> int:
        return self.now


def folding_on(stores: Stores, changes: int = 1000, clock: Any = None) -> Folding:
    return Folding(stores.journal, stores.tallies, SHARDS, changes, clock or Clock())


def cast(stores: Stores, shard: int, *titles: str, start: int = 0) -> None:
    """One entry of the shard, a ballot a title."""
    ballots = [Ballot(f"v{shard}-{start + n}", title, {"story": 5}, "b", 1) for n, title in enumerate(titles)]
    Counting(stores.journal, SHARDS, Clock()).count(shard, ballots)


def tallied(stores: Stores) -> dict[str, dict[str, int]]:
    if isinstance(stores.tallies, MemoryStore):
        return stores.tallies.tallies
    client, table = stores.tallies._client, stores.tallies._table
    items = [item for item in client.scan(TableName=table)["Items"] if item["title_id"]["S"] != "#fold"]
    return {item["title_id"]["S"]: {name: int(item[name]["N"]) for name in item.keys() - {"title_id", "epoch", "v"}} for item in items}


def votes(number: int) -> dict[str, int]:
    return {"story#5": number, "voters": number}


def test_a_fold_takes_in_all_up_to_the_heads(stores: Stores) -> None:
    cast(stores, 0, "up", "down")
    cast(stores, 0, "up", start=10)
    cast(stores, 3, "up")
    clock = Clock()
    progress = folding_on(stores, clock=clock).fold(LONG)
    assert (progress.epoch, progress.ballots, progress.titles, progress.behind, progress.more) == (1, 4, 2, 0, False)
    assert tallied(stores) == {"up": votes(3), "down": votes(1)}
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
    assert tallied(stores) == {"up": votes(1)}


def test_a_title_with_nothing_to_add_is_left_alone(stores: Stores) -> None:
    cast(stores, 0, "up")
    folding_on(stores).fold(LONG)
    Counting(stores.journal, SHARDS, Clock()).count(0, [Ballot("v0-0", "up", {"story": 5}, "c", 2)])
    progress = folding_on(stores).fold(LONG)
    assert (progress.epoch, progress.titles, progress.ballots) == (2, 0, 1)


def test_an_open_epoch_is_folded_again_from_its_own_range(stores: Stores) -> None:
    cast(stores, 0, "up")
    cast(stores, 1, "up")
    stores.tallies.found_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: 1}, 77))
    cast(stores, 0, "up", start=10)
    progress = folding_on(stores).fold(LONG)
    assert (progress.epoch, progress.reopened, progress.more) == (1, True, True)
    assert tallied(stores) == {"up": votes(1)}
    assert stores.tallies.fold() == Fold(1, {0: 1}, 77, SHARDS)
    folding_on(stores).fold(LONG)
    assert tallied(stores) == {"up": votes(3)}


def test_an_epoch_half_added_is_not_added_twice(stores: Stores) -> None:
    cast(stores, 0, "down", "up")
    stores.tallies.found_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: 1}, 77))
    stores.tallies.add(1, {"down": votes(1)})
    folding_on(stores).fold(LONG)
    assert tallied(stores) == {"down": votes(1), "up": votes(1)}


def test_epochs_are_bounded_and_every_shard_has_its_share(stores: Stores) -> None:
    for start in range(6):
        cast(stores, 0, "a", "b", start=10 * start)
        cast(stores, 2, "c", "d", start=10 * start)
    cast(stores, 3, "e")
    folding = folding_on(stores, changes=9)
    progress = folding.fold(LONG)
    assert (progress.capped, progress.more, progress.ballots <= 9, progress.behind) == (True, True, True, 13 - sum(_upto(stores).values()))
    assert set(_upto(stores)) == {0, 2, 3}
    for _ in range(10):
        if not folding.fold(LONG).more:
            break
    assert tallied(stores) == {**{title: votes(6) for title in "abcd"}, "e": votes(1)}


def _upto(stores: Stores) -> dict[int, int]:
    upto: dict[int, int] = stores.tallies.fold().upto
    return upto


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
    assert set(_upto(stores)) == set(range(SHARDS))


def test_reading_stops_when_its_time_is_over(stores: Stores) -> None:
    for start in range(5):
        cast(stores, 0, "a", start=10 * start)
    clock = Clock()

    class Slow:
        heads = stores.journal.heads

        def entries(self, *given: Any) -> Any:
            for found in stores.journal.entries(*given):
                clock.now += SECOND
                yield found

    folding = Folding(Slow(), stores.tallies, SHARDS, 1000, clock)
    progress = folding.fold(6 * SECOND)
    assert (progress.ballots, progress.capped, progress.behind) == (2, True, 3)


def test_an_epoch_takes_only_titles_that_fit_its_time(stores: Stores) -> None:
    clock = Clock()

    class Slow:
        """Adding to a title takes a tenth of a second."""

        def __getattr__(self, name: str) -> Any:
            return getattr(stores.tallies, name)

        def add(self, epoch: int, deltas: Any) -> int:
            clock.now += len(deltas) * SECOND // 10
            added: int = stores.tallies.add(epoch, deltas)
            return added

    folding = Folding(stores.journal, Slow(), SHARDS, 1000, clock)
    for start in range(4):
        cast(stores, 0, *(f"t{n}" for n in range(20)), start=20 * start)
    assert folding.fold(4 * SECOND).titles == 20
    for start in range(4, 8):
        cast(stores, 0, *(f"t{start}-{n}" for n in range(20)), start=20 * start)
    titles = [folding.fold(4 * SECOND).titles for _ in range(2)]
    assert titles == [20, 20]  # 2 s at the pace measured have room for 40, less than two entries more
    assert folding.fold(40 * SECOND).titles == 40


def test_a_missing_entry_stops_its_shard_alone(stores: Stores) -> None:
    for start in range(3):
        cast(stores, 0, "up", start=10 * start)
        cast(stores, 1, "up", start=10 * start)
    _lose(stores, 0, 2)
    folding = folding_on(stores)
    progress = folding.fold(LONG)
    assert progress.stopped == {0: "entry 2 is not there, though the head says 3"}
    assert (progress.behind, progress.oldest_us, _upto(stores)) == (2, Clock().now, {0: 1, 1: 3})
    again = folding.fold(LONG)
    assert (again.epoch, list(again.stopped)) == (None, [0])
    cast(stores, 1, "up", start=90)
    folding.fold(LONG)
    assert _upto(stores) == {0: 1, 1: 4}


@pytest.mark.parametrize("body", [b"", b"\x01junk", b"\x02of a later release"])
def test_an_entry_that_cannot_be_read_stops_its_shard_alone(stores: Stores, body: bytes) -> None:
    for shard in (0, 1):
        cast(stores, shard, "up")
    _lose(stores, 0, 1)
    stores.journal.append(0, 1, body, 5)
    progress = folding_on(stores).fold(LONG)
    assert list(progress.stopped) == [0]
    assert (tallied(stores), progress.behind, progress.oldest_us) == ({"up": votes(1)}, 1, 5)


def test_a_head_behind_the_fold_is_an_alarm(stores: Stores) -> None:
    cast(stores, 0, "up")
    stores.tallies.found_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: 1, 1: 4}, 1))
    stores.tallies.close(Open(1, {0: 1, 1: 4}, 1), {0: 1, 1: 4})
    assert list(folding_on(stores).fold(LONG).stopped) == [1]


def test_an_open_epoch_with_a_part_missing_is_not_folded(stores: Stores) -> None:
    cast(stores, 0, "up")
    cast(stores, 0, "down", start=10)
    stores.tallies.found_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: 2}, 77))
    _lose(stores, 0, 2)
    with pytest.raises(EntriesMissing, match="epoch 1 cannot be folded again: entry 2 of shard 0"):
        folding_on(stores).fold(LONG)
    assert tallied(stores) == {}
    assert stores.tallies.fold().open


def test_one_who_wakes_after_everything_expired_returns_quietly(stores: Stores) -> None:
    cast(stores, 0, "up")
    stores.tallies.found_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: 1}, 77))

    class Sleeper:
        """Reads the fold row, then sleeps while another folds and a month goes by."""

        asleep = True

        def __getattr__(self, name: str) -> Any:
            return getattr(stores.tallies, name)

        def fold(self) -> Any:
            seen = stores.tallies.fold()
            if self.asleep:
                self.asleep = False
                folding_on(stores).fold(LONG)
                _lose(stores, 0, 1)
            return seen

    progress = Folding(stores.journal, Sleeper(), SHARDS, 1000, Clock()).fold(LONG)
    assert progress == Progress()
    assert tallied(stores) == {"up": votes(1)}


def test_who_loses_the_race_for_a_range_folds_nothing(stores: Stores) -> None:
    cast(stores, 0, "up")

    class Raced:
        def __getattr__(self, name: str) -> Any:
            return getattr(stores.tallies, name)

        def fix(self, opened: Open) -> bool:
            folding_on(stores).fold(LONG)
            fixed: bool = stores.tallies.fix(opened)
            return fixed

    assert Folding(stores.journal, Raced(), SHARDS, 1000, Clock()).fold(LONG).epoch is None
    assert tallied(stores) == {"up": votes(1)}


def test_the_number_of_shards_is_checked(stores: Stores) -> None:
    cast(stores, 0, "up")
    folding = Folding(stores.journal, stores.tallies, 8, 1000, Clock())
    with pytest.raises(ShardsDiffer, match="set SHARDS back to 4"):
        folding.fold(LONG)
    stores.tallies.found_fold(SHARDS)
    with pytest.raises(ShardsDiffer):
        folding.fold(LONG)
    assert tallied(stores) == {}


def _lose(stores: Stores, shard: int, n: int) -> None:
    if isinstance(stores.journal, MemoryStore):
        del stores.journal.entries_[shard, n]
    else:
        key = {"shard": {"N": str(shard)}, "n": {"N": str(n)}}
        stores.journal._client.delete_item(TableName=stores.journal._journal, Key=key)


def test_entries_decode_as_they_were_cast(stores: Stores) -> None:
    cast(stores, 0, "up")
    assert len(entry.decode(stores.journal.entry(0, 1).body)) == 1
