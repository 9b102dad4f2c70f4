"""What the tests of servers share: a run of their own, of which nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.left import processes_in
from tools.local_cloud import stack
from tools.local_cloud.runs import Run


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A run, of which nothing is up yet."""
    run = Run(tmp_path / "run")
    try:
        yield run
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []
