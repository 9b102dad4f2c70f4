"""A copy of the project in which a test runs make targets.

It has no git, and borrows the virtual environment and the wheels.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.common.paths import ROOT

PARTS = ("Makefile", "environments", "lambda_src", "requirements", "terraform", "tools")
STAMPS = (
    *(
        f".venv/{stamp}"
        for stamp in (".deploy", ".tools", ".build", ".dev", ".pictures", ".database", ".functions", ".agent", ".live")
    ),
    *(".venv-emulator/.emulator", ".venv-reader/.reader", ".venv-checkov/.checkov", ".venv-audit/.audit"),
)
SET_UP = [f"--old-file={stamp}" for stamp in STAMPS]


def copy_parts(folder: Path, parts: Iterable[str] = PARTS) -> None:
    """Copy these files and folders of the project, and lend the virtual environments."""
    ignored = shutil.ignore_patterns("__pycache__", ".terraform")
    for part in parts:
        path = ROOT / part
        shutil.copytree(path, folder / part, ignore=ignored) if path.is_dir() else shutil.copy2(path, folder)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    for name in (".venv-emulator", ".venv-reader", ".venv-checkov"):
        (folder / name).symlink_to(Path(sys.prefix).with_name(name))


def copy_project(folder: Path) -> Path:
    """Copy the project into `folder`, lend it the wheels, and return it."""
    copy_parts(folder)
    wheels = ROOT / "build" / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    (folder / "build").mkdir()
    (folder / "build" / "wheels").symlink_to(wheels)
    return folder


def make(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`make ARGUMENTS` there, with `variables` in its environment.

    Nothing of a make, GitHub or AWS around this test is in it.
    """
    others = ("MAKE", "GITHUB_", "GH_", "AWS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    environment = {
        **kept,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    return subprocess.run(
        ["make", *SET_UP, *arguments],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
