"""What must hold while a harvest runs, beside what holds of any pipeline.

The pacer is heard of while there is something to do, no run stops, and a run of no group goes all
the way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from harvest import run_rows
from shared import clock
from tools.operations.deployment import Deployment
from tools.operations.findings import Finding, Invariant
from tools.operations.harvest import asking, runs, smoke
from tools.operations.harvest.status import pacer

WOKEN_SECONDS = 90.0  # the schedule's minute, and a start


def invariants(deployment: Deployment) -> list[Invariant]:
    """The invariants of a harvest, as of now."""
    return [Beat(deployment), Stopped(deployment), Through(deployment)]


class Beat(Invariant):
    """A pacer with something to do is heard of, or woken within the minute."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def look(self) -> Iterator[str]:
        """Compare its last beat with now."""
        now = pacer(self._deployment)
        if now.silent is not None and not now.waits and now.silent > WOKEN_SECONDS:
            yield Finding(
                f"the pacer was not heard of for {now.silent:.0f} s, over {WOKEN_SECONDS:.0f}",
                f"make logs {self._deployment.words} FUNCTION=pace",
                since=clock.now_us() / 1e6 - now.silent,
                about="pace",
            )
        yield f"turn {now.account.turn}, {len(now.account.runs)} runs"


class Stopped(Invariant):
    """No run stops and asks."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._before = self._stopped()

    def wrong(self) -> Iterator[Finding]:
        """Runs that stopped already."""
        for run_id, reason in self._before.items():
            yield self._finding(run_id, reason)

    def look(self) -> Iterator[str]:
        """Compare with those that had."""
        for run_id, reason in self._stopped().items():
            if run_id not in self._before:
                yield self._finding(run_id, reason)

    def _finding(self, run_id: str, reason: str) -> Finding:
        return Finding(
            f"run {run_id} stopped: {reason}", f"make runs ENV={self._deployment.name} RUN={run_id} RESUME=yes"
        )

    def _stopped(self) -> dict[str, str]:
        said = (asking.run(self._deployment, run_id) for run_id in runs.known(self._deployment))
        return {one["run_id"]: one["reason"] for one in said if one["state"] == run_rows.STOPPED}


class Through(Invariant):
    """A run of a group that there is not ends in time, one after another."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._limit = smoke.within(deployment)
        self._begun: tuple[str, float] | None = None
        self._through = 0

    def wrong(self) -> tuple[Finding, ...]:
        """Nothing: whoever asks how it is begins no run; the next one decides."""
        return ()

    def look(self) -> Iterator[str]:
        """Begin one, or look whether it is over."""
        if self._begun is None:
            self._begun = smoke.begin(self._deployment), time.monotonic()
        run_id, began = self._begun
        state = asking.run(self._deployment, run_id)["state"]
        if state == run_rows.COMPLETED:
            self._through, self._begun = self._through + 1, None
        elif state in run_rows.OVER:
            self._begun = None
            yield Finding(f"run {run_id} of no group ended as {state}")
        elif (seconds := time.monotonic() - began) > self._limit:
            yield Finding(f"run {run_id} of no group is {state} after {seconds:.0f} s, over {self._limit:.0f}")
        yield f"{self._through} runs of no group went through"
