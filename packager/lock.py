"""Lock `requirements/*.in` with hashes, for every supported Python and machine at once: `python -m packager.lock [--upgrade]`.

Without `--upgrade` what is locked stays as it is and only what a `.in` file changed moves. The locks hold no index address: pip's own
configuration says where packages come from. functions and devcloud are cut out of dev, so that one `.venv` can hold all three.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
OLDEST_PYTHON = "3.11"
HEADER = "# Locked from {name}.in by `make lock`. Not edited by hand.\n"
# name -> the lock whose versions it must agree with, in the order they are made
LOCKS: dict[str, str | None] = {"dev": None, "devcloud": "dev", "functions": "dev", "terraform": None, "checkov": None}


def lock(name: str, constraint: str | None, *, upgrade: bool, folder: Path = REQUIREMENTS) -> None:
    """Write `<folder>/<name>.txt`. Raises `SystemExit` with what the resolver said when it finds no solution or reaches no index."""
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", f"{name}.in", "--output-file", f"{name}.txt"),
        *("--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes", "--no-header", "--quiet"),
        *("--no-emit-index-url", "--no-emit-find-links"),
    ]
    if constraint is not None:
        command += ["--constraints", f"{constraint}.txt"]
    if upgrade:
        command.append("--upgrade")
    print(f"locking requirements/{name}.txt", flush=True)
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)
    if done.returncode:
        advice = "Is a package index in reach, and do the versions in the .in file exist?"
        raise SystemExit(f"requirements/{name}.in cannot be locked:\n{done.stderr.strip()}\n{advice}")
    path = folder / f"{name}.txt"
    path.write_text(HEADER.format(name=name) + path.read_text(encoding="utf-8"), encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m packager.lock", description="Lock requirements/*.in with hashes.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that the .in files allow")
    upgrade = parser.parse_args(arguments).upgrade
    for name, constraint in LOCKS.items():
        lock(name, constraint, upgrade=upgrade)


if __name__ == "__main__":
    main()
