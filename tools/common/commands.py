"""Commands that make calls: their variables come from the environment, where make leaves them.

So no text that a person gives passes through make's language, a shell or an option's syntax.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tools.common.errors import CommandError, run_command

Work = Callable[[argparse.Namespace], int]
_SWITCH = {"yes": True, "y": True, "1": True, "no": False, "n": False, "0": False}
_NUMBERS: dict[type, str] = {int: "a whole number", float: "a number"}


class CommandParser(argparse.ArgumentParser):
    """A program that make calls, with one command or several.

    A person sets variables: SINCE=30 in the environment, which is `--since 30` without make.
    """

    _commands: argparse._SubParsersAction[CommandParser] | None = None

    def add_command(self, name: str, work: Work) -> CommandParser:
        """Add a command; `work` gets its options and returns the exit code."""
        if self._commands is None:
            self._commands = self.add_subparsers(dest="command", required=True)
        command = self._commands.add_parser(name)
        command.set_defaults(work=work)
        return command

    def add_variable(self, name: str, kind: type = str, default: Any = None, *, about: str | None = None) -> None:
        """Add a text or a number; an empty one counts as left out."""

        def read(text: str) -> Any:
            try:
                return kind(text)
            except ValueError:
                raise CommandError(f"{name}={text!r}: {_NUMBERS[kind]} is needed") from None

        given = os.environ.get(name) or default
        self.add_argument(_option(name), metavar=name, type=read, default=given, help=about)

    def add_switch(self, name: str, default: bool | None = False, *, about: str | None = None) -> None:
        """Add a yes or no; any other word is refused, not taken for no."""

        def read(word: str) -> bool | None:
            if word and word not in _SWITCH:
                raise CommandError(f"{name}={word!r}: {name}=yes or {name}=no is needed")
            return _SWITCH.get(word, default)

        given = os.environ.get(name, "")
        self.add_argument(_option(name), nargs="?", const=True, type=read, default=given, help=about)

    def run(self, arguments: Sequence[str] | None = None) -> int:
        """Do the work that the command line names, and return the exit code.

        What a person can mend is said in one line, which begins with the command.
        """
        words = sys.argv[1:] if arguments is None else arguments
        commands = self._commands.choices if self._commands else {}
        named = next((word for word in words if word in commands), self.prog)

        def work() -> int:
            options = self.parse_args(words)
            return int(options.work(options))

        return run_command(named, work)


def _option(name: str) -> str:
    return "--" + name.lower().replace("_", "-")
