"""However a run ends, what it started is stopped."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tools.common.errors import CommandError
from tools.local_cloud import exclusive, stack
from tools.local_cloud.runs import Run


@pytest.fixture
def downs(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    found: list[Run] = []
    monkeypatch.setattr("tools.local_cloud.stack.down", found.append)
    return found


def _ended_by(number: int, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with exclusive.exclusive_run(run):
        down = stack.down

        def signalled_again(run: Run) -> bool:
            os.kill(os.getpid(), number)
            return down(run)

        monkeypatch.setattr("tools.local_cloud.stack.down", signalled_again)
        os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_and_a_second_one_not_its_clearing_up(
    number: signal.Signals, downs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(number)
    run = Run(tmp_path)
    with pytest.raises(KeyboardInterrupt, match="is stopped"):
        _ended_by(number, run, monkeypatch)
    assert downs == [run, run], "what an earlier run left, and what this one started"
    assert signal.getsignal(number) == before


@pytest.mark.parametrize(("was_up", "said"), [(False, "what it started is stopped"), (True, "runs on as it was left")])
def test_an_interrupt_stops_what_was_begun_and_nothing_else(
    was_up: bool, said: str, downs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.local_cloud.emulator.alive", lambda _: was_up)
    run = Run(tmp_path)
    with pytest.raises(KeyboardInterrupt, match=said), exclusive.lasting_run(run):
        os.kill(os.getpid(), signal.SIGTERM)
    assert downs == ([] if was_up else [run])
    with exclusive.lasting_run(run):
        pass
    assert downs == ([] if was_up else [run]), "what is done stays"


def test_two_runs_are_kept_apart(downs: list[Run], tmp_path: Path) -> None:
    with exclusive.exclusive_run(Run(tmp_path)), pytest.raises(CommandError, match="another command"):
        exclusive.exclusive_run(Run(tmp_path)).__enter__()
    assert len(downs) == 2
