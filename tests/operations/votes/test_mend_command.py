"""`make mend`: says what is wrong, moves it only when told to, and leaves an audit line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.operations.operated import Operated
from tools.common.errors import CommandError
from tools.operations.votes import mend
from tools.operations.votes.mend import Options


@pytest.fixture
def operated(monkeypatch: pytest.MonkeyPatch) -> Operated:
    made = Operated(monkeypatch)
    made.counted.count(made.counted.some(30))
    return made


def run(operated: Operated, shard: int, entry: int, **options: Any) -> str:
    assert mend.run(operated.deployment, operated.console, Options(shard, entry, **options)) == 0
    return operated.printed()


def test_an_entry_goes_to_quarantine_when_told_to(operated: Operated, capsys: pytest.CaptureFixture[str]) -> None:
    counted = operated.counted
    n = counted.done(1) - 1
    counted.damage(1, n)
    assert list(counted.fold()) == [1]
    printed = run(operated, 1, n)
    assert "cannot be read" in printed
    assert f"`make mend SHARD=1 ENTRY={n} CONFIRM=yes` does it" in printed
    assert operated.objects("") == {}
    printed = run(operated, 1, n, confirm=True)
    assert operated.ticks == 1
    ((key, body),) = operated.objects("quarantine/").items()
    assert key.startswith("quarantine/reason=unreadable-entry/day=2026-11-")
    assert json.loads(body)["n"] == n
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"audit": "mend", "shard": 1, "entry": n, "moved_to": key}.items() <= line.items()
    assert len(operated.objects("audit/mend/")) == 1
    assert counted.fold() == {}
    with pytest.raises(CommandError, match="can be read"):
        run(operated, 1, n, confirm=True)


def test_an_entry_that_expired_after_it_was_counted(operated: Operated) -> None:
    operated.counted.fold()
    operated.counted.lose(1, 1)
    with pytest.raises(CommandError, match="is counted and has expired"):
        run(operated, 1, 1, confirm=True)


def test_a_missing_one_is_mended(operated: Operated) -> None:
    operated.counted.lose(1, 1)
    assert "is not there" in run(operated, 1, 1)
    assert "mended: the shard goes on" in run(operated, 1, 1, confirm=True)
    assert operated.counted.fold() == {}
