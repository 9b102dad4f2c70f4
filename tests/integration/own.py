"""Commands in a copy of the project, beside which somebody has a pipeline of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.project_copy import PARTS, SET_UP, copy_parts
from tools.common.paths import ROOT

SECONDS = 240.0


def copied(folder: Path) -> Path:
    """A copy in `folder`, with what else the page takes."""
    copy = folder / "sluice"
    copy.mkdir()
    copy_parts(copy, (*PARTS, "examples", "policies"))
    wheels = ROOT / "build/wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    (copy / "build").mkdir()
    (copy / "build/wheels").symlink_to(wheels)
    return copy


def shell(folder: Path, commands: str, *, fails: bool = False) -> str:
    """What a block of commands prints, run as a person would."""
    done = subprocess.run(
        _command(folder, commands),
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode != 0) == fails, f"{commands}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stderr if fails else done.stdout


@contextmanager
def watching(folder: Path, command: str) -> Iterator[Callable[[str], str]]:
    """A command that runs until Ctrl-C: `until(words)` is all that it said when it says them."""
    said = folder.parent / "said"
    with said.open("w") as out:
        process = subprocess.Popen(
            _command(folder, f"exec {command}"),
            cwd=folder,
            env=_environment(folder),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )

    def until(words: str) -> str:
        deadline = time.monotonic() + SECONDS
        while words not in (text := said.read_text()):
            assert process.poll() is None, text
            assert time.monotonic() < deadline, text
            time.sleep(0.1)
        return text

    try:
        yield until
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


def _command(folder: Path, commands: str) -> list[str]:
    binaries = folder.parent / "bin"
    binaries.mkdir(exist_ok=True)
    make = binaries / "make"
    make.write_text(f'#!/bin/sh\nexec {shutil.which("make")} {" ".join(SET_UP)} "$@"\n')  # set up already
    make.chmod(0o755)
    return ["bash", "-euo", "pipefail", "-c", commands]


def _environment(folder: Path) -> dict[str, str]:
    path = f"{folder.parent / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(folder.parent), "AWS_EC2_METADATA_DISABLED": "true"}
