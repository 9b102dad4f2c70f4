"""One local cloud with the deployed stack for all tests here; whatever happens, nothing of it is left running."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.drain import Watch, until_drained
from devcloud import stack
from devcloud.runs import Run
from operations.place import Place


def processes_in(folder: Path) -> list[str]:
    """Processes that work in `folder` or name it in their command; empty where the system has no /proc to look in."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = process.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            where = str(process.joinpath("cwd").readlink())
        except OSError:
            continue  # it ended meanwhile, or is not ours to look at
        if where.startswith(str(folder)) or str(folder) in command:
            found.append(f"{process.name}: {command} in {where}")
    return found


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The stack of environments/local, up."""
    run = Run(tmp_path_factory.mktemp("cloud"))
    try:
        stack.up(run, lambda _: None)
        yield run
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []


@pytest.fixture(scope="session")
def place(run: Run) -> Place:
    return Place.local(run)


@pytest.fixture(scope="session")
def drained(place: Place) -> Callable[[], None]:
    """Waits until the pipeline has counted everything; fails, saying what hangs, when it does not within a minute."""

    def wait() -> None:
        watch = Watch(place)
        watch.start()
        try:
            while not watch.samples:
                time.sleep(0.05)
            until_drained(place, lambda: watch.depths, bound=60, told=lambda *_: None)
        finally:
            watch.stop()

    return wait
