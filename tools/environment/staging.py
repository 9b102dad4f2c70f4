"""A staged copy of an environment, or of any root module: the very same files, with another state.

It is kept in a local file instead of S3.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tools.common import private
from tools.common.paths import ROOT
from tools.environment.names import PIPELINES

OVERRIDE = "backend_override.tf.json"
LOCK = ".terraform.lock.hcl"
KEPT_BY_TERRAFORM = shutil.ignore_patterns(".terraform", "*.tfstate", "*.tfstate.*")
IGNORED = shutil.ignore_patterns(".terraform", "*.tfstate", "*.tfstate.*", "*.auto.tfvars*")


def staged(
    environment_dir: Path,
    workdir: Path,
    changed: Mapping[str, Any] | None = None,
    *,
    own_backend: bool = False,
    backend: Mapping[str, Any] | None = None,
    pipelines: Collection[str] = (),
) -> Path:
    """Copy an environment (or its account) and the modules beside it under `workdir`.

    Returns the copy of the environment. Paths between them stay what they are
    (`../../terraform/...`). The state is `<workdir>/terraform.tfstate`, which a further staging
    keeps, or where a `backend` has it; with `own_backend`, it stays where the environment's own
    has it. `changed`: what the copy has otherwise, as configuration in JSON:
    `{"module": {"votes": {"sizing": …}}}`.
    `pipelines`: those that it has (all where none is named); the files of the others are left out.
    Nothing is written outside `workdir`.
    """
    environment_dir = environment_dir.resolve()
    root = next(folder.parent for folder in environment_dir.parents if folder.name == "environments")
    stage = private.own(workdir.resolve()) / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    copy = stage / environment_dir.relative_to(root)
    for part in ("terraform", "web"):  # an environment may put a page of web/ on the internet
        if (root / part).exists():
            shutil.copytree(root / part, stage / part, ignore=IGNORED)
    shutil.copytree(environment_dir, copy, ignore=IGNORED)
    for other in set(PIPELINES) - set(pipelines or PIPELINES):
        for file in files_of(other, copy):
            file.unlink()
    if not own_backend:
        keep_state(copy, backend or in_file(workdir.resolve() / "terraform.tfstate"))
    if changed:
        (copy / "changed_override.tf.json").write_text(json.dumps(changed, indent=2) + "\n")
    return copy


def files_of(pipeline: str, folder: Path) -> list[Path]:
    """A pipeline's own files in an environment: votes.tf, votes_sizing.tf …"""
    return sorted(path for path in folder.glob(f"{pipeline}*.tf") if path.stem.split("_")[0] == pipeline)


def mirrored(root: Path, workdir: Path, changed: Mapping[str, Any]) -> Path:
    """Mirror any root module under `workdir`, with nothing but links to what is there.

    Returns the mirror's folder, in which Terraform may write. The folders above it are mirrored
    too, so every path from it (`../modules/queue`) leads where it did. Left out is what Terraform
    keeps beside a root module, but for a copy of its lock file. The state is
    `<workdir>/terraform.tfstate`; `changed` is as `staged` takes it.
    """
    root = root.resolve()
    stage = private.own(workdir.resolve()) / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    mirror = mirror_of(root, workdir)
    mirror.mkdir(parents=True)
    for folder in (root, *root.parents):
        if not os.access(folder, os.R_OK):
            continue  # what may not be listed is not found by looking
        here = stage.joinpath(*folder.parts[1:])
        names = {path.name for path in folder.iterdir()} - {path.name for path in here.iterdir()}
        for name in names - KEPT_BY_TERRAFORM(str(folder), sorted(names)) - {OVERRIDE, LOCK}:
            (here / name).symlink_to(folder / name)
    if (root / LOCK).is_file():
        shutil.copy(root / LOCK, mirror)
    keep_state(mirror, in_file(workdir.resolve() / "terraform.tfstate"), changed)
    return mirror


def mirror_of(root: Path, workdir: Path) -> Path:
    """Where `mirrored` has the mirror of a root module."""
    return (workdir.resolve() / "stage").joinpath(*root.resolve().parts[1:])


def in_file(file: Path) -> dict[str, Any]:
    """The backend that keeps a state in a local file."""
    return {"local": {"path": str(file)}}


def keep_state(copy: Path, backend: Mapping[str, Any], changed: Mapping[str, Any] | None = None) -> None:
    """Have a staged copy keep its state in a backend, whatever its own is.

    `changed`: what it has otherwise beside that.
    """
    kept = {"terraform": {"backend": dict(backend)}}
    (copy / OVERRIDE).write_text(json.dumps({**kept, **(changed or {})}, indent=2) + "\n")


def grant_emulator_actions(copy: Path) -> None:
    """Grant the roles of a staged copy what only the emulator asks for.

    environments/local does the same, for each of the pipelines that the copy has.
    """
    for pipeline in PIPELINES:
        granted = ROOT / "environments" / "local" / f"{pipeline}_emulator.tf"
        if granted.exists() and files_of(pipeline, copy):
            shutil.copy(granted, copy)
