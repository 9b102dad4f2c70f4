"""The functions' zips, built when they are needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.common.errors import CommandError
from tools.common.paths import BUILD, ROOT


def functions_of(pipeline: str) -> tuple[str, ...]:
    """The functions of a pipeline ("votes"), by their short names: ("conservation", "probe" …)."""
    from tools.packager.build import functions

    prefix = f"{pipeline}-"
    names = sorted(functions(ROOT / "lambda_src"))
    return tuple(name.removeprefix(prefix) for name in names if name.startswith(prefix))


def package(
    target: str,
    out: Path = BUILD / "packages",
    source: Path = ROOT / "lambda_src",
    pipelines: Sequence[str] = (),
    *,
    quick: bool = False,
) -> Path:
    """Build the zips of the functions in `source` for "local" or "lambda" under `out`.

    Those of some `pipelines` alone (all where none is named) are in a folder of their own there, so
    that no build waits for other functions, or takes their zips away. `quick`: an edit that imports
    nothing new is put into the zips that are there.

    Returns the variables file that names them. Raises CommandError.
    """
    out = out / "-".join(sorted(pipelines)) if pipelines else out
    options = ["--out", str(out.resolve()), "--source", str(source.resolve()), *(f"--pipeline={p}" for p in pipelines)]
    options += ["--quick"] if quick else []
    done = subprocess.run(
        [sys.executable, "-m", "tools.packager", "--target", target, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode:
        raise CommandError(f"the packages for {target} were not built:\n{done.stdout}{done.stderr}")
    return out / target / "packages.tfvars.json"
