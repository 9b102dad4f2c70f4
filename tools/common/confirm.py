"""Asking a person before anything is changed."""

from __future__ import annotations

import sys

from rich.console import Console


def confirmed(console: Console, question: str, command: str, *, confirm: bool) -> bool:
    """Whether to go on: CONFIRM=yes was given (`confirm`), or somebody asked says yes.

    Where nobody can be asked, says that `command` would do it.
    """
    if confirm:
        return True
    if sys.stdin.isatty():
        return console.input(f"{question} \\[y/N] ").strip().lower() in ("y", "yes")
    console.print(f"nothing was changed: `make {command} CONFIRM=yes` does it", soft_wrap=True, markup=False)
    return False
