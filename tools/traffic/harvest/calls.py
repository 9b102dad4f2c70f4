"""Watches a harvest: the vendor's own log as it grows, beside the depths of the queues."""

from __future__ import annotations

import time
from typing import NamedTuple

from tools.local_cloud.vendor.stand_in import StandIn
from tools.operations.deployment import Deployment
from tools.traffic.drain import Watch

RECENT_SECONDS = 10.0


class Call(NamedTuple):
    """A call as the vendor saw it: when (seconds since the epoch), which level, path and query."""

    at: float
    level: str
    node: str
    status: int
    limited: bool
    right: bool
    slow: bool


class CallWatch(Watch):
    """A watch that reads the vendor's log too: `calls`, in the order in which they came."""

    def __init__(self, deployment: Deployment, vendor: StandIn) -> None:
        super().__init__(deployment)
        self.calls: list[Call] = []
        self.began_at = time.time()
        self._vendor = vendor

    def _look(self) -> dict[str, int]:
        self.read()
        return super()._look()

    def read(self) -> None:
        """Read what has come since the last time."""
        told = self._vendor.ask("log", **{"from": len(self.calls)})["calls"]
        self.calls.extend(Call(*one) for one in told)

    def start(self) -> None:
        """Begin to look."""
        self.began_at = time.time()
        super().start()

    @property
    def recent(self) -> float:
        """Calls a second of late."""
        now, arrivals = time.time(), [call.at for call in self.calls[-10_000:]]
        since = max(now - RECENT_SECONDS, arrivals[0]) if arrivals else now
        made = sum(at > since for at in arrivals)
        return made / (now - since) if now > since else 0.0

    @property
    def refused(self) -> int:
        """How many calls were answered 429."""
        return sum(call.limited for call in self.calls)
