"""Runs that the page begins, of as large a vendor as is asked for."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from tools.live.local.loads import Going, Shape
from tools.live.local.place import Place
from tools.local_cloud.harvest.pipeline import LIMITS
from tools.local_cloud.vendor import estate
from tools.local_cloud.vendor.stand_in import StandIn
from tools.operations.harvest import asking

NAME, GROUPS = "live", 12
LATENCY = [0.05, 0.8]  # seconds, from and to


def shapes(place: Place, vendor: StandIn | None, begun: Callable[[str], None], anew: Callable[[], None]) -> list[Shape]:
    """A run of about so many calls; whoever begins one is told."""
    if vendor is None:
        return []

    def run(going: Going) -> None:
        seed = secrets.randbelow(1_000_000)
        groups = estate.unequal(seed, GROUPS, int(going.rate))
        limits = [{**limit, "window": "fixed"} for limit in LIMITS]
        vendor.ask("begin", seed=seed, groups=groups, limits=limits, latency=LATENCY)
        anew()
        begun(asking.start(place.deployment, {"name": NAME, "if_running": "another"})["run_id"])
        going.took(int(going.rate), 0)

    return [Shape("run", "a run", (500, 200, 1_000, 3_000), " calls", run)]
