"""The command: see the package's docstring."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tools.packager import PackagerError
from tools.packager.build import Inputs, build
from tools.packager.target import TARGETS

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Build; return the exit code: 0, or 1 after saying on stderr what failed and what to do."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.packager", description="Build one zip per function, byte for byte reproducible."
    )
    targets = [*TARGETS, "both"]
    parser.add_argument("--target", choices=targets, default="both", help="the Lambda runtime, this machine, or both")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "build/packages", help="folder for <target>/*.zip (default: build/packages)"
    )
    parser.add_argument(
        "--source",
        type=Path,
        default=ROOT / "lambda_src",
        help="folder of <pipeline>/<function>.py (default: lambda_src)",
    )
    parser.add_argument(
        "--lock", type=Path, default=ROOT / "requirements/functions.txt", help="third-party packages, with hashes"
    )
    parser.add_argument(
        "--wheels", type=Path, default=ROOT / "build/wheels", help="where wheels are kept (default: build/wheels)"
    )
    parser.add_argument(
        "--pipeline", action="append", default=[], help="of this pipeline alone; may be repeated (default: all)"
    )
    options = parser.parse_args(arguments)
    inputs = Inputs(options.source, options.lock, options.wheels, tuple(options.pipeline))
    for name, target in TARGETS.items():
        if options.target in (name, "both"):
            start = time.monotonic()
            try:
                build(target, inputs, options.out / name, _say)
            except PackagerError as error:
                print(f"packager: {error}", file=sys.stderr)
                return 1
            _say(f"{name}: {options.out / name}, {time.monotonic() - start:.1f} s")
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
