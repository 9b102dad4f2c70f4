"""Screens of commands at 80 columns, kept as text in `screens/`: a change of one is seen."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

FOLDER = Path(__file__).parent / "screens"
COLUMNS = 80


def piped() -> Console:
    """A console as a pipe is at 80 columns: no colour, nothing of a terminal."""
    return Console(width=COLUMNS, file=io.StringIO(), force_terminal=False)


def terminal() -> Console:
    """A console as a terminal of 80 columns without colours is."""
    return Console(width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system=None)


def shown(console: Console) -> str:
    """What was printed."""
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def assert_screen(name: str, text: str) -> None:
    """The text is the one that is kept; a new one is written beside it, to be looked at."""
    kept, new = FOLDER / f"{name}.txt", FOLDER / f"{name}.new"
    told = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    if not kept.exists() or kept.read_text() != told:
        new.write_text(told)
    assert kept.exists(), f"look at {new}, and keep it as {kept.name}"
    assert told == kept.read_text(), f"the screen has changed: look at {new}"
    new.unlink(missing_ok=True)
