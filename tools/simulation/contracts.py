"""`make contracts`: the simulated services beside moto and the emulator, by one contract suite.

With ENGINE=dynamodb-local beside AWS's own engine too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tools.common.commands import CommandParser
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.simulation import engine

ENDPOINT = "DYNAMODB_LOCAL"  # in the suite's environment: where the engine listens
SUITE = ("tests/simulation/aws", "tests/simulation/votes/test_services_replay.py")


def contracts(options: argparse.Namespace) -> int:
    """Run the suite; its exit code. Nothing is fetched unless an engine is asked for."""
    if options.engine not in ("", None, engine.NAME):
        raise CommandError(f"ENGINE={options.engine!r}: ENGINE={engine.NAME} is needed, or none")
    if not options.engine:
        return _suite({})
    if why := engine.missing():
        code = _suite({})
        print(f"contracts: SKIPPED {engine.NAME}: {why}; the others were held to each other", file=sys.stderr)
        return code
    engine.have()
    with engine.running() as where:
        return _suite({ENDPOINT: where})


def _suite(more: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *SUITE]
    return subprocess.run(command, cwd=ROOT, env=os.environ | more, check=False).returncode


def main() -> int:
    """The command line."""
    parser = CommandParser(prog="contracts", description=__doc__)
    parser.add_variable("ENGINE", about=f"{engine.NAME}, or none")
    parser.set_defaults(work=contracts)
    return parser.run()


if __name__ == "__main__":
    sys.exit(main())
