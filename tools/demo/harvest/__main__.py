"""`python -m tools.demo.harvest`: what `make demo PIPELINE=harvest` calls."""

from __future__ import annotations

import argparse
import sys

from tools.common.commands import CommandParser
from tools.demo.harvest.demo import demo


def main() -> int:
    """Run the demo; 0 only when everything was fetched at the rate that is permitted."""
    parser = CommandParser(prog="demo", description=__doc__)
    command = parser.add_command("demo", _demo)
    command.add_variable("CALLS", int, 5_000)
    command.add_variable("SEED", int, 1)
    return parser.run()


def _demo(options: argparse.Namespace) -> int:
    return demo(options.calls, options.seed)


if __name__ == "__main__":
    sys.exit(main())
