"""What befalls a harvest while it runs: kills, another group, a lower rate for a while.

Each act has the share of the known calls at which it is done, so that a slow machine has the same.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tools.common.errors import CommandError
from tools.demo.nemesis import workers
from tools.operations import api
from tools.operations.deployment import Deployment
from tools.traffic.harvest.rates import Permitted

SMALL, SMALL_HOSTS = "late-and-small", 3
WORK = "work"
HALVED_SECONDS = 10.0

Json = dict[str, Any]


@dataclass
class Done:
    """What was done, and when (seconds since the epoch). `killed`: processes by function."""

    killed: list[str] = field(default_factory=list)
    all_killed_at: float = 0.0
    small_at: float = 0.0
    halved_at: float = 0.0
    restored_at: float = 0.0
    marks: dict[str, float] = field(default_factory=dict)
    requests: int = 0

    @property
    def workers_killed(self) -> int:
        """Processes of `work` that were killed."""
        return self.killed.count(WORK)


class Acts:
    """Does what is due. `group`: the process group of the emulator; `rate`: what is permitted."""

    def __init__(
        self,
        deployment: Deployment,
        run: Json,
        group: int,
        rate: float,
        permitted: Permitted,
        add_group: Callable[[], object],
        rng: random.Random,
    ) -> None:
        self.done = Done()
        self._deployment, self._run, self._group, self._rate = deployment, run, group, rate
        self._permitted, self._add_group, self._rng = permitted, add_group, rng
        self._due: list[tuple[float, Callable[[], None]]] = [
            (0.15, self._kill_one),
            (0.30, self._kill_one),
            (0.40, self._small),
            (0.58, self._kill_all),
            (0.76, self._halve),
        ]

    @property
    def are_over(self) -> bool:
        """Whether everything was done."""
        return not self._due and self.done.restored_at > 0

    def look(self, share: float) -> None:
        """Do what is due at this share of the calls."""
        while self._due and self._due[0][0] <= share:
            self._due.pop(0)[1]()
        is_halved = self.done.halved_at and not self.done.restored_at
        if is_halved and time.time() >= self.done.halved_at + HALVED_SECONDS:
            self._restore()

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """A request to the pipeline's own API. Raises CommandError where it is refused."""
        self.done.requests += 1
        answer = api.ask(self._deployment, method, path, body)
        if answer.body is None or answer.status >= 300:
            raise CommandError(f"{method} {path} was refused: {answer}")
        return answer.body

    def _kill_one(self) -> None:
        """A worker that calls the vendor."""
        found = sorted(pid for pid, name in workers(self._group).items() if name == WORK)
        if found:
            self._kill(self._rng.choice(found), WORK)
            self.done.marks[f"worker killed ({self.done.workers_killed})"] = time.time()

    def _kill_all(self) -> None:
        """Every process of every function: the pacer's too."""
        self.done.all_killed_at = self.done.marks["everything killed"] = time.time()
        for pid, function in workers(self._group).items():
            self._kill(pid, function)

    def _kill(self, pid: int, function: str) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it ended by itself meanwhile
        self.done.killed.append(function)

    def _small(self) -> None:
        """The vendor has a new group, and somebody adds it to the run."""
        self._add_group()
        body = {"name": self._run["name"], "groups": [SMALL], "if_running": "add"}
        self.ask("POST", "/v1/runs", body)
        self.done.small_at = self.done.marks["small group added"] = time.time()

    def _halve(self) -> None:
        self._set(self._rate / 2)
        self.done.halved_at = self.done.marks["rate halved"] = time.time()
        self._permitted.set(self.done.halved_at, self._rate / 2)

    def _restore(self) -> None:
        self._set(None)
        self.done.restored_at = self.done.marks["rate restored"] = time.time()
        self._permitted.set(self.done.restored_at, self._rate)

    def _set(self, rate: float | None) -> None:
        self.ask("POST", f"/v1/runs/{self._run['run_id']}/rate", {"rate": rate})
