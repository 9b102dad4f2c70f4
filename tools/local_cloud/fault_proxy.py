"""The emulator behind a proxy that injects faults into the functions' calls.

It is `microburst`, which takes over HTTP what to break. Functions reach it as their HTTP proxy and
not as their endpoint: so the host that a request was signed for stays the emulator's.
"""

from __future__ import annotations

import json
import socket
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tools.common.errors import CommandError
from tools.common.loopback import fetch
from tools.local_cloud import emulator, server
from tools.local_cloud.runs import Run

NAME = "proxy"
ANSWER_SECONDS = 10.0
MOST_FAULTS = 100_000  # that the proxy remembers


class Fired(NamedTuple):
    """A fault: the service and operation of the call ("": none of AWS), and what was done to it.

    All in microburst's words.
    """

    service: str
    operation: str
    action: str


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs.

    What is sent to `address` with any path goes to the emulator, faults permitting. `token`: the
    run's.
    """

    address: str
    token: str

    def inject(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Break calls by these rules (microburst's) from now on, and by no others."""
        self._ask("rules", json.dumps(list(rules)).encode())

    def fired(self) -> Counter[Fired]:
        """How often each fault was injected since the start."""
        faults = json.loads(self._ask(f"fired?limit={MOST_FAULTS}"))
        return Counter(Fired(fault["service"] or "", fault["operation"] or "", fault["action"]) for fault in faults)

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        return fetch(f"{self.address}/_microburst/{path}", body, seconds=ANSWER_SECONDS, token=self.token)


def start(run: Run) -> Proxy:
    """Start the emulator of a run and the proxy that its functions' calls pass.

    No fault is injected yet.

    Raises CommandError when they are not healthy in time, or an emulator runs that was started
    without a proxy.
    """
    if emulator.alive(run):
        raise CommandError(
            f"an emulator is up in {run.folder} already: stop it first, a proxy cannot be put before it later"
        )
    listener = server.listen()
    upstream = emulator.start(run, calls_go_to=f"http://127.0.0.1:{listener.getsockname()[1]}")
    state = _spawn(run, upstream, listener)
    try:
        server.wait_until_healthy(NAME, state, "/_microburst/health", "upstream")
    except CommandError:
        stop(run)
        emulator.stop(run)
        raise
    return Proxy(state["endpoint"], state["token"])


def running(run: Run) -> Proxy | None:
    """The proxy that the calls of a run's functions pass; None where there is none."""
    state = server.running_beside(run, NAME)
    return Proxy(state["endpoint"], state["token"]) if state else None


def stop(run: Run) -> bool:
    """Stop the proxy of a run. False when there was none."""
    return server.stop_beside(run, NAME)


def _spawn(run: Run, upstream: dict[str, Any], listener: socket.socket) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", "tools.local_cloud.proxy", upstream["endpoint"], str(MOST_FAULTS)]
    variables = server.environment(run, upstream["token"])
    state = upstream | server.spawn(command, run, NAME, variables, listener)
    server.beside(run, NAME).write_state(state)
    return state
