"""What the front does wrong; all may be set, and changed while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from tools.local_cloud.premises.certificates import KINDS, RIGHT

BEFORE, AFTER, HALF = "before", "after", "half"
LOSES = ("", BEFORE, AFTER, HALF)


@dataclass(frozen=True)
class Faults:
    """What is wrong from now on.

    `slow_ms`: that each statement waits before the server gets it. `closed`: whoever connects is
    cut off at once. `black_hole`: nothing passes, either way, and nobody is told. `certificate`:
    which of certificates.KINDS it shows. `lose`: cuts the connection at the next statement that has
    `matching` in it, once: before the server gets it, after (its answer is lost), or half way
    through its answer.
    """

    slow_ms: float = 0.0
    closed: bool = False
    black_hole: bool = False
    certificate: str = RIGHT
    lose: str = ""
    matching: str = ""

    def __post_init__(self) -> None:
        for name, given, known in (("certificate", self.certificate, KINDS), ("lose", self.lose, LOSES)):
            if given not in known:
                raise ValueError(f"{name} is one of {', '.join(map(repr, known))}, not {given!r}")
        if not 0 <= self.slow_ms <= 600_000:
            raise ValueError(f"slow_ms is from 0 to 600,000, not {self.slow_ms}")

    def changed(self, said: Mapping[str, Any]) -> Faults:
        """These with some of them otherwise, as JSON says them. Raises ValueError."""
        known = {one.name for one in fields(self)}
        if unknown := sorted(said.keys() - known):
            raise ValueError(f"there is no fault {', '.join(unknown)}: there are {', '.join(sorted(known))}")
        return replace(self, **said)
