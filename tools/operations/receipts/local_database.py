"""The database that stands for the client's on the local cloud: how it is, for `make status`."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.error import HTTPError

from tools.local_cloud.premises import stand_in
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment

RUN = "local"


def lines(deployment: Deployment) -> Iterator[str]:
    """A line of the database beside this deployment; none where it has none on this machine."""
    run = Run.named(RUN)
    there = stand_in.running(run) if deployment.endpoint else None
    if there is None or run.state_if_readable().get("endpoint") != deployment.endpoint:
        return
    health = there.health()
    try:
        ((rows,),) = there.ask(f"SELECT count(*) FROM {deployment.outputs['settings']['delivery']['table']}")  # noqa: S608
    except HTTPError:
        rows = "nobody can say how many"
    yield (
        f"database of this machine, port {health['port']}: {'up' if health['up'] else 'stopped'}; {rows} rows; "
        f"connections {health['open']} now, {health['peak']} at most, {health['attempts']} attempts"
    )
