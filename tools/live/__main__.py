"""`make live`: opens the page on what is up, or brings it up; reads a deployed environment."""

from __future__ import annotations

import argparse
import sys

from tools.common.commands import CommandParser
from tools.common.errors import CommandError


def main() -> int:
    """Serve until Ctrl-C."""
    parser = CommandParser(prog="live", description=__doc__)
    command = parser.add_command("live", _live)
    command.add_variable("PIPELINE", default="", about="one alone instead of all, where none is up")
    command.add_variable("PORT", int, about="a fixed port for the page instead of any free one")
    command.add_switch("MEASURE", about="say what the server takes of a core, and end")
    command.add_variable("ENV", default="local", about="a deployed one is looked at, read only")
    command.add_switch("POLICY", about="print what a person needs to look at ENV, and end")
    return parser.run()


def _live(options: argparse.Namespace) -> int:
    if options.env != "local":
        from tools.live.aws import command

        if options.measure:
            raise CommandError("MEASURE=yes is for the local cloud: it measures two snapshots a second")
        if options.policy:
            return command.print_policy(options.env, options.pipeline)
        return command.run(options.env, options.pipeline, options.port)
    if options.policy:
        raise CommandError("POLICY=yes is for a deployed environment: ENV=dev|staging|prod names it")
    from tools.live.local.command import run

    return run(options.pipeline, options.port, measure=bool(options.measure))


if __name__ == "__main__":
    sys.exit(main())
