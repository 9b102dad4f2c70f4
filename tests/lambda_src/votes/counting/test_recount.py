"""The audit finds no difference where there is none, also while ballots are counted, and every
difference there is.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import pytest

from shared import clock
from tests.support.counted import SHARDS, Counted
from tools.simulation.votes.ballots import expected
from votes import recount
from votes.recount import Difference, Report, State, Unsettled
from votes.shards import shard_of
from votes.tallies import Open


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    monkeypatch.setattr(clock, "sleep", lambda _: None)
    return Counted()


def test_nothing_yet(counted: Counted) -> None:
    report = counted.audit()
    assert (report.epoch, report.votes, report.differences) == (0, 0, [])


def test_counted_but_never_folded(counted: Counted) -> None:
    counted.count(counted.some(5))
    assert counted.audit().differences == []


def test_votes_put_after_the_cut_are_taken_back(counted: Counted) -> None:
    counted.count(counted.some(15))
    counted.fold()
    counted.count(counted.some(15))
    report = counted.audit()
    assert report.rewound > 5
    assert report.differences == []
    counted.fold()
    report = counted.audit()
    assert (report.rewound, report.differences) == (0, [])


def test_a_wrong_tally_is_found(counted: Counted) -> None:
    counted.count([counted.ballot("v0", "up", story=2), counted.ballot("v1", "down", story=3)])
    counted.fold()
    counted.spoil("up", story_2=1, story_1=-1, voters=1)
    counted.spoil("none", voters=2)
    seen: list[int] = []
    report = recount.audit(counted.source(), progress=seen.append)
    assert report.differences == [
        Difference("none", "voters", 2, 0),
        Difference("up", "story#1", -1, 0),
        Difference("up", "story#2", 2, 1),
        Difference("up", "voters", 2, 1),
    ]
    assert (report.titles, seen[-1]) == (3, 2)
    assert counted.audit("down").differences == []
    assert len(counted.audit("up").differences) == 3


def test_one_title_is_compared_alone(counted: Counted) -> None:
    counted.count(counted.some(20))
    counted.fold()
    counted.count(counted.some(6))
    report = counted.audit("t1")
    assert (report.titles, report.differences) == (1, [])
    assert report.votes == sum(item["title_id"]["S"] == "t1" for item in counted.items("votes"))
    assert counted.audit("nobody").titles == 0


def test_an_epoch_that_stays_open_is_waited_for_and_then_told(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(clock, "sleep", pauses.append)
    counted.tallies.create_fold(SHARDS)
    counted.tallies.fix(Open(1, {0: 1}, 1))
    with pytest.raises(Unsettled, match="try again"):
        counted.audit()
    assert len(pauses) == recount.SNAPSHOTS - 1


def test_an_epoch_closed_while_the_tallies_are_read_makes_it_read_them_again(counted: Counted) -> None:
    counted.count([counted.ballot("v0", "down", story=2), counted.ballot("v0", "up", story=2)])
    counted.fold()
    counted.count([counted.ballot("v1", "down", story=3), counted.ballot("v1", "up", story=3)])
    source: Any = counted.source()
    read = source.tallies

    def moving() -> Iterator[Mapping[str, dict[str, int]]]:
        yield {"down": {title: row for page in read() for title, row in page.items()}["down"]}
        counted.fold()
        yield {"up": {title: row for page in read() for title, row in page.items()}["up"]}

    source.tallies = moving
    report = recount.audit(source)
    assert (report.differences, report.epoch) == ([], counted.tallies.fold().epoch)  # type: ignore[union-attr]


def test_a_journal_that_does_not_reach_back(counted: Counted) -> None:
    counted.count([counted.ballot("v0", "up", story=2)])
    counted.fold()
    counted.count([counted.ballot("v0", "up", story=1)])
    shard = shard_of("v0", SHARDS)
    counted.lose(shard, counted.done(shard))
    with pytest.raises(Unsettled, match="1 votes"):
        counted.audit()


def traffic(counted: Counted, turn: int) -> None:
    """What goes on between two pages of an audit."""
    counted.count(counted.some(2, voters=12))
    if turn % 3 == 0:
        counted.fold()


@pytest.mark.parametrize("spoiled", [False, True])
def test_traffic_at_every_page_shows_no_false_difference(counted: Counted, spoiled: bool) -> None:
    counted.count(counted.some(40, voters=12))
    counted.fold()
    counted.count(counted.some(10, voters=12))
    wrong = []
    if spoiled:
        counted.spoil("never", voters=1)
        wrong = [Difference("never", "voters", 1, 0)]
    source = counted.source()
    state = recount.begin(source)
    for turn, _ in enumerate(recount.read_on(source, state)):
        traffic(counted, turn)
    report = recount.finish(source, state)
    assert report.rewound > 3
    assert report.differences == wrong
    counted.fold()
    assert counted.audit().differences == wrong
    assert {title: row for title, row in counted.tallied().items() if title != "never"} == expected(counted.cast)[1]


def broken_off_after(counted: Counted, pages: int) -> tuple[State, bool]:
    """The state after so many pages, and whether there were more."""
    source = counted.source()
    state = recount.begin(source)
    for _ in islice(recount.read_on(source, state), pages):
        pass
    return state, not state.read


def test_broken_off_after_every_page_and_gone_on_with(counted: Counted) -> None:
    """The report is the same as without; what is counted, folded and repaired meanwhile makes no
    difference to it.
    """
    counted.count(counted.some(30, voters=12))
    counted.fold()
    counted.spoil("never", voters=1)
    whole = counted.audit()
    pages, more = 0, True
    while more:
        state, more = broken_off_after(counted, pages)
        list(recount.read_on(counted.source(), state))
        assert recount.finish(counted.source(), state) == whole
        pages += 1
    assert pages > 5


def test_broken_off_with_traffic(counted: Counted) -> None:
    counted.count(counted.some(30, voters=12))
    counted.fold()
    pages, more, rewound = 0, True, 0
    while more:
        state, more = broken_off_after(counted, pages)
        traffic(counted, 0)
        source = counted.source()
        for turn, _ in enumerate(recount.read_on(source, state)):
            traffic(counted, turn)
        report: Report = recount.finish(source, state)
        rewound = max(rewound, report.rewound)
        assert report.differences == []
        pages += 1
        if pages > 8:
            break
    assert rewound > 5
