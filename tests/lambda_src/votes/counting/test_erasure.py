"""Erasing a voter: at every crash point, with traffic and a voter who comes back, tallies stay
right and the voter is gone in the end.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.support.counted import Counted, dies_in
from tests.support.erased import ANOTHER, SHARD, VOTER, erase, erasure_of, is_erased, is_right, of_others, traces, voted
from tools.simulation.votes.ballots import expected
from votes.erasure import Rows
from votes.journal import KEEP_SECONDS


def test_two_runs_leave_nothing() -> None:
    counted = voted()
    erasure = erasure_of(counted)
    had = erasure.rows()
    assert had.standing >= 2
    assert had.withdrawn == 0
    assert erase(counted)
    assert erasure.rows() == Rows(0, had.standing)
    assert is_right(counted)
    assert counted.tallied() == of_others(counted)[1]  # the voter counts no more from the first run on
    assert traces(counted) == [item for item in counted.items("votes") if item["voter_id"]["S"] == VOTER]
    assert erase(counted) == 0  # too early to remove the rows
    counted.count(counted.some(8, voters=1))  # of v0
    counted.later()
    assert erase(counted) >= had.standing
    assert is_erased(counted)
    assert erase(counted) == 0


def test_rows_wait_for_all_writers_and_for_the_fold() -> None:
    counted = voted()
    erasure = erasure_of(counted)
    erasure.withdraw()
    counted.later()
    assert erasure.remove(counted.upto(SHARD)) == 0  # not folded
    counted.fold()
    counted.now -= 60 * 1_000_000
    assert erasure.remove(counted.upto(SHARD)) == 0  # a writer might live
    counted.later(60)
    assert erasure.remove(counted.upto(SHARD)) > 0


def test_the_wait_begins_when_the_withdrawal_is_finished_not_when_it_was_appended() -> None:
    counted = voted()
    erasure = erasure_of(counted)
    dies_in(counted.journal, "put_votes", erasure.withdraw)
    counted.later()
    assert erase(counted) > 0  # finishes it
    assert erase(counted) == 0
    counted.later()
    erase(counted)
    assert is_erased(counted)


def test_entries_that_have_expired_tell_enough() -> None:
    counted = voted()
    erase(counted)
    counted.later(KEEP_SECONDS)
    for item in counted.items("journal"):
        if "entry" in item:
            counted.lose(int(item["shard"]["N"]), int(item["n"]["N"]))
    erase(counted)
    assert is_erased(counted)


def broken(run: Callable[[Counted], Any], before: Callable[[Counted], Any]) -> None:
    """Break `run` at every call; run it again twice, time going by."""
    counted = voted()
    before(counted)
    places = counted.breaks.length(lambda: run(counted))
    assert places > 20
    for place in range(places):
        counted = voted()
        before(counted)
        assert counted.breaks.broken(place, partial(run, counted))
        assert is_right(counted), place
        if place % 2:
            counted.count([counted.ballot(ANOTHER, "own", story=place % 3 + 1)])
        for _ in range(2):
            erase(counted)
            assert is_right(counted), place
            counted.later()
        erase(counted)
        assert is_erased(counted), place


def test_the_first_run_broken_at_every_call() -> None:
    broken(erase, lambda _: None)


def test_the_second_run_broken_at_every_call() -> None:
    def before(counted: Counted) -> None:
        erase(counted)
        counted.later()

    broken(erase, before)


@pytest.mark.parametrize("voter", [VOTER, ANOTHER])
@pytest.mark.parametrize("second", [False, True])
def test_ballots_come_at_every_call(voter: str, second: bool) -> None:
    """Of the voter too, who may vote on, or come back; what they cast counts, or is erased, and the
    tallies say the same.
    """

    def before() -> Counted:
        counted = voted()
        if second:
            erase(counted)
            counted.later()
        return counted

    counted = before()
    places = counted.breaks.length(lambda: erase(counted))
    for place in range(places):
        counted = before()
        ballots = [counted.ballot(voter, title, story=3) for title in ("t0", "own", "new")]
        counted.breaks.at_place(place, partial(counted.count, ballots))
        erase(counted)
        assert is_right(counted), place
        for _ in range(2):
            erase(counted)
            counted.later()
        erase(counted)
        assert is_erased(counted), place


def test_he_comes_back() -> None:
    counted = voted()
    erase(counted)
    counted.later()
    erase(counted)
    before = len(counted.cast)
    counted.count(counted.ballot(VOTER, title, story=1) for title in ("t0", "own"))
    assert is_right(counted)
    others = [ballot for ballot in counted.cast[:before] if ballot.voter_id != VOTER]
    assert counted.tallied() == expected(others + counted.cast[before:])[1]


def test_late_ballots_of_before_are_superseded() -> None:
    counted = voted()
    late = [counted.ballot(VOTER, "t0", story=1), counted.ballot(VOTER, "own", music=3)]
    ahead = counted.ballot(VOTER, "t0", music=2)
    ahead = ahead._replace(cast_at=ahead.cast_at + 60_000_000)  # by a clock that is ahead of ours
    counted.count([ahead])
    erase(counted)
    counted.count(late)
    assert is_right(counted)
    assert counted.tallied() == of_others(counted)[1]


def test_an_aspect_he_never_voted_on_is_withdrawn_too() -> None:
    counted = Counted()
    late = counted.ballot(VOTER, "up", music=2)
    counted.count([counted.ballot(VOTER, "up", story=1)])
    erase(counted)
    counted.count([late])
    assert is_right(counted)
    assert counted.tallied() == {}
