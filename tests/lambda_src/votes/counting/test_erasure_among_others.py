"""Erasing a voter while others sleep, audit, mend or erase: nothing comes back, nothing is lost."""

from typing import Any

import pytest

from tests.support.counted import ASPECTS, SHARDS, Counted
from tests.support.erased import ANOTHER, SHARD, VOTER, erase, erasure_of, is_erased, is_right, traces, voted
from votes import entry, recount
from votes.counting import Counting
from votes.entry import ERASED, Content, Kind
from votes.erasure import Erasure, Rows
from votes.recount import Unsettled
from votes.standing import AspectVote, Change


def test_a_sleeper_who_reads_the_overwritten_entry_makes_no_row_of_it() -> None:
    counted = voted()
    head, n = counted.journal.head(SHARD), counted.done(SHARD) + 1
    counted.count([counted.ballot(VOTER, "new", story=2)])
    erase(counted)
    found = counted.journal.entry(SHARD, n)
    assert found
    assert ERASED in {change.voter_id for change in entry.decode(found.body).changes}
    read: list[int] = []

    class Sleeper:
        """Read the head before, and reads the entry after it now."""

        def __getattr__(self, name: str) -> Any:
            return getattr(counted.journal, name)

        def head(self, shard: int) -> Any:
            read.append(shard)
            return head if len(read) == 1 else counted.journal.head(shard)

    ballot = counted.ballot(ANOTHER, "t0", story=2)
    counted.cast.append(ballot)
    Counting(Sleeper(), SHARDS, counted.now_us).count(SHARD, [ballot])
    counted.later()
    erase(counted)
    assert is_erased(counted)


def test_one_who_removes_late_removes_no_vote_that_came_since() -> None:
    counted = voted()
    erase(counted)
    counted.later()
    erasure = erasure_of(counted)
    keys = list(counted.journal.votes_of(VOTER))
    assert erasure.remove(counted.upto(SHARD)) == len(keys)
    n = counted.done(SHARD)
    counted.count([counted.ballot(VOTER, title, story=2) for _, title in keys])
    counted.journal.remove_votes(n, keys)
    assert erasure.rows().standing == len(keys)
    assert is_right(counted)


def test_rows_are_gone_before_anybody_counts_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one who removes sleeps; the voter is back, and between the append and put of the new vote
    the rows are removed.
    """
    counted = voted()
    erase(counted)
    counted.later()
    remove, put = counted.journal.remove_votes, counted.journal.put_votes
    asleep: list[Any] = []

    def sleeps(*given: Any) -> None:
        if not asleep:
            asleep.append(given)
            counted.count([counted.ballot(VOTER, "t0", story=1)])
        remove(*given)

    def after_him(*given: Any) -> None:
        if asleep:
            remove(*asleep[0])
        put(*given)

    monkeypatch.setattr(counted.journal, "remove_votes", sleeps)
    monkeypatch.setattr(counted.journal, "put_votes", after_him)
    assert erasure_of(counted).remove(counted.upto(SHARD)) > 0
    assert asleep
    assert is_right(counted)
    assert erasure_of(counted).rows() == Rows(1, 0)


def test_an_audit_that_was_under_way_starts_over() -> None:
    """Of what was erased since its cut it cannot say any more what it was then, so it says that,
    and shows no false difference.
    """
    for runs in (1, 2):
        counted = voted()
        source = counted.source()
        state = recount.begin(source)
        for _ in range(runs):
            erase(counted)
            counted.later()
        list(recount.read_on(source, state))
        with pytest.raises(Unsettled, match="erased meanwhile: audit again"):
            recount.finish(source, state)
        assert is_right(counted)


def test_an_audit_from_after_the_withdrawal_goes_on_through_the_removal() -> None:
    counted = voted()
    erase(counted)
    counted.later()
    source = counted.source()
    state = recount.begin(source)
    erasure_of(counted).remove(counted.upto(SHARD))
    counted.count([counted.ballot(VOTER, "t0", story=1), *counted.some(5)])
    list(recount.read_on(source, state))
    assert recount.finish(source, state).differences == []


def test_two_erasures_of_one_shard_at_once() -> None:
    counted = voted()
    places = counted.breaks.length(lambda: erase(counted))
    for place in range(places):
        counted = voted()
        other = Erasure(counted.journal, SHARDS, ASPECTS, ANOTHER, counted.now_us)

        def both(other: Erasure = other, counted: Counted = counted) -> None:
            other.withdraw()
            counted.fold()
            other.overwrite(counted.upto(SHARD))

        counted.breaks.at_place(place, both)
        erase(counted)
        assert is_right(counted), place
        assert list(other.entries(counted.upto(SHARD))) == [], (
            place
        )  # what one has overwritten the other does not bring back
        both()
        erase(counted)
        assert [item for item in traces(counted) if "entry" in item] == []
        assert list(other.entries(counted.upto(SHARD))) == []


def test_what_is_left_in_an_entry() -> None:
    held = {"story": AspectVote(3, 900, "mine"), "music": AspectVote(None, 800, "older")}
    changes = [
        Change("ann", "up", {"story": 1}, {"story": AspectVote(2, 500, "theirs")}),
        Change(VOTER, "up", None, held),
    ]
    body = entry.without_voter(Content(changes), VOTER)
    assert body
    left = entry.decode(body).changes
    assert left[0] == changes[0]
    assert left[1] == Change(
        ERASED, "up", None, {"story": AspectVote(3, 500, ERASED), "music": AspectVote(None, 500, ERASED)}
    )
    assert entry.without_voter(entry.decode(body), VOTER) is None
    removal = Content(kind=Kind.ERASURE, removed=[(VOTER, "up"), ("ann", "up")], put_by=7)
    said = entry.without_voter(removal, VOTER)
    assert said
    assert entry.decode(said) == removal._replace(removed=[("ann", "up")])
    assert entry.without_voter(entry.decode(said), VOTER) is None


def test_a_voter_nobody_knows() -> None:
    counted = voted()
    erasure = Erasure(counted.journal, SHARDS, ASPECTS, "nobody", counted.now_us)
    before = counted.items("journal")
    assert (erasure.withdraw(), erasure.remove(99), erasure.overwrite(99)) == (0, 0, 0)
    assert counted.items("journal") == before
