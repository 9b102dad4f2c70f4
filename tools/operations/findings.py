"""What is not well: a cause, since when, and the command that cures it."""

from __future__ import annotations

import textwrap
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Self

from tools.common.text import visible

DAY_SECONDS = 86_400
NOT_WELL = "NOT WELL:"
WHOLE: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


class Finding(str):
    """A cause in a few words; it is the sentence that people read.

    `command`: the make command that cures it, or shows what would; empty where nobody knows one.
    `since`: when it began, in seconds since 1970. `about`: the function that it is about, if one. A
    `symptom` goes without saying where there is a cause about the same function.
    """

    __slots__ = ("about", "command", "since", "symptom")
    command: str
    since: float | None
    about: str
    symptom: bool

    def __new__(
        cls, cause: str, command: str = "", *, since: float | None = None, about: str = "", symptom: bool = False
    ) -> Self:
        """Make one."""
        made = super().__new__(cls, cause)
        made.command, made.since, made.about, made.symptom = command, since, about, symptom
        return made

    @property
    def cause(self) -> str:
        """The cause, and since when."""
        return f"{self} since {_clock(self.since)}" if self.since is not None else str(self)

    def told(self) -> str:
        """Cause, since when, and the command."""
        return f"{self.cause}{f' → {self.command}' if self.command else ''}"


class Invariant(ABC):
    """Something that must hold of a pipeline; made when somebody begins to look.

    `well`: what to say of it while it holds, in a few words; nothing where it goes without saying.
    """

    well = ""

    def wrong(self) -> Iterable[Finding]:
        """What is wrong now: what a look finds, unless the invariant compares with before."""
        return [one for one in self.look() if isinstance(one, Finding)]

    @abstractmethod
    def look(self) -> Iterator[str]:
        """Look once more: a Finding for what went wrong since it was made, and what was seen."""


def verdict(findings: Iterable[Finding], well: str) -> str:
    """The last line of whoever looked: "NOT WELL: …" with every finding, or "well: …"."""
    told = "; ".join(finding.told() for finding in findings)
    return f"{NOT_WELL} {told}" if told else f"well: {well}"


def paragraphs(findings: Iterable[Finding], columns: int) -> str:
    """The same of what is not well for a screen: a finding a paragraph, its command whole."""
    lines = [NOT_WELL]
    for finding in findings:
        lines += textwrap.wrap(visible(finding.cause), columns, initial_indent="  ", subsequent_indent="  ", **WHOLE)
        lines += [f"    → {visible(finding.command)}"] if finding.command else []
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    """A time of the last day as 02:41, an older one with its date; UTC."""
    at = datetime.fromtimestamp(seconds, UTC)
    return at.strftime("%H:%M" if time.time() - seconds < DAY_SECONDS else "%Y-%m-%d %H:%M") + " UTC"
