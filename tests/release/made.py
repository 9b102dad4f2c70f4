"""A copy of the project in which a test runs make targets: without git, with the virtual environment and the wheels lent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from devcloud.runs import ROOT

PARTS = ("Makefile", "devcloud", "environments", "lambda_src", "operations", "packager", "release", "requirements", "terraform")
SET_UP = ("-o", ".venv/.devcloud", "-o", ".venv/.dev")


def copied(folder: Path) -> Path:
    """Copy the project into `folder`, and return it."""
    for part in PARTS:
        path = ROOT / part
        ignored = shutil.ignore_patterns("__pycache__", ".terraform")
        shutil.copytree(path, folder / part, ignore=ignored) if path.is_dir() else shutil.copy2(path, folder)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    wheels = ROOT / "build" / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    (folder / "build").mkdir()
    (folder / "build" / "wheels").symlink_to(wheels)
    return folder


def make(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`make ARGUMENTS` there, with `variables` in its environment and nothing of a make around this test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "GITHUB_", "GH_", "AWS_"))}
    environment = {**kept, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return subprocess.run(
        ["make", *SET_UP, *arguments],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
