"""`python -m tools.demo.votes`: what `make demo` and `make chaos` call."""

from __future__ import annotations

import argparse
import sys

from tools.common.commands import CommandParser
from tools.demo.votes.chaos import chaos
from tools.demo.votes.demo import demo


def main() -> int:
    """Run the demo, or chaos; 0 only when everything was counted as a direct count says."""
    parser = CommandParser(prog="demo", description=__doc__)
    for name, work, ballots in (("demo", _demo, 3_600), ("chaos", _chaos, 5_000)):
        command = parser.add_command(name, work)
        command.add_variable("BALLOTS", int, ballots)
        command.add_variable("SEED", int, 1)
        if name == "demo":
            command.add_variable("ENTRANCE", default="", about="by way of another one: alb, function_url, http_api")
    return parser.run()


def _demo(options: argparse.Namespace) -> int:
    return demo(options.ballots, options.seed, options.entrance)


def _chaos(options: argparse.Namespace) -> int:
    return chaos(options.ballots, options.seed)


if __name__ == "__main__":
    sys.exit(main())
