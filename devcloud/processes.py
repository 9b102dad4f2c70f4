"""Processes of ours: told from strangers that got the same pid by when they started, stopped with all they started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

POLL_SECONDS = 0.05
_children: dict[int, subprocess.Popen[bytes]] = {}


def identity(pid: int) -> str | None:
    """When process `pid` started, in words of the system; None when there is no such process (or only its husk)."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] == "Z" else fields[19]
    found = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )
    return found.stdout.strip() or None


def members(group: int) -> list[int]:
    """The living processes of a process group."""
    found = []
    if Path("/proc/self/stat").exists():
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(stat.parent.name))
        return found
    listing = subprocess.run(["ps", "-axo", "pid=,pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listing.splitlines()]
    return [int(pid) for pid, pgid, stat, *_ in rows if int(pgid) == group and not stat.startswith("Z")]


def command(pid: int) -> str:
    """The command line of process `pid`; empty when there is no such process."""
    if Path("/proc/self/stat").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError):
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()


def start(command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], log: Path) -> tuple[int, str]:
    """Start a process as the leader of a group of its own, its output in `log`; returns its pid and identity.

    Ctrl-C then reaches us and not it, and one signal reaches it with all that it starts.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    _children[process.pid] = process
    return process.pid, identity(process.pid) or ""


def stop_group(pid: int, started: str, seconds: float = 10.0) -> bool:
    """Stop the process group that `pid` leads and wait for it, at most `seconds`, then kill what is left.

    False when there was nothing to stop: the pid is free, or belongs to a process that started at another time.
    """
    if identity(pid) != started:
        return False
    for number, bound in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        _signal(pid, number)
        deadline = time.monotonic() + bound
        while members(pid):
            reap(pid)
            if time.monotonic() > deadline:
                break
            time.sleep(POLL_SECONDS)
        else:
            if pid in _children:  # its threads may outlive the leader by a moment
                _children.pop(pid).wait(bound)
            return True
    raise TimeoutError(f"process group {pid} is still there after SIGKILL: {members(pid)}")


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def reap(pid: int) -> None:
    """Collect a child of ours that has ended; nothing to do when another process started it."""
    if pid in _children and _children[pid].poll() is not None:
        del _children[pid]
