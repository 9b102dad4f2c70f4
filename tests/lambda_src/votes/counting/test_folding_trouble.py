"""The epoch protocol on simulated DynamoDB and on the emulator: entries missing or unreadable,
races, sleepers, other tables.
"""

import json
import zlib
from typing import Any

import pytest

from tests.support.emulated import Stores
from tests.support.folds import LONG, SHARDS, Clock, cast, folding_on, lose, tallied, upto, votes_of
from votes import entry
from votes.folding import EntriesMissing, Folding, Progress
from votes.journal import ShardsDiffer
from votes.standing import AspectVote, Change
from votes.tallies import Open


def test_a_missing_entry_stops_its_shard_alone(stores: Stores) -> None:
    for start in range(3):
        cast(stores, 0, "up", start=10 * start)
        cast(stores, 1, "up", start=10 * start)
    folding = folding_on(stores)
    folding.look_past_heads()
    lose(stores, 0, 2)
    progress = folding.fold(LONG)
    assert progress.stopped == {0: "entry 2 is not there, though the head says 3"}
    assert (progress.behind, progress.oldest_us, upto(stores)) == (2, Clock().now, {0: 1, 1: 3})
    again = folding.fold(LONG)
    assert (again.epoch, list(again.stopped)) == (None, [0])
    cast(stores, 1, "up", start=90)
    folding.fold(LONG)
    assert upto(stores) == {0: 1, 1: 4}


def packed(text: str, version: int = 1) -> bytes:
    """The bytes of an entry with this text."""
    return bytes([version]) + zlib.compress(text.encode())


COLUMNS = json.loads(zlib.decompress(entry.encode([Change("v", "t", None, {"story": AspectVote(3, 1, "b")})])[1:]))
OTHER = {"kind": "repair", "added": {}, "removed": [], "note": "", "put_by": float("inf")}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x01junk",
        b"\x03of a later release",
        packed("[" * 100_000),
        packed(json.dumps(OTHER), 2),
        packed(json.dumps(COLUMNS | {"titles": [["t"]]})),
        packed(json.dumps(COLUMNS | {"voter_id": [{}]})),
        packed("[]"),
        packed("1"),
        packed(" " * (200 * 2**20)),
    ],
)
def test_an_entry_that_cannot_be_read_stops_its_shard_alone(stores: Stores, body: bytes) -> None:
    for shard in (0, 1):
        cast(stores, shard, "up")
    lose(stores, 0, 1)
    stores.journal.append(0, 1, body, 5)
    progress = folding_on(stores).fold(LONG)
    assert list(progress.stopped) == [0]
    assert (tallied(stores), progress.behind, progress.oldest_us) == ({"up": votes_of(1)}, 1, 5)


def test_a_head_behind_the_fold_is_an_alarm(stores: Stores) -> None:
    cast(stores, 0, "up")
    stores.tallies.create_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: 1, 1: 4}, 1))
    stores.tallies.close(Open(1, {0: 1, 1: 4}, 1), {0: 1, 1: 4})
    assert list(folding_on(stores).fold(LONG).stopped) == [1]


def test_an_open_epoch_with_a_part_missing_is_not_folded(stores: Stores) -> None:
    cast(stores, 0, "up")
    cast(stores, 0, "down", start=10)
    stores.tallies.create_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: 2}, 77))
    lose(stores, 0, 2)
    with pytest.raises(EntriesMissing, match="epoch 1 cannot be folded again: entry 2 of shard 0"):
        folding_on(stores).fold(LONG)
    assert tallied(stores) == {}
    assert stores.tallies.fold().open


def test_one_who_wakes_after_everything_expired_returns_quietly(stores: Stores) -> None:
    cast(stores, 0, "up")
    stores.tallies.create_fold(SHARDS)
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
                lose(stores, 0, 1)
            return seen

    progress = Folding(stores.journal, Sleeper(), SHARDS, 1000, Clock()).fold(LONG)
    assert progress == Progress()
    assert tallied(stores) == {"up": votes_of(1)}


def test_who_loses_the_race_for_a_range_folds_nothing(stores: Stores) -> None:
    cast(stores, 0, "up")

    class Raced:
        def __getattr__(self, name: str) -> Any:
            return getattr(stores.tallies, name)

        def fix(self, opened: Open, mark: Any) -> bool:
            folding_on(stores).fold(LONG)
            fixed: bool = stores.tallies.fix(opened, mark)
            return fixed

    assert Folding(stores.journal, Raced(), SHARDS, 1000, Clock()).fold(LONG).epoch is None
    assert tallied(stores) == {"up": votes_of(1)}


def test_the_number_of_shards_is_checked(stores: Stores) -> None:
    cast(stores, 0, "up")
    folding = Folding(stores.journal, stores.tallies, 8, 1000, Clock())
    with pytest.raises(ShardsDiffer, match="set SHARDS back to 4"):
        folding.fold(LONG)
    stores.tallies.create_fold(SHARDS)
    with pytest.raises(ShardsDiffer):
        folding.fold(LONG)
    assert tallied(stores) == {}


def test_entries_decode_as_they_were_cast(stores: Stores) -> None:
    cast(stores, 0, "up")
    assert len(entry.decode(stores.journal.entry(0, 1).body).changes) == 1
