"""What a command prints about its steps."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tools.common.text import LINES, visible


def step_printer(console: Console) -> Callable[[str], None]:
    """A function that prints what is done next, with the seconds since now."""
    start = time.monotonic()

    def say(step: str) -> None:
        said = escape(visible(step, keep=LINES))
        console.print(f"[dim]{time.monotonic() - start:5.1f} s[/dim]  {said}", soft_wrap=True, highlight=False)

    return say


def plain_table(*columns: str, words: int = 1) -> Table:
    """A table without lines, for 80 columns and for pipes: the first columns are `words`, to the
    left, the others numbers, to the right.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < words else "right", overflow="fold")
    return table
