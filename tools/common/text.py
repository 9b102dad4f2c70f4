"""Strangers' text as a person may read it: it steers no terminal, and it ends."""

from __future__ import annotations

MOST = 4_000
LINES = "\n\t"  # to keep of a text of several lines


def visible(text: str, most: int = MOST, *, keep: str = "") -> str:
    """The text with what is not to be seen written out (`\\x1b`), and cut to `most` characters.

    That is what steers a terminal, turns the writing round, or cannot be encoded. Characters of
    `keep` (LINES) stay as they are.
    """
    cut = text[:most]
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() or c in keep else _written(c) for c in cut)
    return cut if len(text) <= most else f"{cut}… and {len(text) - most:,} more characters"


def counted(number: int, what: str, several: str = "s") -> str:
    """A number of things: "1 dead letter", "2,000 dead letters"; `several` is the plural's end."""
    return f"{number:,} {what}{'' if number == 1 else several}"


def _written(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
