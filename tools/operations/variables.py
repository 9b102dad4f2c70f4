"""The variables of the commands that have many."""

from __future__ import annotations

from tools.common.commands import CommandParser


def import_ballots(command: CommandParser) -> None:
    """Those of `make import`."""
    command.add_variable("FILE")
    command.add_variable("SINCE", about="the earliest time that a ballot of the file may have")
    command.add_variable("COLUMNS", default="", about="ours=theirs,…")
    command.add_variable("SCORES", default="", about="theirs=ours,…")
    command.add_variable("TIMES", default="rfc3339")
    command.add_variable("ISSUER", about="of the tokens whose subjects the file's voters are")
    command.add_variable("RATE", float, 200.0, about="ballots a second")
    command.add_switch("FRESH", about="do not go on with an import that broke off")
    command.add_switch("DRY_RUN")
    command.add_switch("CONFIRM")


def logs(command: CommandParser) -> None:
    """Those of `make logs`."""
    command.add_variable("FUNCTION")
    command.add_variable("SINCE", float, 15, about="minutes")
    command.add_variable("LINES", int, 200)
    command.add_switch("RAW", about="the platform's lines and metrics too")
    command.add_switch("FOLLOW", about="go on as they come")


def mapping(command: CommandParser) -> None:
    """Those of `make mapping`."""
    command.add_variable("FUNCTION", default="", about="whose; all are shown where none is named")
    command.add_switch("ON", None, about="yes takes messages again, no lets them wait")
    command.add_switch("CONFIRM")


def redrive(command: CommandParser) -> None:
    """Those of `make redrive`."""
    command.add_variable("QUEUE", default="")
    command.add_variable("REASON", default="", about="which: as the command shows them without")
    command.add_switch("QUARANTINE", about="put dead letters of REASON away, as what never will succeed")
    command.add_variable("MOST", int, 1_000)
    command.add_variable("RATE", float, 50.0, about="messages a second")
    command.add_switch("DRY_RUN")
    command.add_switch("CONFIRM")


def runs(command: CommandParser) -> None:
    """Those of `make runs`."""
    command.add_variable("RUN", default="", about="one of them; all that are under way where none is named")
    command.add_switch("FOLLOW", about="a line every other second until it is over")
    command.add_switch("PAUSE")
    command.add_switch("RESUME")
    command.add_switch("CANCEL")
    command.add_variable("RATE", float, about="calls a second, 0 for no cap of its own")
    command.add_variable("CAP", int, about="the most calls it may come to know, of what begins or resumes")
    command.add_variable("START", default="", about="the name of a run to begin")
    command.add_variable("GROUPS", default="", about="of a run to begin: these alone, with commas")
    command.add_switch("SINCE", about="of a run to begin: what changed since the last complete one")
    command.add_switch("CONFIRM")
