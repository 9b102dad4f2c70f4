"""What the programs have in common that listen on a loopback port for a run: the emulator, and the proxy before it."""

from __future__ import annotations

import json
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from devcloud import processes

HEALTH_SECONDS = 30.0
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT")


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def environment() -> dict[str, str]:
    """What of our environment variables a server may see."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def spawned(command: Sequence[str], folder: Path, variables: Mapping[str, str], log: Path, port: int) -> dict[str, Any]:
    """Start a server and return its state: pid, started, port, endpoint, log."""
    pid, started = processes.start(command, cwd=folder, environment=variables, log=log)
    return {"pid": pid, "started": started, "port": port, "endpoint": f"http://127.0.0.1:{port}", "log": str(log)}


def healthy(state: Mapping[str, Any], path: str, key: str) -> bool:
    """Wait, at most HEALTH_SECONDS, until `path` of the server answers with JSON that has `key`; False also when it has ended."""
    deadline = time.monotonic() + HEALTH_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(state["endpoint"] + path, timeout=2) as response:  # noqa: S310 (loopback)
                if response.status == 200 and key in json.load(response):
                    return True
        except (urllib.error.URLError, OSError, ValueError):
            pass  # not listening yet
        processes.reap(state["pid"])
        if processes.identity(state["pid"]) != state["started"]:
            return False
        time.sleep(processes.POLL_SECONDS)
    return False


def unhealthy(name: str, state: Mapping[str, Any], lines: int = 15) -> str:
    """What to say of a server that did not become healthy: its port, and the end of its log."""
    with open(state["log"], errors="replace") as file:
        said = "".join(file.readlines()[-lines:]) or "(it is empty)"
    return f"the {name} was not healthy on port {state['port']} within {HEALTH_SECONDS:.0f} s; {state['log']} ends:\n{said}"
