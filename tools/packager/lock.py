"""Lock `requirements/*.in` with hashes, for every supported Python and machine at once.

    python -m tools.packager.lock [--upgrade]

Without `--upgrade` what is locked stays as it is and only what a `.in` file changed moves. With it,
a release waits a week: most that are taken back for what somebody put into them are gone by then.
The locks hold no index address: pip's own configuration says where packages come from. Some are cut
out of dev, so that one `.venv` can hold them all.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.common.commands import CommandParser

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
OLDEST_PYTHON = "3.11"
# uv asks the index when a file was uploaded (PEP 700); what it does not tell of, it does not take
UPGRADE_WAITS = "7 days"
HEADER = "# Locked from {name}.in by `make lock`. Not edited by hand.\n"
# name -> the lock whose versions it must agree with, in the order they are made
LOCKS: dict[str, str | None] = {
    "dev": None,
    "tools": "dev",
    "deploy": "dev",
    "functions": "dev",
    "agent": "dev",
    "pictures": "dev",
    "query": "dev",
    "database": "dev",
    "live": "dev",
    "build": "dev",
    "terraform": None,
    "emulator": None,
    "reader": None,
    "checkov": None,
    "audit": None,
}


def lock(name: str, constraint: str | None, *, upgrade: bool, folder: Path = REQUIREMENTS) -> None:
    """Write `<folder>/<name>.txt`.

    Raises `SystemExit` with what the resolver said when it finds no solution or reaches no index.
    """
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", f"{name}.in", "--output-file", f"{name}.txt"),
        *("--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes", "--no-header", "--quiet"),
        *("--no-emit-index-url", "--no-emit-find-links"),
    ]
    if constraint is not None:
        command += ["--constraints", f"{constraint}.txt"]
    if upgrade:
        command += ["--upgrade", "--exclude-newer", UPGRADE_WAITS]
    print(f"locking requirements/{name}.txt", flush=True)
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)
    if done.returncode:
        advice = "Is a package index in reach, and do the versions in the .in file exist?"
        raise SystemExit(f"requirements/{name}.in cannot be locked:\n{done.stderr.strip()}\n{advice}")
    path = folder / f"{name}.txt"
    path.write_text(HEADER.format(name=name) + path.read_text(encoding="utf-8"), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Lock all lists. Raises SystemExit with what the resolver said when one cannot be."""
    parser = CommandParser(prog="lock", description="Lock requirements/*.in with hashes.")
    parser.add_switch("UPGRADE", about="take the newest versions that the .in files allow and that are a week old")
    parser.set_defaults(work=_lock)
    return parser.run(arguments)


def _lock(options: argparse.Namespace) -> int:
    for name, constraint in LOCKS.items():
        lock(name, constraint, upgrade=options.upgrade)
    return 0


if __name__ == "__main__":
    sys.exit(main())
