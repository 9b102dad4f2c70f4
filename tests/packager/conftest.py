"""Two things to package: a small tree with one small wheel, and this project's own functions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packager.project import LOCK, ROOT, SMALL, Project
from tools.packager.target import TARGETS
from tools.packager.wheels import wheels


@pytest.fixture(scope="session")
def small_wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A lock that names jmespath alone, as functions.txt locks it, and where its wheel is kept."""
    folder = tmp_path_factory.mktemp("small")
    block = re.search(r"^jmespath==.*?(?=^\S|\Z)", LOCK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert block
    lock = folder / "functions.txt"
    lock.write_text(block[0], encoding="utf-8")
    for target in TARGETS.values():
        wheels(lock, target, folder / "wheels", lambda _: None)
    return lock, folder / "wheels"


@pytest.fixture
def small(small_wheels: tuple[Path, Path], tmp_path: Path) -> Project:
    source = tmp_path / "source"
    for path, text in SMALL.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text(text, encoding="utf-8")
    return Project(source, *small_wheels, tmp_path / "out", [])


@pytest.fixture(scope="session")
def packages() -> Callable[[str], tuple[Path, dict[str, Any]]]:
    """The project's own packages: target → (folder, manifest), as `make package` builds them."""

    def made(target: str) -> tuple[Path, dict[str, Any]]:
        subprocess.run(
            [sys.executable, "-m", "tools.packager", "--target", target],
            cwd=ROOT,
            check=True,
            capture_output=True,
            timeout=300,
        )
        folder = ROOT / "build/packages" / target
        return folder, json.loads((folder / "manifest.json").read_bytes())

    return made
