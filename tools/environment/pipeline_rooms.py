"""A pipeline's own room in a room of tools, by PIPELINE: tools.demo → tools.demo.votes."""

from __future__ import annotations

import importlib
import os
import runpy
from typing import Any

from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment.names import DEFAULT_PIPELINE, PIPELINES


def chosen(pipeline: str) -> tuple[str, ...]:
    """The one that is named, none (which is all) where none is.

    Raises CommandError for one that there is not.
    """
    if pipeline and pipeline not in PIPELINES:
        raise CommandError(f"there is no pipeline {pipeline!r}: PIPELINE is one of {', '.join(PIPELINES)}")
    return (pipeline,) if pipeline else ()


def run(room: str, command: str = "") -> int:
    """Become a program of the pipeline that PIPELINE names: `tools.demo.<pipeline>`, or a
    `command` there ("capacity"), as if its name had followed `python -m`.

    Raises CommandError where the pipeline has none, naming those that have.
    """
    below = f".{command}" if command else ""
    known = having(room, f"{command}/__main__.py")
    asked = os.environ.get("PIPELINE") or DEFAULT_PIPELINE
    if asked not in known:
        raise CommandError(f"no pipeline {asked!r} has this command: PIPELINE is one of {', '.join(known)}")
    runpy.run_module(f"{room}.{asked}{below}", run_name="__main__", alter_sys=True)  # it exits by itself
    return 0


def part(room: str, pipeline: str, module: str) -> Any:
    """A module in a pipeline's room: `tools.operations.<pipeline>.pipeline`."""
    return importlib.import_module(f"{room}.{pipeline}.{module}")


def having(room: str, file: str) -> list[str]:
    """The pipelines that have a file in their room, the default one first."""
    folder = ROOT.joinpath(*room.split("."))
    found = {path.relative_to(folder).parts[0] for path in folder.glob(f"*/{file.lstrip('/')}")}
    return sorted(found, key=lambda name: (name != DEFAULT_PIPELINE, name))
