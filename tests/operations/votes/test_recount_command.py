"""`make recount`: it goes on where it was broken off, and repairs only when told to."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.operations.operated import Operated
from tests.support.counted import Crash
from tools.common.errors import CommandError
from tools.operations.votes import recount, recount_file
from tools.operations.votes.recount import Options
from tools.operations.votes.recount_file import AuditFile
from tools.simulation.votes.ballots import expected
from votes import aspects
from votes.journal import KEEP_SECONDS
from votes.recount import audit, begin, read_on


@pytest.fixture
def operated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Operated:
    """Votes of twelve voters, part of them not folded; the audit is saved after every page."""
    monkeypatch.setattr(recount_file, "BUILD", tmp_path)
    monkeypatch.setattr(recount_file.AuditFile.__init__, "__defaults__", (lambda: 0.0, 0.0))
    made = Operated(monkeypatch)
    made.counted.count(made.counted.some(40, voters=12))
    made.counted.fold()
    made.counted.count(made.counted.some(10, voters=12))
    return made


def spoil(operated: Operated) -> None:
    operated.counted.spoil("t1", voters=3, story_2=-1)


def run(operated: Operated, **options: Any) -> tuple[int, str]:
    code = recount.run(operated.deployment, operated.console, Options(**options))
    return code, operated.printed()


def test_nothing_differs(operated: Operated) -> None:
    code, printed = run(operated)
    assert code == 0
    assert "0 differences" in printed
    assert run(operated, title="t1")[0] == 0
    with pytest.raises(CommandError, match="nobody has voted"):
        run(operated, title="nobody")
    with pytest.raises(CommandError, match="no title's id"):
        run(operated, title="../t1")


def test_a_row_nobody_can_read_is_named(operated: Operated) -> None:
    rows = operated.counted.cloud.dynamodb.tables["votes"].items
    voter, title = next(key for key in rows if key != aspects.KEY)
    del rows[voter, title]["standing"]
    with pytest.raises(CommandError, match=rf"a vote's row is not whole: KeyError \(voter {voter}, title {title}\)"):
        run(operated)


def test_it_repairs_only_when_told_to(operated: Operated, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(operated)
    before = operated.counted.tallied()
    for options in ({}, {"title": "t1"}, {"confirm": True}):
        code, printed = run(operated, **options)
        assert code == 1
        assert "t1 voters: tallied" in printed
        assert f"make recount{' TITLE=t1' if 'title' in options else ''} REPAIR=yes" in printed
    code, printed = run(operated, repair=True)
    assert code == 1
    assert "`make recount REPAIR=yes CONFIRM=yes` does it" in printed
    operated.counted.fold()
    assert operated.counted.tallied() != expected(operated.counted.cast)[1]
    assert operated.counted.tallied().keys() == before.keys()
    assert operated.objects("audit/") == {}
    assert run(operated, repair=True, confirm=True)[0] == 0
    assert operated.ticks == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"title": "t1", "to_add": {"story#2": 1, "voters": -3}}.items() <= lines[1].items()
    assert len(operated.objects("audit/repair/")) == 1
    with pytest.raises(CommandError, match="is a repair: wait until it is folded"):
        run(operated, repair=True, confirm=True)
    operated.counted.fold()
    assert run(operated)[0] == 0
    assert operated.counted.tallied() == expected(operated.counted.cast)[1]


def test_killed_at_every_call_and_gone_on_with(operated: Operated, tmp_path: Path) -> None:
    """Page by page; whatever is counted meanwhile, it compares as of the cut it began with."""
    spoil(operated)
    source, counted = operated.counted.source(), operated.counted
    whole = audit(source).differences
    calls = counted.breaks.length(lambda: run(operated))
    resumed = 0
    for call in range(calls):
        assert counted.breaks.broken(call, lambda: run(operated))
        counted.count(counted.some(1, voters=12))
        if call % 5 == 0:
            counted.fold()
        resumed += recount_file.path_of("simulated", None).exists()
        code, printed = run(operated)
        assert (code, f"{len(whole)} differences" in printed) == (1, True), printed
        assert recount_file.path_of("simulated", None).exists() is False
    assert resumed > calls / 2


def test_it_tells_that_it_goes_on_and_starts_over_when_told_to(operated: Operated) -> None:
    path = recount_file.path_of("simulated", None)
    counted = operated.counted
    pages = counted.breaks.length(lambda: run(operated))
    counted.breaks.broken(pages // 2, lambda: run(operated))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    code, printed = run(operated)
    assert code == 0
    assert "going on with the audit as of 2026-11-" in printed
    counted.breaks.broken(pages // 2, lambda: run(operated))
    assert "going on" not in run(operated, fresh=True)[1]
    counted.breaks.broken(pages // 2, lambda: run(operated))
    counted.later(KEEP_SECONDS - recount_file.MARGIN_SECONDS + 60)
    with pytest.raises(CommandError, match="too old, its journal expires: FRESH=yes"):
        run(operated)
    path.write_bytes(b"cut off")
    with pytest.raises(CommandError, match="cannot be read"):
        run(operated)
    AuditFile(path, "another").save(begin(counted.source()))
    with pytest.raises(CommandError, match="of the table another"):
        run(operated)
    assert run(operated, fresh=True)[0] == 0


def test_a_save_that_breaks_off_leaves_the_one_before(operated: Operated, monkeypatch: pytest.MonkeyPatch) -> None:
    file = AuditFile(recount_file.path_of("simulated", None), "votes")
    source = operated.counted.source()
    state = begin(source)
    reading = read_on(source, state)
    next(reading)
    file.save(state)
    votes = state.votes
    next(reading)

    def dead(*_: Any) -> Any:
        raise Crash

    monkeypatch.setattr(Path, "replace", dead)
    with pytest.raises(Crash):
        file.save(state)
    found = file.load(operated.counted.now)
    assert found
    assert found.votes == votes


def test_what_cannot_be_compared_any_more_starts_over_next_time(operated: Operated) -> None:
    counted = operated.counted
    path = recount_file.path_of("simulated", None)
    AuditFile(path, "votes").save(begin(counted.source()))
    shard = 0
    counted.lose(shard, counted.done(shard))
    with pytest.raises(CommandError, match="not in the journal any more"):
        run(operated)
    assert not path.exists()


def test_an_entry_that_cannot_be_read_names_the_command(operated: Operated) -> None:
    operated.counted.damage(1, operated.counted.done(1))
    with pytest.raises(CommandError, match=r"shard 1, entry \d+.*`make mend`"):
        run(operated)
