"""The workflows as GitHub reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.common.paths import ROOT

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))


def read(path: Path) -> dict[Any, Any]:
    """One workflow."""
    workflow: dict[Any, Any] = yaml.safe_load(path.read_text())
    return workflow


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each job, with its workflow's and its own name."""
    for path in WORKFLOWS:
        for name, job in read(path)["jobs"].items():
            yield path.stem, name, job
