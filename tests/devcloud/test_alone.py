"""However a run ends, what it started is stopped."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from devcloud import alone, stack
from devcloud.runs import LocalCloudError, Run


@pytest.fixture
def downs(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    found: list[Run] = []
    monkeypatch.setattr("devcloud.stack.down", found.append)
    return found


def _ended_by(number: int, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with alone.alone(run):
        down = stack.down

        def signalled_again(run: Run) -> bool:
            os.kill(os.getpid(), number)
            return down(run)

        monkeypatch.setattr("devcloud.stack.down", signalled_again)
        os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_and_a_second_one_not_its_clearing_up(
    number: signal.Signals, downs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(number)
    run = Run(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        _ended_by(number, run, monkeypatch)
    assert downs == [run, run], "what an earlier run left, and what this one started"
    assert signal.getsignal(number) == before


def test_two_runs_are_kept_apart(downs: list[Run], tmp_path: Path) -> None:
    with alone.alone(Run(tmp_path)), pytest.raises(LocalCloudError, match="another command"):
        alone.alone(Run(tmp_path)).__enter__()
    assert len(downs) == 2
