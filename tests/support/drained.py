"""Until a deployed votes pipeline has counted everything."""

from __future__ import annotations

import time

from tools.operations.deployment import Deployment
from tools.traffic.drain import Watch
from tools.traffic.votes.counted import until_counted


def wait_until_drained(deployment: Deployment) -> None:
    """Fails, saying what hangs, when it has not within a minute."""
    with Watch(deployment) as watch:
        while not watch.samples:
            time.sleep(0.05)
        until_counted(deployment, lambda: watch.depths, bound=60)
