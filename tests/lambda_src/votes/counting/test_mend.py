"""Moving an entry that cannot be read to quarantine: its shard goes on, and an audit and a repair
make the tallies right.
"""

import base64
import contextlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.support.counted import SHARDS, Counted, Crash, Shelf, dies_in
from tools.simulation.votes.ballots import expected
from votes import entry, repair
from votes.ballot import Ballot
from votes.counting import Counting
from votes.entry import Kind, UnreadableEntry
from votes.folding import EntriesMissing
from votes.journal import KEEP_SECONDS
from votes.recount import Unsettled
from votes.repair import Refused
from votes.shards import shard_of

VOTERS = {shard: [f"v{n}" for n in range(40) if shard_of(f"v{n}", SHARDS) == shard][:4] for shard in range(SHARDS)}
Spoil = Callable[[Counted, int, int], None]


def rows_changed(counted: Counted, shard: int, n: int, **attributes: Any) -> None:
    counted._set(shard, n, attributes)


SPOILED: dict[str, Spoil] = {
    "bytes": lambda counted, shard, n: counted.damage(shard, n),
    "empty": lambda counted, shard, n: counted.damage(shard, n, b""),
    "no bytes": lambda counted, shard, n: rows_changed(counted, shard, n, entry={"M": {"no": {"B": b"bytes"}}}),
    "no version": lambda counted, shard, n: rows_changed(counted, shard, n, v={"S": "one"}),
}


def ballots(counted: Counted, shard: int, story: int = 1) -> list[Ballot]:
    return [counted.ballot(voter, title, story=story, music=3) for voter in VOTERS[shard] for title in ("t0", "t1")]


def counted_before() -> Counted:
    """Both shards have something counted and folded."""
    counted = Counted()
    for shard in range(SHARDS):
        counted.count(ballots(counted, shard, 2))
    counted.fold()
    return counted


def mended(counted: Counted, shelf: Any, shard: int, n: int, *, insist: bool = False) -> str | None:
    return repair.mend(counted.journal, shelf, shard, n, insist=insist, now_us=counted.now_us)


def repaired(counted: Counted) -> None:
    """What a person does next: fold, audit, repair, until the audit finds nothing."""
    for _ in range(3):
        assert counted.fold() == {}
        report = counted.audit()
        if not report.differences:
            break
        repair.repair(counted.journal, SHARDS, report)
    assert counted.audit().differences == []
    assert counted.tallied() == expected(counted.cast)[1]


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_finished_entry(spoil: Spoil) -> None:
    counted, shelf = counted_before(), Shelf()
    one, other = ballots(counted, 1)[:2], ballots(counted, 0)[:2]
    counted.count(one + other)
    n = counted.done(1) - 1
    spoil(counted, 1, n)
    assert list(counted.fold()) == [1]  # the shard alone
    assert counted.upto(0) == counted.done(0)
    (row,) = [item for item in counted.items("journal") if item["shard"]["N"] == "1" and item["n"]["N"] == str(n)]
    key = mended(counted, shelf, 1, n)
    (line,) = shelf.objects[key or ""]
    assert (line["reason"], line["source"], line["shard"], line["n"]) == ("unreadable-entry", "journal", 1, n)
    kept = json.loads(line["body"])
    if "B" in row["entry"]:
        assert base64.b64decode(kept["entry"]["B"]) == row["entry"]["B"]
    content = entry.decode(counted.journal.entry(1, n).body)  # type: ignore[union-attr]
    assert (content.kind, content.changes, content.note) == (Kind.MENDED, (), f"moved to {key}")
    with pytest.raises(Unsettled, match="was mended: audit again when it is folded"):
        counted.audit()
    with pytest.raises(Refused, match="can be read"):
        mended(counted, shelf, 1, n)
    assert counted.fold() == {}
    assert counted.audit().differences  # its votes are put, and the tallies never had them
    repaired(counted)


@pytest.mark.parametrize("put", [0, 1, 2])
def test_an_unfinished_entry_whose_ballots_come_again(put: int) -> None:
    """Its writer died with none, some or all of its votes put."""
    counted, shelf = counted_before(), Shelf()
    lost = [counted.ballot(VOTERS[1][0], title, story=1) for title in ("t0", "new")]
    counting = Counting(counted.journal, SHARDS, counted.now_us)
    n = counted.done(1) + 1

    def some(_: int, changes: Any) -> None:
        type(counted.journal).put_votes(counted.journal, n, changes[:put])
        raise Crash

    dies_in(counted.journal, "put_votes", lambda: counting.count(1, lost), some)
    counted.damage(1, n)
    with pytest.raises(UnreadableEntry, match=f"shard 1, entry {n}"):
        Counting(counted.journal, SHARDS).count(1, lost)
    with pytest.raises(Refused, match="may be at it still: try again in 21 minutes"):
        mended(counted, shelf, 1, n)
    counted.later()
    assert mended(counted, shelf, 1, n)
    assert counted.done(1) == n  # also where no ballot of the shard comes for days
    counted.count(lost)
    repaired(counted)


def test_a_finisher_who_wakes_after_the_mending_undoes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """He read the entry when it could be read; those who counted its ballots again found no rows,
    and inserted them.
    """
    counted, shelf = counted_before(), Shelf()
    lost = [counted.ballot(VOTERS[1][0], "new", story=1), counted.ballot(VOTERS[1][0], "t0", story=1)]
    after = [counted.ballot(VOTERS[1][0], "new", story=3)]
    n = counted.done(1) + 1
    counting = Counting(counted.journal, SHARDS, counted.now_us)

    dies_in(counted.journal, "put_votes", lambda: counting.count(1, lost))
    changes = entry.decode(counted.journal.entry(1, n).body).changes  # type: ignore[union-attr]
    counted.damage(1, n)
    counted.later()
    mended(counted, shelf, 1, n)
    append = counted.journal.append

    def woken(*given: Any) -> bool:
        done = append(*given)
        # the finisher, just when the next entry is there and its votes are not
        counted.journal.put_votes(n, changes)
        return done

    monkeypatch.setattr(counted.journal, "append", woken)
    counted.count([*after, *lost])
    repaired(counted)


def test_a_missing_entry() -> None:
    counted, shelf = counted_before(), Shelf()
    counted.count(ballots(counted, 1)[:3])
    n = counted.done(1) - 1
    counted.lose(1, n)
    assert "is not there" in counted.fold()[1]
    assert mended(counted, shelf, 1, n) is None
    assert shelf.objects == {}
    repaired(counted)


@pytest.mark.parametrize("titles_added", [0, 1, 2])
@pytest.mark.parametrize("gone", [False, True])
def test_an_entry_of_an_open_epoch(gone: bool, titles_added: int) -> None:
    """The epoch may be added to some titles already, so no shard can be left out of it: all wait
    for the mending.
    """
    counted, shelf = counted_before(), Shelf()
    counted.count(ballots(counted, 1) + ballots(counted, 0))
    counted.count(counted.ballot(voter, title, story=1) for voter in VOTERS[1] for title in ("t0", "t1"))
    add = counted.tallies._add
    added: list[Any] = []

    def some(*given: Any) -> bool:
        if len(added) == titles_added:
            raise Crash
        added.append(given)
        return add(*given)

    if titles_added == 2:
        dies_in(counted.tallies, "close", counted.fold)
    else:
        dies_in(counted.tallies, "_add", counted.fold, some)
    n = counted.done(1) - 2
    counted.lose(1, n) if gone else counted.damage(1, n)
    with pytest.raises(EntriesMissing, match=f"cannot be folded again: entry {n} of shard 1"):
        counted.fold()
    mended(counted, shelf, 1, n)
    repaired(counted)


@pytest.mark.parametrize("finished", [True, False])
def test_broken_at_every_call_and_done_again(finished: bool) -> None:
    def spoiled() -> tuple[Counted, int]:
        counted = counted_before()
        counted.count(ballots(counted, 1)[:3])
        n = counted.done(1) + (not finished)
        counted.journal.append(1, n, b"", counted.now)
        counted.damage(1, n)
        counted.later()
        return counted, n

    counted, n = spoiled()
    places = counted.breaks.length(lambda: mended(counted, Shelf(), 1, n))
    assert places > 5
    for place in range(places):
        counted, n = spoiled()
        shelf = Shelf()
        assert counted.breaks.broken(place, partial(mended, counted, shelf, 1, n))
        with contextlib.suppress(Refused):  # it can be read now
            mended(counted, shelf, 1, n)
        assert len(shelf.objects) == 1  # the same object, put again
        assert counted.done(1) == n
        repaired(counted)


def test_what_needs_no_mending_is_refused() -> None:
    counted, shelf = counted_before(), Shelf()
    done = counted.done(1)
    for shard, n, said in (
        (1, done, "can be read"),
        (1, done + 1, f"has no entry {done + 1} yet"),
        (1, done + 2, f"has no entry {done + 2} yet, and waits for none"),
        (1, 0, "has no entry 0: they are numbered from 1"),
        (7, 1, "has no journal yet"),
    ):
        with pytest.raises(Refused, match=said):
            mended(counted, shelf, shard, n)
    assert shelf.objects == {}


def test_a_later_release_is_not_damage_unless_somebody_insists() -> None:
    counted, shelf = counted_before(), Shelf()
    counted.count(ballots(counted, 1)[:1])
    n = counted.done(1)
    counted.damage(1, n, b"\xf3damaged")
    with pytest.raises(Refused, match="INSIST=yes"):
        mended(counted, shelf, 1, n)
    mended(counted, shelf, 1, n, insist=True)
    repaired(counted)


def test_one_who_does_not_say_when_it_was_appended() -> None:
    counted, shelf = counted_before(), Shelf()
    n = counted.done(1) + 1
    counted.client.put_item(TableName="journal", Item={"shard": {"N": "1"}, "n": {"N": str(n)}})
    with pytest.raises(Refused, match=r"does not say when it was appended.*INSIST=yes"):
        mended(counted, shelf, 1, n)
    mended(counted, shelf, 1, n, insist=True)
    (row,) = [item for item in counted.items("journal") if item["shard"]["N"] == "1" and item["n"]["N"] == str(n)]
    assert int(row["expires"]["N"]) == counted.now // 1_000_000 + KEEP_SECONDS
    repaired(counted)


def test_an_entry_that_changes_meanwhile() -> None:
    counted = counted_before()
    counted.damage(1, counted.done(1))

    class Slow(Shelf):
        def put(self, *given: Any) -> str:
            counted.damage(1, counted.done(1), b"\x01otherwise")
            return super().put(*given)

    with pytest.raises(Refused, match="has changed meanwhile"):
        mended(counted, Slow(), 1, counted.done(1))
