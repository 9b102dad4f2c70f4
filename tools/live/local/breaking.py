"""The ways to break something here: a worker is killed, calls of the functions fail."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psutil

from tools.live.local.faults import Fault
from tools.live.local.place import Place
from tools.live.source import Refused
from tools.local_cloud import processes
from tools.local_cloud.fault_proxy import Proxy

Rule = Mapping[str, Any]

# The emulator runs each environment of a function as a process of its own, out of a temporary
# folder named after the function.
WORKER = "/ministack-lambda-{}-[^/-]+/_worker\\.py"
OLD_ENOUGH_SECONDS = 3.0  # one killed while it starts makes the emulator end every other of it
KILLED_SECONDS = 5.0  # of the band across the charts
SPARE_SECONDS = 10.0  # after which a rule ends by itself, though nobody is left to lift it


class Calls:
    """Rules of the proxy that the functions' calls pass: those of all faults that are on."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy, self._lock = proxy, threading.Lock()
        self._rules: dict[str, list[Rule]] = {}
        proxy.inject([])  # of an earlier server that was killed

    def set(self, name: str, rules: Sequence[Rule], seconds: float) -> None:
        """Have these rules too, for so long and a little longer at most."""
        with self._lock:
            self._rules[name] = [{**rule, "ttl_s": seconds + SPARE_SECONDS} for rule in rules]
            self._inject()

    def lift(self, name: str) -> None:
        """Have them no more."""
        with self._lock:
            if self._rules.pop(name, None) is not None:
                self._inject()

    def _inject(self) -> None:
        self._proxy.inject([rule for rules in self._rules.values() for rule in rules])


class Breaking:
    """Makes faults of one pipeline. `calls` is None where the emulator has no proxy before it."""

    def __init__(self, place: Place, calls: Calls | None) -> None:
        self.place, self._calls = place, calls

    def kill(self, function: str, label: str, expect: str) -> Fault:
        """A worker of a function is killed."""

        def begin(_: float) -> None:
            kill_worker(self.place, function)

        name = f"{self.place.pipeline}-kill-{function}"
        return Fault(name, label, self.place.pipeline, expect, begin, lasts=KILLED_SECONDS)

    def rules(self, what: str, label: str, expect: str, rules: Sequence[Rule]) -> list[Fault]:
        """Calls fail by rules of microburst's; none where no proxy is before the emulator."""
        if self._calls is None:
            return []
        calls, name = self._calls, f"{self.place.pipeline}-{what}"

        def begin(seconds: float) -> None:
            calls.set(name, rules, seconds)

        return [Fault(name, label, self.place.pipeline, expect, begin, lambda: calls.lift(name))]

    def switched(
        self, what: str, label: str, expect: str, begin: Callable[[float], None], end: Callable[[], None]
    ) -> Fault:
        """A stand-in of ours does something wrong."""
        return Fault(f"{self.place.pipeline}-{what}", label, self.place.pipeline, expect, begin, end)


def kill_worker(place: Place, function: str) -> int:
    """Kill a worker of a function, one of the emulator's own processes: its pid. Raises Refused."""
    state = place.run.state()
    if not processes.is_running(state["pid"], state["started"]):
        raise Refused("the emulator has ended")
    pattern = re.compile(WORKER.format(re.escape(place.functions[function]["name"])))
    own = [pid for pid in processes.members(state["pid"]) if pid != state["pid"]]
    found = [pid for pid in own if pattern.search(processes.command(pid)) and _age(pid) > OLD_ENOUGH_SECONDS]
    if not found:
        raise Refused(f"no worker of {function} has run for {OLD_ENOUGH_SECONDS:.0f} s: give it something to do first")
    chosen = random.choice(found)  # noqa: S311 (any of them)
    os.kill(chosen, signal.SIGKILL)
    return chosen


def _age(pid: int) -> float:
    started = processes.start_time(pid)
    return 0.0 if started is None else time.time() - psutil.boot_time() - started
