"""Only what was started is stopped, and all of it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.local_cloud import processes

SLEEPER = "import time; time.sleep(60)"
PARENT = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{SLEEPER}']); print('up', flush=True); {SLEEPER}"
)
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def _start(code: str, folder: Path) -> tuple[int, float]:
    log = folder / "log"
    pid, started = processes.start([sys.executable, "-c", code], cwd=folder, environment=os.environ, log=log)
    deadline = time.monotonic() + 30
    while log.read_bytes() != b"up\n":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return pid, started


def test_a_group_ends_with_its_children(tmp_path: Path) -> None:
    pid, started = _start(PARENT, tmp_path)
    assert len(processes.members(pid)) == 2
    assert processes.stop_group(pid, started)
    assert processes.members(pid) == []


def test_one_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    pid, started = _start(STUBBORN, tmp_path)
    assert processes.stop_group(pid, started, seconds=0.2)
    assert processes.start_time(pid) is None


def test_a_stranger_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    pid, started = _start(STUBBORN, tmp_path)
    assert not processes.stop_group(pid, started + 60)
    assert processes.is_running(pid, started)
    assert processes.stop_group(pid, started, seconds=0.1)


def test_a_command_line_is_known_while_it_runs(tmp_path: Path) -> None:
    pid, started = _start(STUBBORN, tmp_path)
    assert STUBBORN in processes.command(pid)
    assert processes.stop_group(pid, started, seconds=0.1)
    assert processes.command(pid) == ""


def test_nothing_to_stop() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert not processes.stop_group(process.pid, 1.0)


@pytest.mark.parametrize("pid", [1, 0, -1])
def test_a_state_that_names_everybody_stops_nobody(monkeypatch: pytest.MonkeyPatch, pid: int) -> None:
    signalled: list[int] = []
    monkeypatch.setattr(processes, "is_running", lambda *_: True)
    monkeypatch.setattr(processes, "_ended", lambda *_: True)
    monkeypatch.setattr(os, "killpg", lambda group, _: signalled.append(group))
    assert not processes.stop_group(pid, 1.0)
    assert signalled == []
