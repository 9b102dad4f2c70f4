"""What the plans of all pipelines share: faults at calls, events of the system, and their words.

A plan says what is sent and when, what breaks, and has a seed for all chance: the same plan is
the same run. Each pipeline has a named tuple of its own, which keeps to `Plan`.
"""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar

MINUTE = 60_000  # times are in milliseconds since the history's start

P = TypeVar("P")


class Fault(NamedTuple):
    """The cell fires at the calls `nth` … `nth + times - 1` of its row."""

    cell: int
    nth: int = 0
    times: int = 1


class Event(NamedTuple):
    """What happens to the system at a time, for so long."""

    kind: int
    at: int
    lasts: int = 0
    target: int = 0


class Plan(Protocol):
    """A history. `skew`: clocks of workers differ by up to five minutes."""

    @property
    def faults(self) -> tuple[Fault, ...]: ...
    @property
    def events(self) -> tuple[Event, ...]: ...
    @property
    def skew(self) -> bool: ...
    @property
    def seed(self) -> int: ...
    @property
    def calm(self) -> bool:
        """Whether nothing goes wrong in it."""


def to_word(plan: Plan) -> str:
    """The plan as one word, for a command line."""
    return urlsafe_b64encode(zlib.compress(json.dumps(plan, separators=(",", ":")).encode(), 9)).rstrip(b"=").decode()


def from_word(word: str, read: Callable[[Any], P]) -> P:
    """The plan in a word, which `read` makes of lists. Raises ValueError where it is none."""
    try:
        packed = urlsafe_b64decode(word + "=" * (-len(word) % 4))
        return read(json.loads(zlib.decompress(packed)))
    except (ValueError, TypeError, zlib.error) as error:
        raise ValueError(f"HISTORY is not a history of this version: {error}") from error
