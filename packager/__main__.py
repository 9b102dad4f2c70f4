"""The command: see the package's docstring."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from packager import PackagerError
from packager.build import Inputs, build
from packager.target import TARGETS

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Build; return the exit code: 0, or 1 after saying on stderr what failed and what to do."""
    parser = argparse.ArgumentParser(prog="python -m packager", description="Build one zip per function, byte for byte reproducible.")
    parser.add_argument("--target", choices=[*TARGETS, "both"], default="both", help="the Lambda runtime, this machine, or both (default)")
    parser.add_argument("--out", type=Path, default=ROOT / "build/packages", help="folder for <target>/*.zip (default: build/packages)")
    parser.add_argument("--source", type=Path, default=ROOT / "lambda_src", help="folder of <pipeline>/<function>.py (default: lambda_src)")
    parser.add_argument("--lock", type=Path, default=ROOT / "requirements/functions.txt", help="third-party packages, with hashes")
    parser.add_argument("--wheels", type=Path, default=ROOT / "build/wheels", help="where wheels are kept (default: build/wheels)")
    given = parser.parse_args(arguments)
    inputs = Inputs(given.source, given.lock, given.wheels)
    for name, target in TARGETS.items():
        if given.target in (name, "both"):
            begun = time.monotonic()
            try:
                build(target, inputs, given.out / name, _say)
            except PackagerError as error:
                print(f"packager: {error}", file=sys.stderr)
                return 1
            _say(f"{name}: {given.out / name}, {time.monotonic() - begun:.1f} s")
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
