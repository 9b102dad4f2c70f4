"""Tables of a result: in the terminal, and as Markdown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table as RichTable


class Table(NamedTuple):
    """A table: its title, what stands above its columns, its rows.

    `pictures`: what stands below it, as text → file.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    pictures: Sequence[tuple[str, str]] = ()


def write(title: str, introduction: str, tables: Iterable[Table], file: Path) -> None:
    """Write a Markdown file."""
    lines = [f"# {title}", "", introduction, ""]
    for table in tables:
        lines += [f"## {table.title}", "", _row(table.head), _row(["---"] * len(table.head))]
        lines += [*map(_row, table.rows), ""]
        for text, picture in table.pictures:
            lines += [f"![{text}]({picture})", ""]
    file.write_text("\n".join(lines))


def show(tables: Iterable[Table]) -> None:
    """Print them."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    for table in tables:
        shown = RichTable(title=table.title, title_justify="left")
        for index, name in enumerate(table.head):
            shown.add_column(name, justify="right" if index else "left", no_wrap=not index)
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
