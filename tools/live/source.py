"""What the live page is fed by: a source, which says what it can do and what there is to see."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tools.live.flow import Flow

Json = dict[str, Any]

BREAK, LOAD, REDRIVE, CURE, PEEK, FOLLOW = "break", "load", "redrive", "cure", "peek", "follow"
ACTIONS = (BREAK, LOAD, REDRIVE, CURE)  # change something: a source that reads only does none


class Refused(Exception):
    """What was asked cannot be done; the message says why, for people. Answered 400."""


class NotFound(Refused):
    """There is no such thing. Answered 404."""


@dataclass(frozen=True)
class About:
    """What a source is: `account` where it is AWS's; `can`: of the words above; a snapshot is worth
    taking every `step_seconds`.
    """

    name: str
    account: str | None
    can: tuple[str, ...]
    step_seconds: float

    @property
    def read_only(self) -> bool:
        """Whether it changes nothing."""
        return not set(self.can) & set(ACTIONS)

    def plain(self) -> Json:
        """As the page gets it."""
        return asdict(self) | {"read_only": self.read_only}


class Source(ABC):
    """Pipelines to look at. Every method may block, and is called from a thread, one at a time of
    `sample`; what is asked of the page's buttons may come meanwhile.
    """

    about: About

    @abstractmethod
    def flows(self) -> Sequence[Flow]:
        """The pipelines as they are drawn."""

    @abstractmethod
    def sample(self) -> Json:
        """How it is now: `as_of` (ms since 1970), `pipelines` and `faults`, as a snapshot has them,
        and `cost` where looking costs something.
        """

    def peek(self, pipeline: str, queue: str) -> Json:
        """The messages of a queue, as they are, touching nothing. Raises Refused."""
        raise NotFound(f"{self.about.name} does not look into queues ({pipeline}, {queue})")

    def follow(self, pipeline: str, what: str) -> Json:
        """What became of one item, by its id. Raises Refused."""
        raise NotFound(f"{self.about.name} follows nothing ({pipeline}, {what})")

    def letters(self, pipeline: str) -> list[Json]:
        """Dead letters and quarantine in groups by cause, with samples. Raises Refused."""
        raise NotFound(f"{self.about.name} has no dead letters to look at ({pipeline})")

    def do(self, what: str, on: Sequence[str], asked: Json) -> Json:
        """Do what a button asks: `what` is of ACTIONS, `on` the rest of its path, `asked` the body.

        Raises Refused.
        """
        raise Refused(f"{self.about.name} does nothing ({what} {'/'.join(on)}, {sorted(asked)})")

    def close(self) -> None:  # noqa: B027 (most have nothing to end)
        """End what was begun: no fault and no load outlives the page."""
