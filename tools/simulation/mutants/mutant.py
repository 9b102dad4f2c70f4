"""One broken variant: a text of one file, and what stands there instead."""

from dataclasses import dataclass
from pathlib import Path

WORLD = ""  # the seeded histories; any other check is a pytest selection


class Stale(Exception):
    """The text to break is not in its file exactly once: the code has moved on, and the list must
    follow.
    """


@dataclass(frozen=True)
class Mutant:
    """`name` says what is wrong with it; `check` is WORLD, or the tests that must fail (paths and
    options of pytest).
    """

    name: str
    file: str
    old: str
    new: str
    check: str = WORLD

    def apply(self, root: Path) -> None:
        """Break the copy of the project at `root`. Raises Stale."""
        path = root / self.file
        text = path.read_text()
        if (times := text.count(self.old)) != 1:
            first = self.old.strip().splitlines()[0]
            raise Stale(f"{self.name}: {self.file} holds the text to break {times} times, not once: {first!r}")
        path.write_text(text.replace(self.old, self.new))
