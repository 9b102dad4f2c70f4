"""Kills the functions' worker processes while they work, more often than AWS does it."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable

from tools.local_cloud import processes

# The emulator runs each environment of a function as a process of its own, out of a temporary
# folder named after the function.
WORKER = re.compile(r"/ministack-lambda-\S*-(?P<function>[^/-]+)-[^/-]+/_worker\.py")

# Strikes that it has been there for. One killed while it starts would make the emulator end every
# other of its function, and so on for ever.
OLD_ENOUGH = 3


def workers(group: int) -> dict[int, str]:
    """The workers of the group that the emulator leads, without itself.

    pid → the last word of the function's name.
    """
    found = ((pid, WORKER.search(processes.command(pid))) for pid in processes.members(group) if pid != group)
    return {pid: match["function"] for pid, match in found if match}


class Nemesis:
    """Kills a worker of the emulator's process group at every `every`th step of the load.

    A seeded draw chooses it. It is one of a function that lost the fewest so far, so that none is
    spared. Counting steps and not seconds leaves a slow machine time to start the next worker. For
    several threads at once.
    """

    def __init__(
        self, group: int, rng: random.Random, every: int, find: Callable[[int], dict[int, str]] = workers
    ) -> None:
        self.killed: Counter[str] = Counter()
        self._group, self._rng, self._every, self._find = group, rng, every, find
        self._steps = 0
        self._seen: Counter[int] = Counter()  # pid → at how many strikes it was there
        self._lock = threading.Lock()

    def step(self) -> None:
        """Count a step, and strike when it is time."""
        with self._lock:
            self._steps += 1
            if self._steps % self._every == 0:
                self._strike()

    def _strike(self) -> None:
        there = self._find(self._group)
        self._seen = Counter({pid: self._seen[pid] + 1 for pid in there})
        found = {pid: function for pid, function in there.items() if self._seen[pid] >= OLD_ENOUGH}
        if not found:
            return
        fewest = min(self.killed[function] for function in found.values())
        function = self._rng.choice(
            sorted({function for function in found.values() if self.killed[function] == fewest})
        )
        pid = self._rng.choice(sorted(pid for pid, name in found.items() if name == function))
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it ended by itself meanwhile
        self.killed[function] += 1
