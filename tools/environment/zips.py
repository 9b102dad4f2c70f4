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
) -> Path:
    """Build the zips of the functions in `source` for "local" or "lambda" under `out`.

    Those of some `pipelines` alone (all where none is named) are in a folder of their own there, so
    that no build waits for other functions, or takes their zips away.

    Returns the variables file that names them. Raises CommandError.
    """
    out = out / "-".join(sorted(pipelines)) if pipelines else out
    options = ["--out", str(out.resolve()), "--source", str(source.resolve()), *(f"--pipeline={p}" for p in pipelines)]
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


def package_edit(out: Path, source: Path) -> Path:
    """The same of what `package` has built of `source` for "local" under `out`, in this process.

    An edit that imports nothing new is put into the zips that are there. Raises CommandError.
    """
    from tools.packager import PackagerError
    from tools.packager.build import Inputs, build
    from tools.packager.target import TARGETS

    inputs = Inputs(source.resolve(), ROOT / "requirements/functions.txt", BUILD / "wheels", quick=True)
    try:
        build(TARGETS["local"], inputs, out.resolve() / "local", lambda _: None)
    except PackagerError as error:
        raise CommandError(f"the packages for local were not built:\n{error}") from error
    return out / "local" / "packages.tfvars.json"
