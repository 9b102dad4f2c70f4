"""The emulator behind a proxy that injects faults into the functions' calls: `microburst`, told over HTTP what to break.

Functions reach it as their HTTP proxy and not as their endpoint: so the host that a request was signed for stays the emulator's.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from devcloud import emulator, processes, server
from devcloud.runs import ROOT, LocalCloudError, Run

STOP_SECONDS = 2.0
TELL_SECONDS = 10.0
MOST_FAULTS = 100_000  # that the proxy remembers


class Fired(NamedTuple):
    """A fault: the service and operation of the call ("": none of AWS), and what was done to it, in microburst's words."""

    service: str
    operation: str
    action: str


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs. What is sent to `address` with any path goes to the emulator, faults permitting."""

    address: str

    def inject(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Break calls by these rules (microburst's) and by no others from now on; none: break nothing."""
        self._ask("rules", json.dumps(list(rules)).encode())

    def fired(self) -> Counter[Fired]:
        """How often each fault was injected since the start."""
        faults = json.loads(self._ask(f"fired?limit={MOST_FAULTS}"))
        return Counter(Fired(fault["service"] or "", fault["operation"] or "", fault["action"]) for fault in faults)

    def _ask(self, path: str, body: bytes | None = None) -> str:
        request = urllib.request.Request(f"{self.address}/_microburst/{path}", data=body)  # noqa: S310 (loopback)
        with urllib.request.urlopen(request, timeout=TELL_SECONDS) as response:  # noqa: S310
            said: str = response.read().decode()
            return said


def start(run: Run) -> Proxy:
    """Start the emulator of a run and the proxy that its functions' calls pass; no fault is injected yet.

    Raises LocalCloudError when they are not healthy in time, or an emulator runs that was started without a proxy.
    """
    if emulator.alive(run):
        raise LocalCloudError(f"an emulator is up in {run.folder} already: stop it first, a proxy cannot be put before it later")
    for _ in range(emulator.PORTS_TRIED):  # another program may take a free port before the proxy does
        port = server.free_port()
        upstream = emulator.start(run, calls_go_to=f"http://127.0.0.1:{port}")["endpoint"]
        state = _spawn(run, port, upstream)
        if server.healthy(state, "/_microburst/health", "upstream"):
            return Proxy(state["endpoint"])
        stop(run)
        emulator.stop(run)
    raise LocalCloudError(server.unhealthy("proxy", state))


def stop(run: Run) -> bool:
    """Stop the proxy of a run. False when there was none."""
    home = _home(run)
    state = home.state()
    stopped = bool(state) and processes.stop_group(state["pid"], state["started"], STOP_SECONDS)
    home.state_file.unlink(missing_ok=True)
    return stopped


def _spawn(run: Run, port: int, upstream: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "devcloud.proxy", str(port), upstream, str(MOST_FAULTS)]
    state = server.spawned(command, ROOT, server.environment(), run.folder / "proxy.log", port)
    _home(run).write_state(state)
    return state


def _home(run: Run) -> Run:
    return Run(run.folder / "proxy")
