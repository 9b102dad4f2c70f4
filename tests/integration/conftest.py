"""One local cloud with the deployed stack for all tests here.

Whatever happens, nothing of it is left running.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.drained import wait_until_drained
from tests.support.left import processes_in
from tools.local_cloud import stack
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The stack of environments/local, up."""
    run = Run(tmp_path_factory.mktemp("cloud"))
    try:
        stack.up(run, lambda _: None, pipelines=("votes",))
        yield run
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []


@pytest.fixture(scope="session")
def deployment(run: Run) -> Deployment:
    return Deployment.local(run)


@pytest.fixture(scope="session")
def drained(deployment: Deployment) -> Callable[[], None]:
    """Waits until the pipeline has counted everything.

    Fails, saying what hangs, when it does not within a minute.
    """
    return lambda: wait_until_drained(deployment)
