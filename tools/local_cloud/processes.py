"""Processes of ours: started as leaders of their groups, stopped with all that they started.

A pid alone names nobody, since the system gives it again: when a process started tells it from a
stranger with the same pid.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from tools.common import private

POLL_SECONDS = 0.05
INIT = 1  # of nobody's making; and a signal to its group reaches every process on the machine
SAME_START_SECONDS = 2.0  # the clock may be set meanwhile; a pid is not given again that soon
_children: dict[int, subprocess.Popen[bytes]] = {}


def start_time(pid: int) -> float | None:
    """When process `pid` started, in seconds since the system did.

    None when there is no such process, or only its husk.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        # both follow the clock when it is set
        return process.create_time() - psutil.boot_time()
    except psutil.NoSuchProcess:
        return None


def is_running(pid: int, started: float) -> bool:
    """Whether `pid` is still the process that started then (by `start_time`)."""
    now = start_time(pid)
    return now is not None and abs(now - started) < SAME_START_SECONDS


def members(group: int) -> list[int]:
    """The living processes of a process group."""
    return [pid for pid in psutil.pids() if _group(pid) == group and start_time(pid) is not None]


def command(pid: int) -> str:
    """The command line of process `pid`; empty when there is no such process."""
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return ""


def start(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], log: Path, descriptors: Sequence[int] = ()
) -> tuple[int, float]:
    """Start a process as the leader of a group of its own, its output in `log`, which its owner
    alone can read, as whatever it writes.

    Returns its pid and start time. Ctrl-C then reaches us and not it, and one signal reaches it
    with all that it starts. It inherits the `descriptors`.
    """
    with open(private.opened(log), "wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=descriptors,
            umask=private.UMASK,
        )
    _children[process.pid] = process
    return process.pid, start_time(process.pid) or 0.0


def stop_group(pid: int, started: float, seconds: float = 10.0) -> bool:
    """Stop the process group that `pid` leads and wait for it; after `seconds`, kill what is left.

    False when there was nothing to stop: the pid is free, or belongs to a process that started at
    another time.
    """
    if pid <= INIT:
        return False
    if not is_running(pid, started):
        return False
    for number, bound in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        _signal(pid, number)
        if _ended(pid, bound):
            if pid in _children:  # its threads may outlive the leader a little
                _children.pop(pid).wait(bound)
            return True
    raise TimeoutError(f"process group {pid} is still there after SIGKILL: {members(pid)}")


def marked(mark: tuple[str, str]) -> list[int]:
    """The living processes of ours that have a variable with that value in their environment."""
    name, value = mark
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(name) == value and start_time(process.pid) is not None:
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue  # another user's, or it has ended
    return [pid for pid in found if pid != os.getpid()]


def stop_marked(mark: tuple[str, str], seconds: float) -> bool:
    """Stop all that is marked and wait for it; after `seconds`, kill what is left.

    False when there was nothing.
    """
    found = marked(mark)
    for number, bound in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        for pid in marked(mark):
            _signal_one(pid, number)
        deadline = time.monotonic() + bound
        while left := marked(mark):
            if time.monotonic() > deadline:
                break
            time.sleep(POLL_SECONDS)
        for pid in tuple(_children):
            reap(pid)
        if not left:
            return bool(found)
    raise TimeoutError(f"processes {left} are still there after SIGKILL")


def reap(pid: int) -> None:
    """Collect a child of ours that has ended; nothing to do when another process started it."""
    if pid in _children and _children[pid].poll() is not None:
        del _children[pid]


def _ended(group: int, seconds: float) -> bool:
    """Wait until no process of a group lives; False when one still does after so many seconds."""
    deadline = time.monotonic() + seconds
    while members(group):
        reap(group)
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None  # it has ended, or is another user's


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _signal_one(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
