"""The release before this one, unpacked once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.upgrade import kept
from tests.upgrade.rig import Rig
from tests.upgrade.side_by_side import Release


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the newest release that is kept."""
    return kept.unpacked(kept.newest(), tmp_path_factory.mktemp("before"))


@pytest.fixture(scope="session")
def old(before: Path) -> Release:
    return Release("old", before / "lambda_src")


@pytest.fixture(scope="session")
def new() -> Release:
    return Release("new", kept.ROOT / "lambda_src")


@pytest.fixture
def rig(old: Release, new: Release) -> Iterator[Rig]:
    made = Rig(old, new, seed=7)
    with made.world.installed(old, new):
        yield made
