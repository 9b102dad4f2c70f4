"""Tries one mutant: in a copy of the project, with the check that has to catch it, in a process of
its own.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tools.common.paths import ROOT
from tools.simulation.mutants.mutant import WORLD, Mutant

COPIED = ("lambda_src", "tests", "terraform", "environments", "tools", "docs", "requirements")
LIMIT_SECONDS = 480


@dataclass(frozen=True)
class Trial:
    """What came of a mutant: the check that caught it and what that said; `caught_by` is None for a
    mutant that survived.
    """

    mutant: Mutant
    caught_by: str | None
    said: str
    seconds: float


def attempt(package: str, mutant: Mutant, histories: int, seed: int) -> Trial:
    """Break a copy, run the check, and say whether it failed.

    `package` is the simulation whose histories are the check of a mutant that names none.

    Raises Stale, or RuntimeError where the check itself cannot run, or not in time.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sluice-mutant-") as folder:
        root = Path(folder)
        copy(root)
        mutant.apply(root)
        try:
            if mutant.check == WORLD:
                caught_by, said = _world(root, package, histories, seed)
            else:
                caught_by, said = _tests(root, mutant.check)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"{mutant.name}: neither caught nor survived in {LIMIT_SECONDS} s") from None
    return Trial(mutant, caught_by, said, time.monotonic() - began)


def copy(root: Path) -> None:
    """The project's own files, as they stand here, at `root`."""
    left_out = shutil.ignore_patterns("__pycache__", ".terraform*", "*.tfstate*", ".pytest_cache")
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=left_out)
    for name in ("pyproject.toml", "Makefile", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, root / name)


def _world(root: Path, package: str, histories: int, seed: int) -> tuple[str | None, str]:
    """Seeded histories of the copy's own handlers."""
    report = root / "report.json"
    asked = f"--histories {histories} --seed {seed} --processes 1 --brief --any-call".split()
    done = _run(root, ["-m", package, *asked, "--json", str(report)])
    if not report.exists():
        raise RuntimeError(f"the histories did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    broken = json.loads(report.read_text()).get("broken")
    return (broken["check"], broken["detail"]) if broken else (None, "")


def _tests(root: Path, selection: str) -> tuple[str | None, str]:
    """A selection of the copy's tests."""
    done = _run(root, ["-m", "pytest", "-x", "-n0", "-p", "no:cacheprovider", "--no-header", *shlex.split(selection)])
    if done.returncode not in (0, 1):
        raise RuntimeError(f"pytest could not run {selection}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    failed = re.search(r"^(?:FAILED|ERROR) \S+?([^/]+\.py::\S+)(?: - (.*))?", done.stdout, re.MULTILINE)
    return (failed[1], failed[2] or "") if failed else (None, "")


def _run(root: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{root}:{root / 'lambda_src'}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
