"""What lies past the heads, on simulated DynamoDB and on the emulator: what a fold takes of it, and
what the schedule makes of it.
"""

import pytest

from tests.support.emulated import Stores
from tests.support.folds import LONG, SHARDS, cast, folding_on, lose, tallied, upto, votes_of
from votes import entry
from votes.folding import Past
from votes.journal import LAST_OF_GENERATION
from votes.last_entry import HEAD_EVERY, MOST_VERIFIED, end_of, last_past
from votes.standing import AspectVote, Change
from votes.tallies import Open

NOTHING = Past(None, {})


def append(stores: Stores, shard: int, voters: int = 1) -> list[Change]:
    """An entry after the last one, whose writer died before it put a vote."""
    standing = {"story": AspectVote(5, 1, "b")}
    changes = [Change(f"late-{voter}", "up", None, standing) for voter in range(voters)]
    if stores.journal.head(shard) is None:
        stores.journal.create_head(shard, SHARDS)
    assert stores.journal.append(shard, end_of(stores.journal, shard) + 1, entry.encode(changes), 5)
    return changes


def done(stores: Stores, shard: int = 0) -> int:
    return int(stores.journal.head(shard).done)


def test_a_last_entry_is_folded_when_all_of_its_votes_are_put(stores: Stores) -> None:
    cast(stores, 0, "up")
    changes = append(stores, 0, voters=2)
    folding = folding_on(stores)
    for put, counted in ((changes[:0], 1), (changes[:1], 1), (changes, 3)):
        stores.journal.put_votes(2, put)
        folding.fold(LONG)
        assert tallied(stores) == {"up": votes_of(counted)}
    assert (upto(stores), done(stores)) == ({0: 2}, 0)


def test_one_that_another_follows_is_folded_as_it_is(stores: Stores) -> None:
    """Who appended the other has seen it finished."""
    append(stores, 0)
    append(stores, 0)
    folding_on(stores).fold(LONG)
    assert upto(stores) == {0: 1}


def test_of_a_large_one_the_head_alone_tells(stores: Stores) -> None:
    stores.journal.put_votes(1, append(stores, 0, voters=MOST_VERIFIED + 1))
    folding = folding_on(stores)
    assert folding.fold(LONG).epoch is None
    assert folding.look_past_heads() == NOTHING
    assert (done(stores), folding.fold(LONG).ballots) == (1, MOST_VERIFIED + 1)


@pytest.mark.parametrize("before", [0, 1, HEAD_EVERY])
def test_the_schedule_moves_heads_to_the_last_finished_entry(stores: Stores, before: int) -> None:
    for start in range(before):
        cast(stores, 0, "up", start=10 * start)
    changes = append(stores, 0)
    folding = folding_on(stores)
    assert (folding.look_past_heads(), done(stores)) == (Past(5, {}), before)
    stores.journal.put_votes(before + 1, changes)
    assert (folding.look_past_heads(), done(stores)) == (NOTHING, before + 1)
    assert (folding.look_past_heads(), done(stores)) == (NOTHING, before + 1)


def test_one_that_nobody_can_read_is_unfinished_until_another_follows(stores: Stores) -> None:
    cast(stores, 0, "up")
    stores.journal.append(0, 2, b"\x01junk", 7)
    folding = folding_on(stores)
    assert (folding.look_past_heads(), done(stores)) == (Past(7, {}), 1)
    stores.journal.append(0, 3, b"\x01junk", 8)
    assert (folding.look_past_heads(), done(stores)) == (Past(8, {}), 2)


def test_a_journal_that_is_shorter_than_what_is_counted_is_an_alarm(stores: Stores) -> None:
    for start in range(3):
        cast(stores, 0, "up", start=10 * start)
        cast(stores, 1, "up", start=10 * start)
    folding = folding_on(stores)
    folding.fold(LONG)
    for n in (2, 3):
        lose(stores, 1, n)
    past = folding.look_past_heads()
    assert past.lost == {1: "its journal ends before entry 3, which is counted: was it restored?"}
    assert (done(stores, 0), done(stores, 1)) == (3, 0)


def test_a_gap_stops_its_shard_alone(stores: Stores) -> None:
    for shard in (0, 1):
        for start in range(4):
            cast(stores, shard, "up", start=10 * start)
    lose(stores, 1, 2)
    folding = folding_on(stores)
    assert folding.fold(LONG).stopped == {1: "entry 2 is not there, though 3 is"}
    past = folding.look_past_heads()
    assert past.lost == {1: "shard 1: entry 2 is not there, though entry 3 is"}
    assert (upto(stores), done(stores, 0), done(stores, 1)) == ({0: 4, 1: 1}, 4, 0)


@pytest.mark.parametrize(("counted", "stops"), [(HEAD_EVERY, False), (HEAD_EVERY + 1, True)])
def test_a_head_lies_no_further_back_than_it_is_left(stores: Stores, counted: int, *, stops: bool) -> None:
    stores.journal.create_head(0, SHARDS)
    stores.tallies.create_fold(SHARDS)
    stores.tallies.fix(Open(1, {0: counted}, 1))
    stores.tallies.close(Open(1, {0: counted}, 1), {0: counted})
    assert (0 in folding_on(stores).fold(LONG).stopped) == stops


def test_a_journal_ends_with_its_generation(stores: Stores) -> None:
    stores.journal.append(0, LAST_OF_GENERATION, b"", 1)
    stores.journal.append(0, LAST_OF_GENERATION + 2, b"", 1)
    last = last_past(stores.journal, 0, LAST_OF_GENERATION - 1)
    assert last is not None
    assert last.n == LAST_OF_GENERATION
    assert last_past(stores.journal, 0, LAST_OF_GENERATION + 1).n == LAST_OF_GENERATION + 2  # type: ignore[union-attr]
