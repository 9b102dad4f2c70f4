"""Cold start: what importing a packaged function and making its worker takes, on a clean path.

Beside it stand bare clients of its services.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.common.paths import ROOT

PACKAGES = ROOT / "build/packages"
# what Lambda's Python brings
RUNTIME = ("boto3", "botocore", "jmespath", "s3transfer", "urllib3", "dateutil", "six.py")
TIMER = """
import json, sys, time
began, wall = time.process_time(), time.perf_counter()
{work}
print(json.dumps([time.process_time() - began, time.perf_counter() - wall]))
"""
BARE = "import boto3\nfor service in {services!r}:\n    boto3.client(service)"
SETTINGS = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
}


class Function(NamedTuple):
    """A packaged function: its zip's name, its module, what clients it makes, its variables."""

    package: str
    module: str
    services: Sequence[str]
    variables: Mapping[str, str]


def measure(functions: Mapping[str, Function], rounds: int = 5) -> dict[str, dict[str, Any]]:
    """Per function: CPU and wall milliseconds, those of the bare clients, their ratio, and sizes.

    Times are medians of paired runs, sizes in bytes. Raises FileNotFoundError when nobody ran
    `make package`.
    """
    if not (PACKAGES / "local/manifest.json").exists():
        raise FileNotFoundError(f"{PACKAGES / 'local'} is not there: run `make package` first")
    with tempfile.TemporaryDirectory(prefix="sluice-cold-") as scratch:
        runtime = _runtime(Path(scratch) / "runtime")
        return {
            name: _measured(function, Path(scratch) / name, runtime, rounds) | _sizes(function.package)
            for name, function in functions.items()
        }


def _measured(function: Function, folder: Path, runtime: Path, rounds: int) -> dict[str, Any]:
    """The times of one, unpacked into `folder`."""
    with zipfile.ZipFile(PACKAGES / f"local/{function.package}.zip") as package:
        package.extractall(folder)
    work, bare = f"import {function.module}", BARE.format(services=tuple(function.services))
    pairs = []
    for number in range(rounds + 1):
        pair = _run(work, [folder, runtime], function.variables), _run(bare, [runtime], {})
        pairs += [pair] if number else []  # the first finds files that nobody has read yet
    return _summary(pairs)


def _summary(pairs: list[tuple[tuple[float, float], tuple[float, float]]]) -> dict[str, Any]:
    def median(numbers: list[float], digits: int) -> float:
        return round(statistics.median(numbers), digits)

    return {
        "cpu_ms": median([ours[0] * 1000 for ours, _ in pairs], 0),
        "wall_ms": median([ours[1] * 1000 for ours, _ in pairs], 0),
        "bare_cpu_ms": median([bare[0] * 1000 for _, bare in pairs], 0),
        "ratio": median([ours[0] / bare[0] for ours, bare in pairs], 2),
    }


def _sizes(package_name: str) -> dict[str, int]:
    """Of this machine's zip, which has its bytecode in it, and of Lambda's where it was built.

    Bytecode only by the runtime's Python.
    """
    sizes = {}
    for target in ("local", "lambda"):
        path = PACKAGES / target / f"{package_name}.zip"
        if path.exists():
            with zipfile.ZipFile(path) as package:
                sizes[f"{target}_zip_bytes"] = path.stat().st_size
                sizes[f"{target}_unpacked_bytes"] = sum(one.file_size for one in package.infolist())
    return sizes


def _runtime(folder: Path) -> Path:
    """A folder with the packages of Lambda's runtime and nothing else."""
    import botocore

    installed = Path(botocore.__file__).parents[1]
    folder.mkdir()
    for name in RUNTIME:
        (folder / name).symlink_to(installed / name)
    return folder


def _run(work: str, path: list[Path], variables: Mapping[str, str]) -> tuple[float, float]:
    """Seconds of CPU and of the clock of `work` in a new interpreter without site-packages."""
    environ = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-S", "-c", TIMER.format(work=work)]
    done = subprocess.run(
        command, env=environ | SETTINGS | dict(variables), capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        raise RuntimeError(f"{work}: {done.stderr[-2000:]}")
    cpu, wall = json.loads(done.stdout.splitlines()[-1])
    return cpu, wall
