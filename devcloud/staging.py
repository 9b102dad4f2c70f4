"""A staged copy of an environment: the very same files, with its state kept in a local file instead of S3."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devcloud.runs import ROOT, LocalCloudError

OVERRIDE = "backend_override.tf.json"
IGNORED = shutil.ignore_patterns(".terraform", "*.tfstate", "*.tfstate.*", "*.auto.tfvars*")


def staged(environment_dir: Path, workdir: Path, changed: Mapping[str, Any] | None = None, *, own_backend: bool = False) -> Path:
    """Copy an environment (or its account) and the modules beside it under `workdir` and return the copy of the environment.

    Paths between them stay what they are (`../../terraform/...`). The state is `<workdir>/terraform.tfstate`, which a further
    staging keeps; with `own_backend`, it stays where the environment's own backend has it. `changed`: local values that the copy has
    otherwise, by name. Nothing is written outside `workdir`.
    """
    environment_dir = environment_dir.resolve()
    root = next(folder.parent for folder in environment_dir.parents if folder.name == "environments")
    stage = workdir.resolve() / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    copy = stage / environment_dir.relative_to(root)
    shutil.copytree(root / "terraform", stage / "terraform", ignore=IGNORED)
    shutil.copytree(environment_dir, copy, ignore=IGNORED)
    if not own_backend:
        keep_state(copy, workdir.resolve() / "terraform.tfstate")
    if changed:
        (copy / "locals_override.tf.json").write_text(json.dumps({"locals": changed}, indent=2) + "\n")
    return copy


def keep_state(copy: Path, file: Path) -> None:
    """Have a staged copy keep its state in a local file, whatever its own backend is."""
    backend = {"terraform": {"backend": {"local": {"path": str(file)}}}}
    (copy / OVERRIDE).write_text(json.dumps(backend, indent=2) + "\n")


def bear_with_the_emulator(copy: Path) -> None:
    """Grant the roles of a staged copy what only the emulator asks for, as environments/local does."""
    shutil.copy(ROOT / "environments" / "local" / "emulator.tf", copy)


def value_of(file: Path, argument: str) -> str:
    """The text that an argument of a .tf file is set to, or the first in a list of them. Raises LocalCloudError where there is none."""
    found = re.search(rf'^ +{argument} += \[?"([^"]+)"', file.read_text(), re.MULTILINE)
    if not found:
        raise LocalCloudError(f'{file} has no line {argument} = "…"')
    return found[1]
