"""What a command prints about its steps."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

from tools.common.text import LINES, visible


def step_printer(console: Console) -> Callable[[str], None]:
    """A function that prints what is done next, with the seconds since now."""
    start = time.monotonic()

    def say(step: str) -> None:
        said = escape(visible(step, keep=LINES))
        console.print(f"[dim]{time.monotonic() - start:5.1f} s[/dim]  {said}", soft_wrap=True, highlight=False)

    return say
