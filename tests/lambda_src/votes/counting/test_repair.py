"""Repairing tallies: once, whatever breaks, and never twice for the same audit."""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.support.counted import SHARDS, Counted
from tools.simulation.votes.ballots import expected
from votes import entry, repair
from votes.entry import Content, Kind
from votes.recount import Difference


def with_wrong_tallies() -> Counted:
    """Ballots counted and folded, more of them counted since, and tallies that somebody has
    changed.
    """
    counted = Counted()
    counted.count(counted.some(12))
    counted.fold()
    counted.spoil("t0", story_2=1, voters=1)
    counted.spoil("t1", music_3=-2)
    counted.spoil("nobody", story_1=4)
    counted.count(counted.some(6))
    return counted


def is_right(counted: Counted) -> bool:
    counted.fold()
    assert counted.audit().differences == []
    return counted.tallied() == expected(counted.cast)[1]


def test_a_repair_makes_the_tallies_right() -> None:
    counted = with_wrong_tallies()
    report = counted.audit()
    assert {difference.title_id for difference in report.differences} == {"t0", "t1", "nobody"}
    assert repair.repair(counted.journal, SHARDS, report) == [counted.done(repair.SHARD)]
    assert counted.audit().differences == report.differences  # not folded yet
    assert is_right(counted)


def test_an_audit_is_used_once() -> None:
    counted = with_wrong_tallies()
    report = counted.audit()
    repair.repair(counted.journal, SHARDS, report)
    for again in (report, counted.audit()):
        with pytest.raises(repair.Refused, match="is a repair: wait until it is folded"):
            repair.repair(counted.journal, SHARDS, again)
    counted.fold()
    with pytest.raises(repair.Refused):
        repair.repair(counted.journal, SHARDS, report)
    assert is_right(counted)
    assert repair.repair(counted.journal, SHARDS, counted.audit()) == []


def test_two_who_repair_at_once_repair_once() -> None:
    counted = with_wrong_tallies()
    report = counted.audit()
    places = counted.breaks.length(lambda: repair.repair(counted.journal, SHARDS, report))
    for place in range(places):
        counted = with_wrong_tallies()
        report = counted.audit()
        counted.breaks.at_place(place, partial(repair.repair, counted.journal, SHARDS, report))
        with contextlib.suppress(repair.Refused):
            repair.repair(counted.journal, SHARDS, report)
        assert kinds(counted).count(Kind.REPAIR) == 1, place
        assert is_right(counted), place


@pytest.mark.parametrize("traffic", [False, True])
def test_broken_at_every_call_and_done_again(traffic: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "MOST_COUNTERS", 1)  # an entry a title

    def mended(counted: Counted) -> None:
        repair.repair(counted.journal, SHARDS, counted.audit())

    counted = with_wrong_tallies()
    places = counted.breaks.length(lambda: mended(counted))
    assert kinds(counted).count(Kind.REPAIR) == 3
    for place in range(places):
        counted = with_wrong_tallies()
        assert counted.breaks.broken(place, partial(mended, counted))
        if traffic:
            counted.count(counted.some(3))
        try:
            mended(counted)
        except repair.Refused:
            counted.fold()
            mended(counted)
        counted.count(counted.some(3))
        assert is_right(counted), place


def kinds(counted: Counted) -> list[Kind]:
    return [entry.decode(item["entry"]["B"]).kind for item in counted.items("journal") if "entry" in item]


def test_the_fold_is_broken_at_every_call() -> None:
    counted = with_wrong_tallies()
    repair.repair(counted.journal, SHARDS, counted.audit())
    places = counted.breaks.length(counted.fold)
    for place in range(places):
        counted = with_wrong_tallies()
        repair.repair(counted.journal, SHARDS, counted.audit())
        assert counted.breaks.broken(place, counted.fold)
        assert is_right(counted), place


def test_nobody_repairs_past_a_gap_or_a_mended_entry() -> None:
    spoiled: list[tuple[Callable[[Counted, int], None], str]] = [
        (lambda counted, n: counted.lose(0, n), "is not there, and may have been a repair"),
        (
            lambda counted, n: counted.damage(0, n, entry.encode_other(Content(kind=Kind.MENDED))),
            "was mended, and may have been",
        ),
    ]
    for spoil, said in spoiled:
        counted = with_wrong_tallies()
        report = counted.audit()
        counted.move_heads()
        spoil(counted, counted.done(0))
        with pytest.raises(repair.Refused, match=said):
            repair.repair(counted.journal, SHARDS, report)


def test_large_repairs_are_cut_into_entries_that_fit() -> None:
    differences = [Difference(f"t{title}", f"story#{name}", 0, 1) for title in range(90) for name in range(150)]
    parts = list(repair._parts(differences))
    assert [sum(map(len, part.values())) for part in parts[:-1]] == [repair.MOST_COUNTERS] * (len(parts) - 1)
    added: dict[str, Any] = {}
    for part in parts:
        assert not added.keys() & part.keys()
        added |= part
    assert {title: len(delta) for title, delta in added.items()} == {
        f"t{title}": repair.MOST_OF_A_TITLE for title in range(90)
    }


def test_a_release_that_does_not_know_repairs_stops_at_one(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = with_wrong_tallies()
    repair.repair(counted.journal, SHARDS, counted.audit())
    monkeypatch.setattr(entry, "VERSION", entry.BALLOTS_VERSION)
    stopped = counted.fold()
    assert list(stopped) == [repair.SHARD]
    assert "run the later release" in stopped[repair.SHARD]
    monkeypatch.undo()
    assert is_right(counted)
