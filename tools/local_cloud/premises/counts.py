"""What the front has seen."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

MOST_LOG = 1_000_000
Said = tuple[float, float, str]


@dataclass
class Counts:
    """What the front has seen since it began to count.

    `attempts` to connect, of which `handshakes` came through TLS; sessions with the server that are
    `open` now, and were at `peak`, in all and by user (`opens`, `peaks`); errors of the server by
    SQLSTATE.
    `log`: when each statement came (Unix seconds), how long it took until the server was ready
    again, held up or not (milliseconds), and its first word.
    """

    attempts: int = 0
    handshakes: int = 0
    open: int = 0
    peak: int = 0
    statements: int = 0
    opens: Counter[str] = field(default_factory=Counter)
    peaks: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    log: deque[Said] = field(default_factory=lambda: deque(maxlen=MOST_LOG))

    def opened(self, user: str) -> None:
        """One session of a user more."""
        self.open += 1
        self.opens[user] += 1
        self.peak = max(self.peak, self.open)
        self.peaks[user] = max(self.peaks[user], self.opens[user])

    def closed(self, user: str) -> None:
        """One less."""
        self.open -= 1
        self.opens[user] -= 1

    def answered(self, at: float, milliseconds: float, word: str) -> None:
        """One statement more."""
        self.statements += 1
        self.log.append((at, milliseconds, word))

    def begin(self) -> None:
        """Count anew from here, with the sessions that are open."""
        self.attempts = self.handshakes = self.statements = 0
        self.peak, self.peaks = self.open, +self.opens
        self.errors.clear()
        self.log.clear()

    def plain(self) -> dict[str, Any]:
        """As JSON has them, without the log."""
        names = ("attempts", "handshakes", "open", "peak", "statements")
        return {name: getattr(self, name) for name in names} | {
            "opens": {user: count for user, count in self.opens.items() if count},
            "peaks": dict(self.peaks),
            "errors": dict(self.errors),
        }
