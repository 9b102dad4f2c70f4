"""Fixtures of all tests, and how they are spread over the machine's cores."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.support import databases, emulated, plan
from tests.support.once import FOLDER, once
from tools.iam.pipeline import Pipeline, pipelines
from tools.iam.votes.pipeline import PIPELINE as VOTES
from tools.local_cloud.premises.stand_in import StandIn
from tools.simulation.aws.used import Used
from tools.simulation.brief import brief_campaign

HERE = Path(__file__).parent
# Folders whose tests share something that takes long to set up; they go to one process together,
# but for the files that bring up a cloud of their own.
TOGETHER = ("integration", "upgrade", "rehearsal", "packager", "live/browser")
APART = (
    *("test_lifecycle.py", "test_make.py", "test_make_variables.py", "test_own_pipeline.py"),
    *("test_receipts_by_hand.py", "test_receipts_deployed.py", "test_start.py"),
)
LONGEST_FIRST = (*TOGETHER, "deploy", "terraform", "policies", "bench", "simulation")
WAITS = 1  # processes beyond the cores, for tests that wait for a deployed stack more than they compute


def pytest_xdist_auto_num_workers() -> int:
    """How many processes `-n auto` means: by the cores that are ours to use."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return own + WAITS


def pytest_configure(config: pytest.Config) -> None:
    """The run's folder, for what its processes make once."""
    if not hasattr(config, "workerinput"):
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="sluice-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whoever made the folder takes it away."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)


class ByFile(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """A file's tests go to one process, and those of TOGETHER's folders.

    xdist's own groups (`--dist loadgroup`) do not work with pytest 9: it writes them into an
    attribute that is read no more.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = HERE.parent / nodeid.split("::")[0]
        folder = _folder(file, TOGETHER)
        return folder if folder and file.name not in APART else str(file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """How tests are spread over the processes."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: _rank(item.path))


def _folder(path: Path, folders: tuple[str, ...]) -> str | None:
    """That of some folders that a file is in."""
    return next((folder for folder in folders if path.is_relative_to(HERE / folder)), None)


def _rank(path: Path) -> int:
    folder = _folder(path, LONGEST_FIRST)
    return LONGEST_FIRST.index(folder) if folder else len(LONGEST_FIRST)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Clients, by the service's name, of the session's emulator; what a test makes there needs
    names of its own.
    """
    with emulated.clients(tmp_path_factory.mktemp("emulator")) as client:
        yield client


@pytest.fixture(scope="session")
def premises_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path, str], StandIn]]:
    """A PostgreSQL of the process's, behind TLS, made by a file of SQL, with a role of that file.

    Whoever asks for it begins with `begin()`: an earlier test may have left a fault, or stopped it.
    """
    with databases.started(lambda: tmp_path_factory.mktemp("premises")) as start:
        yield start


@pytest.fixture(scope="session")
def histories_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Pipeline], dict[str, Any]]:
    """What the session's seeded histories of a pipeline came to."""

    def come_to(pipeline: Pipeline) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("histories")
        found: dict[str, Any] = once(f"histories-{pipeline.name}", lambda: brief_campaign(pipeline.simulation, folder))
        return found

    return come_to


@pytest.fixture(scope="session")
def histories(histories_of: Callable[[Pipeline], dict[str, Any]]) -> dict[str, Any]:
    """What those of votes came to."""
    return histories_of(VOTES)


@pytest.fixture(scope="session")
def rights_of(histories_of: Callable[[Pipeline], dict[str, Any]]) -> Callable[[Pipeline], set[Used]]:
    """The rights that a pipeline's handlers used in the session's seeded histories, and in what
    those do not bring about.
    """

    @cache
    def used(name: str) -> set[Used]:
        (pipeline,) = (one for one in pipelines() if one.name == name)
        return {Used(*used) for used in histories_of(pipeline)["used"]} | pipeline.rare()

    return lambda pipeline: used(pipeline.name)


@pytest.fixture(scope="session")
def seeded(rights_of: Callable[[Pipeline], set[Used]]) -> set[Used]:
    """Those of votes."""
    return rights_of(VOTES)


@pytest.fixture(scope="session")
def planned() -> dict[str, Any]:
    """The plan of environments/local; what tests create comes from it and cannot drift from it."""
    return plan.plan_of("votes", "local")
