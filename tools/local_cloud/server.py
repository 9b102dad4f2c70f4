"""What the programs have in common that listen on a loopback port for a run.

They are the emulator and the proxy before it, each behind the front. Their socket is bound before
they start and handed to them: so nobody else can answer at the address of one that runs.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.common import private
from tools.common.errors import CommandError
from tools.common.loopback import TOKEN_VARIABLE, fetch
from tools.common.paths import ROOT
from tools.local_cloud import processes
from tools.local_cloud.runs import MARK, Run

HEALTH_SECONDS = 30.0
ANSWER_SECONDS = 2.0
STOP_SECONDS = 2.0  # they wait for long polls to end, and have nothing to save
BACKLOG = 100


def listen(port: int | None = None) -> socket.socket:
    """A socket that listens on a port of the loopback address, on any free one if none is named.

    Raises CommandError where another program has that port.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # past connections hold none
    try:
        listener.bind(("127.0.0.1", port or 0))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise CommandError(
            f"nothing can listen on port {port} ({error}): another program may have it. "
            "Name another one, PORT=…, or none"
        ) from error
    return listener


def environment(run: Run, token: str) -> dict[str, str]:
    """The environment variables of a server: none that a person has set steers it but PATH."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(run.folder),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": str(ROOT),
        TOKEN_VARIABLE: token,
        MARK: str(run.folder),
    }


def spawn(
    command: Sequence[str], run: Run, name: str, variables: Mapping[str, str], listener: socket.socket
) -> dict[str, Any]:
    """Start a server of a run, with its socket's descriptor as the last argument, and close ours.

    Returns its state: pid, started, port, endpoint, log.
    """
    port, log = listener.getsockname()[1], run.folder / f"{name}.log"
    with listener:
        descriptor = listener.fileno()
        pid, started = processes.start(
            [*command, str(descriptor)], cwd=run.folder, environment=variables, log=log, descriptors=(descriptor,)
        )
    return {"pid": pid, "started": started, "port": port, "endpoint": f"http://127.0.0.1:{port}", "log": str(log)}


def stop(state: Mapping[str, Any]) -> bool:
    """Stop the server that a state describes, with what it started; False when it does not run."""
    return bool(state) and processes.stop_group(state["pid"], state["started"], STOP_SECONDS)


def beside(run: Run, name: str) -> Run:
    """Where a server of a run beside its emulator has a state of its own."""
    return Run(run.folder / name)


def running_beside(run: Run, name: str) -> dict[str, Any]:
    """That server's state; empty where none runs."""
    state = beside(run, name).state_if_readable()
    return state if state and processes.is_running(state["pid"], state["started"]) else {}


def stop_beside(run: Run, name: str) -> bool:
    """Stop that server, and forget it with the folder that it `leaves`, if its state names one.

    False when there was none.
    """
    own = beside(run, name)
    state = own.state_if_readable()
    stopped = stop(state)
    if "leaves" in state:
        private.remove(Path(state["leaves"]))
    private.remove(own.state_file)
    return stopped


def wait_until_healthy(name: str, state: Mapping[str, Any], path: str, key: str) -> None:
    """Wait until `path` of the server answers with JSON that has `key`.

    Raises CommandError, with the end of its log, when it does not within HEALTH_SECONDS or has
    ended.
    """
    deadline = time.monotonic() + HEALTH_SECONDS
    while time.monotonic() < deadline:
        try:
            if key in json.loads(fetch(state["endpoint"] + path, seconds=ANSWER_SECONDS, token=state["token"])):
                return
        except (OSError, ValueError):
            pass  # not listening yet
        processes.reap(state["pid"])
        if not processes.is_running(state["pid"], state["started"]):
            break
        time.sleep(processes.POLL_SECONDS)
    raise CommandError(_unhealthy(name, state))


def _unhealthy(name: str, state: Mapping[str, Any], lines: int = 15) -> str:
    """What to say of a server that did not become healthy: its port, and the end of its log."""
    with open(state["log"], errors="replace") as file:
        end = "".join(file.readlines()[-lines:]) or "(it is empty)"
    port, log = state["port"], state["log"]
    return f"the {name} was not healthy on port {port} within {HEALTH_SECONDS:.0f} s; {log} ends:\n{end}"
