"""Workers are told apart from the emulator that leads them, and every function loses some."""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.demo.nemesis import OLD_ENOUGH, Nemesis, workers
from tools.local_cloud import processes

FUNCTIONS = ("write", "write", "process")
LEADER = """
import subprocess, sys, time
for path in sys.argv[1:]:
    subprocess.Popen([sys.executable, path])
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture
def group(tmp_path: Path) -> Iterator[int]:
    """A process that leads two workers of one function, one of another, and a process that is no
    worker.
    """
    paths = []
    for number, function in enumerate(FUNCTIONS):
        path = tmp_path / f"ministack-lambda-sluice-local-votes-{function}-ab_{number}" / "_worker.py"
        path.parent.mkdir()
        path.write_text("import time; time.sleep(60)")
        paths.append(str(path))
    pid, started = processes.start(
        [sys.executable, "-c", LEADER, *paths], cwd=tmp_path, environment=os.environ, log=tmp_path / "log"
    )
    try:
        # a child that is not its own program yet looks like its leader, whose words name a worker
        _wait(lambda: len(processes.members(pid)) == 5 and Counter(workers(pid).values()) == Counter(FUNCTIONS))
        yield pid
    finally:
        processes.stop_group(pid, started, 1)


def _wait(done: object) -> None:
    deadline = time.monotonic() + 30
    while not done():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_every_function_loses_a_worker_and_nothing_else_does(group: int) -> None:
    assert Counter(workers(group).values()) == Counter(FUNCTIONS)
    nemesis = Nemesis(group, random.Random(1), every=2)
    for _ in range(2 * (OLD_ENOUGH - 1)):
        nemesis.step()
    assert not nemesis.killed, "those that may still be starting are spared"
    for _ in range(5):
        nemesis.step()
        nemesis.step()
        _wait(lambda: len(workers(group)) == len(FUNCTIONS) - nemesis.killed.total())
    assert nemesis.killed == Counter(FUNCTIONS)
    assert len(processes.members(group)) == 2, "the leader and the process that is no worker live"


def test_it_strikes_at_every_so_many_steps_and_spares_no_function(monkeypatch: pytest.MonkeyPatch) -> None:
    struck: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, _: struck.append(pid))
    nemesis = Nemesis(
        1, random.Random(1), every=3, find=lambda _: {10: "receive", 11: "receive", 12: "receive", 20: "tally"}
    )
    for _ in range(3 * (OLD_ENOUGH - 1) + 12):
        nemesis.step()
    assert nemesis.killed == {"receive": 2, "tally": 2}
    assert struck.count(20) == 2
