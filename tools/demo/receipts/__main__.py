"""`python -m tools.demo.receipts`: what `make demo PIPELINE=receipts` calls."""

from __future__ import annotations

import argparse
import sys

from tools.common.commands import CommandParser
from tools.demo.receipts.demo import LANES, demo


def main() -> int:
    """Run the demo; 0 only when everything came out as it was drawn, or is marked."""
    parser = CommandParser(prog="demo", description=__doc__)
    command = parser.add_command("demo", _demo)
    command.add_variable("FILES", int, 120)
    command.add_variable("SEED", int, 1)
    command.add_variable("BY", default=LANES, about="who delivers: lanes, or agent")
    return parser.run()


def _demo(options: argparse.Namespace) -> int:
    return demo(options.files, options.seed, options.by)


if __name__ == "__main__":
    sys.exit(main())
