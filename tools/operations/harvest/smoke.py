"""`make smoke PIPELINE=harvest`: after an apply, does a run begin, call the vendor, and end?

A run of one group that the vendor does not have: one call with the real token, which is answered
404, an outcome like any other. So every function is on the way (start, pace, work, store, runs),
nothing is fetched, and no alarm goes off. It is asked by the functions' aliases, which the API and
the schedule call too; the API itself is asked for a run that there is not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from harvest import proof, run_rows
from harvest.ledger import Ledger
from tools.common.errors import CommandError
from tools.operations.api import ask
from tools.operations.deployment import Deployment
from tools.operations.harvest import asking
from tools.operations.smoke import say_all

NAME, GROUP = "smoke", "sluice-smoke-no-such-group"
NO_RUN = "/v1/runs/smoke-none"
SPARE_SECONDS = 60.0  # beside the lead, a call and the grace: cold starts, a turn that is handed over
ON_AWS, HERE = 2.0, 0.5  # seconds between two looks


def run(deployment: Deployment, console: Console) -> int:
    """Try it all and say what was seen; 1 with the reason when something is not as it should be.

    Takes bounded time.
    """
    return say_all(deployment, console, _seen(deployment), most=400)


def _seen(deployment: Deployment) -> Iterator[str]:
    began = time.monotonic()
    yield _refused(deployment)
    run_id = begin(deployment)
    yield _ended(deployment, run_id, began)
    yield _proven(deployment, run_id)


def begin(deployment: Deployment) -> str:
    """Start a run of a group that there is not: its id."""
    body = {"name": NAME, "groups": [GROUP], "if_running": "another"}
    run_id: str = asking.start(deployment, body)["run_id"]
    return run_id


def within(deployment: Deployment) -> float:
    """Seconds within which such a run must be over."""
    pace = deployment.outputs["settings"]["pace"]
    return float(pace["lead_ms"] + pace["ahead_ms"] + pace["call_ms"] + pace["grace_ms"]) / 1000 + SPARE_SECONDS


def _refused(deployment: Deployment) -> str:
    """The API answers, and knows no such run, or nobody without a token."""
    answer = ask(deployment, "GET", NO_RUN)
    if answer.status not in (401, 403, 404):
        raise CommandError(f"GET {NO_RUN} must be answered 404, or 401 where a token is asked for; it said {answer}")
    return f"the API answers: {answer}"


def _ended(deployment: Deployment, run_id: str, began: float) -> str:
    """The run is complete in time, by one call that was answered."""
    limit = time.monotonic() + within(deployment)
    while True:
        said: dict[str, Any] = asking.run(deployment, run_id)
        if said["state"] in run_rows.OVER:
            break
        if said["state"] == run_rows.STOPPED or time.monotonic() > limit:
            why = (
                said["reason"]
                or f"it is {said['state']}, {said['done']} of {said['known']} done; pacer {said['pacer']}"
            )
            raise CommandError(f"run {run_id} is not over within {within(deployment):.0f} s: {why}")
        time.sleep(HERE if deployment.endpoint else ON_AWS)
    if said["state"] != run_rows.COMPLETED:
        raise CommandError(f"run {run_id} ended as {said['state']}: {said['causes']}")
    return f"run {run_id}: complete after {said['calls']} call, {time.monotonic() - began:.0f} s"


def _proven(deployment: Deployment, run_id: str) -> str:
    """Its rows add up."""
    ledger = Ledger(deployment.client("dynamodb"), deployment.outputs["tables"]["ledger"])
    found = proof.prove(ledger, run_id)
    if found is None or not found.is_complete or found.counts.expected != 1:
        raise CommandError(f"the rows of run {run_id} do not add up: `make proof RUN={run_id}`")
    return "its rows add up: 1 expected = 1 settled"
