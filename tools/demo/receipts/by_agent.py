"""The demo delivered by the agent: deliver takes no tick, and the agent runs beside the stack."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tools.common.errors import CommandError
from tools.local_cloud.receipts import agent
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment

STOP_SECONDS = 20.0
LOG = "agent.log"


@contextmanager
def delivering(run: Run, deployment: Deployment) -> Iterator[None]:
    """Let the agent alone deliver, in its own role. Raises CommandError where it ends by itself."""
    mapping = deployment.outputs["mappings"]["deliver"]
    deployment.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    config, environment = agent.of_run(run)
    name, value = run.mark
    with open(run.folder / LOG, "wb") as log:
        process = subprocess.Popen(
            agent.command("run", config), env=environment | {name: value}, stdout=log, stderr=log
        )
    try:
        yield
        if process.poll() is not None:
            raise CommandError(f"the agent ended by itself ({process.returncode}): {run.folder / LOG} says why")
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
