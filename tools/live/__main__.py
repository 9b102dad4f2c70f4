"""`make live`: opens the page on what is up, or brings it up first."""

from __future__ import annotations

import argparse
import sys

from tools.common.commands import CommandParser


def main() -> int:
    """Serve until Ctrl-C."""
    parser = CommandParser(prog="live", description=__doc__)
    command = parser.add_command("live", _live)
    command.add_variable("PIPELINE", default="", about="one alone instead of all, where none is up")
    command.add_variable("PORT", int, about="a fixed port for the page instead of any free one")
    command.add_switch("MEASURE", about="say what the server takes of a core, and end")
    return parser.run()


def _live(options: argparse.Namespace) -> int:
    from tools.live.local.command import run

    return run(options.pipeline, options.port, measure=bool(options.measure))


if __name__ == "__main__":
    sys.exit(main())
