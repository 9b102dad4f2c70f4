"""Databases for tests: a PostgreSQL behind TLS for each file of SQL, started once a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.local_cloud.premises import stand_in
from tools.local_cloud.premises.stand_in import StandIn
from tools.local_cloud.runs import Run


@contextmanager
def started(folder: Callable[[], Path]) -> Iterator[Callable[[Path, str], StandIn]]:
    """What starts one by its schema and role, or returns the one that runs."""
    runs: dict[tuple[Path, str], Run] = {}

    def start(schema: Path, role: str) -> StandIn:
        run = runs.get((schema, role)) or Run(folder())
        runs[schema, role] = run
        return stand_in.start(run, schema, role)

    try:
        yield start
    finally:
        for run in runs.values():
            stand_in.stop(run)
