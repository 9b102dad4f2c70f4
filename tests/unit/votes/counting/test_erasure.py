"""Erasing a voter: at every crash point, with traffic, sleepers and his coming back, the tallies stay right and he is gone in the end."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.support.ballots import expected
from tests.support.counted import ASPECTS, SHARDS, Counted, dies_in
from votes import entry, recount
from votes.counting import Counting
from votes.entry import ERASED, Content, Kind
from votes.erasure import Erasure, Rows
from votes.journal import KEEP_SECONDS
from votes.recount import Unsettled
from votes.shards import shard_of
from votes.standing import Change, Held

HIM = "v1"
SHARD = shard_of(HIM, SHARDS)
ANOTHER = next(f"v{n}" for n in range(2, 9) if shard_of(f"v{n}", SHARDS) == SHARD)


def voted() -> Counted:
    """Voters, him among them, on a few titles; part of it folded."""
    counted = Counted()
    counted.count(counted.some(20))
    counted.count(counted.ballot(HIM, title, story=2, music=1) for title in ("t0", "his"))
    counted.fold()
    counted.count(counted.some(6))
    together = [counted.ballot(HIM, "t0", story=3), counted.ballot(ANOTHER, "t0", story=1)]  # in one entry
    counted.cast += together
    Counting(counted.journal, SHARDS, counted.now_us).count(SHARD, together)
    return counted


def erasure_of(counted: Counted) -> Erasure:
    return Erasure(counted.journal, SHARDS, ASPECTS, HIM, counted.now_us)


def erase(counted: Counted) -> int:
    """One run of the command, without queues and quarantine; how much it found."""
    erasure = erasure_of(counted)
    found = erasure.withdraw() + erasure.remove(counted.upto(SHARD))
    counted.fold()
    return found + erasure.overwrite(counted.upto(SHARD))


def traces(counted: Counted) -> list[dict[str, Any]]:
    """Items with anything of him in them."""
    rows = [item for item in counted.items("votes") if item["voter_id"]["S"] == HIM]
    for item in counted.items("journal"):
        if "entry" in item:
            content = entry.decode(item["entry"]["B"])
            if HIM in {change.voter_id for change in content.changes} | {key[0] for key in content.removed}:
                rows.append(item)
    return rows


def of_others(counted: Counted) -> Any:
    return expected(ballot for ballot in counted.cast if ballot.voter_id != HIM)


def is_right(counted: Counted) -> bool:
    counted.fold()
    assert counted.audit().differences == []
    return True


def is_erased(counted: Counted) -> bool:
    """Whether nothing is left of him, and all is as if he had never been there."""
    assert is_right(counted)
    assert traces(counted) == []
    standing, tallies = of_others(counted)
    assert counted.tallied() == tallies
    assert {(item["voter_id"]["S"], item["title_id"]["S"]) for item in counted.items("votes")} == standing.keys()
    return True


def test_two_runs_leave_nothing() -> None:
    counted = voted()
    erasure = erasure_of(counted)
    had = erasure.rows()
    assert had.standing >= 2
    assert had.withdrawn == 0
    assert erase(counted)
    assert erasure.rows() == Rows(0, had.standing)
    assert is_right(counted)
    assert counted.tallied() == of_others(counted)[1]  # he counts no more from the first run on
    assert traces(counted) == [item for item in counted.items("votes") if item["voter_id"]["S"] == HIM]
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
            counted.count([counted.ballot(ANOTHER, "his", story=place % 3 + 1)])
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


@pytest.mark.parametrize("voter", [HIM, ANOTHER])
@pytest.mark.parametrize("second", [False, True])
def test_ballots_come_at_every_call(voter: str, second: bool) -> None:
    """Of him too: he may vote on, or come back; what he casts then counts, or is erased, and the tallies say the same."""

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
        ballots = [counted.ballot(voter, title, story=3) for title in ("t0", "his", "new")]
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
    counted.count(counted.ballot(HIM, title, story=1) for title in ("t0", "his"))
    assert is_right(counted)
    others = [ballot for ballot in counted.cast[:before] if ballot.voter_id != HIM]
    assert counted.tallied() == expected(others + counted.cast[before:])[1]


def test_late_ballots_of_before_are_superseded() -> None:
    counted = voted()
    late = [counted.ballot(HIM, "t0", story=1), counted.ballot(HIM, "his", music=3)]
    ahead = counted.ballot(HIM, "t0", music=2)
    ahead = ahead._replace(cast_at=ahead.cast_at + 60_000_000)  # by a clock that is ahead of ours
    counted.count([ahead])
    erase(counted)
    counted.count(late)
    assert is_right(counted)
    assert counted.tallied() == of_others(counted)[1]


def test_an_aspect_he_never_voted_on_is_withdrawn_too() -> None:
    counted = Counted()
    late = counted.ballot(HIM, "up", music=2)
    counted.count([counted.ballot(HIM, "up", story=1)])
    erase(counted)
    counted.count([late])
    assert is_right(counted)
    assert counted.tallied() == {}


def test_a_sleeper_who_reads_the_overwritten_entry_makes_no_row_of_it() -> None:
    counted = voted()
    head, n = counted.journal.head(SHARD), counted.done(SHARD) + 1
    counted.count([counted.ballot(HIM, "new", story=2)])
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
    keys = list(counted.journal.votes_of(HIM))
    assert erasure.remove(counted.upto(SHARD)) == len(keys)
    n = counted.done(SHARD)
    counted.count([counted.ballot(HIM, title, story=2) for _, title in keys])
    counted.journal.remove_votes(n, keys)
    assert erasure.rows().standing == len(keys)
    assert is_right(counted)


def test_rows_are_gone_before_anybody_counts_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one who removes sleeps; he comes back, and between the append and the put of his new vote the rows are removed."""
    counted = voted()
    erase(counted)
    counted.later()
    remove, put = counted.journal.remove_votes, counted.journal.put_votes
    asleep: list[Any] = []

    def sleeps(*given: Any) -> None:
        if not asleep:
            asleep.append(given)
            counted.count([counted.ballot(HIM, "t0", story=1)])
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
    """Of what was erased since its cut it cannot say any more what it was then, so it says that, and shows no false difference."""
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
    counted.count([counted.ballot(HIM, "t0", story=1), *counted.some(5)])
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
        assert list(other.entries(counted.upto(SHARD))) == [], place  # what one has overwritten the other does not bring back
        both()
        erase(counted)
        assert [item for item in traces(counted) if "entry" in item] == []
        assert list(other.entries(counted.upto(SHARD))) == []


def test_what_is_left_in_an_entry() -> None:
    held = {"story": Held(3, 900, "mine"), "music": Held(None, 800, "older")}
    changes = [Change("ann", "up", {"story": 1}, {"story": Held(2, 500, "hers")}), Change(HIM, "up", None, held)]
    body = entry.without_voter(Content(changes), HIM)
    assert body
    left = entry.decode(body).changes
    assert left[0] == changes[0]
    assert left[1] == Change(ERASED, "up", None, {"story": Held(3, 500, ERASED), "music": Held(None, 500, ERASED)})
    assert entry.without_voter(entry.decode(body), HIM) is None
    removal = Content(kind=Kind.ERASURE, removed=[(HIM, "up"), ("ann", "up")], put_by=7)
    said = entry.without_voter(removal, HIM)
    assert said
    assert entry.decode(said) == removal._replace(removed=[("ann", "up")])
    assert entry.without_voter(entry.decode(said), HIM) is None


def test_a_voter_nobody_knows() -> None:
    counted = voted()
    erasure = Erasure(counted.journal, SHARDS, ASPECTS, "nobody", counted.now_us)
    before = counted.items("journal")
    assert (erasure.withdraw(), erasure.remove(99), erasure.overwrite(99)) == (0, 0, 0)
    assert counted.items("journal") == before
