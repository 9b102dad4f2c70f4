"""How a run comes along: a line that a terminal rewrites, and one every so often elsewhere."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.live import Live

from tools.traffic.drain import Watch

EVERY_SECONDS = 2


class ProgressLine:
    """The line, within a `with`: what is done now, and how deep the queues are."""

    def __init__(self, console: Console, watch: Watch, ahead: float = 0.0) -> None:
        """`ahead`: seconds of the run before the watch began, which the line counts too."""
        self._console, self._watch, self._ahead = console, watch, ahead
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._printed_at = 0.0

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, what: str, depths: dict[str, int] | None = None) -> None:
        """Say what is done, beside the queues' depths where they are known."""
        queues = ", ".join(f"{name} {count}" for name, count in (depths or {}).items())
        line = f"{self._ahead + self._watch.seconds:5.1f} s  {what}{f'; queues: {queues}' if queues else ''}"
        if self._live:
            self._live.update(line)
        elif self._watch.seconds - self._printed_at > EVERY_SECONDS:
            self._printed_at = self._watch.seconds
            self._console.print(line, highlight=False, soft_wrap=True)
