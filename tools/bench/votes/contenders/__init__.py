"""The four designs, each as its own documentation would have it written, with clients made once.

All four hold the same of a ballot: aspects and scores are checked; a later ballot of a voter on a
title takes an earlier one's place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.bench.votes.load import Ballot, Tallies
from tools.simulation.aws.pollers import Mapping
from tools.simulation.aws.wire import Services
from tools.traffic.votes.load import ASPECTS

Json = dict[str, Any]
Handler = Callable[[Json, Any], Any]


@dataclass(frozen=True)
class Stage:
    """A function: what it consumes (`queue` None: the API's requests) and how it is sized.

    `at_once`: its queue is FIFO, without a window and a delay.
    """

    name: str
    handler: Handler
    memory_mb: int
    queue: str | None = None
    mapping: Mapping = field(default_factory=lambda: Mapping(10))
    at_once: bool = False


@dataclass(frozen=True)
class Design:
    """A contender, deployed: its functions in the order of the way.

    `api_queue`: the API itself puts bodies on this queue, and answers `api_answer`; `expire_days`:
    tables whose rows are not kept; `backed_up`: whether tables have point-in-time recovery.
    """

    name: str
    stages: Sequence[Stage]
    counted: Callable[[], Tallies]
    api_queue: str | None = None
    # what receive makes of a ballot, for runs that begin at the queue
    message: Callable[[Ballot], str] | None = None
    # the workers die; whatever they leased has run out when new ones start
    restart: Callable[[], None] = lambda: None
    api_answer: str = ""
    access_line_bytes: int = 0
    backed_up: bool = False
    expire_days: dict[str, float] = field(default_factory=dict)


Build = Callable[[Services, "Sizing"], Design]


@dataclass(frozen=True)
class Sizing:
    """An environment as Terraform plans it: per function its memory, mapping and variables.

    `access_line_bytes` of the API's log, a request; `backed_up`: tables have point-in-time
    recovery.
    """

    environment: str
    memory_mb: dict[str, int]
    mappings: dict[str, Mapping]
    variables: dict[str, dict[str, str]]
    access_line_bytes: int = 0
    backed_up: bool = False

    def design(self, name: str, stages: Sequence[Stage], counted: Callable[[], Tallies], **more: Any) -> Design:
        """A design that stands in the environment."""
        return Design(name, stages, counted, access_line_bytes=self.access_line_bytes, backed_up=self.backed_up, **more)

    @property
    def slot_seconds(self) -> int:
        """Seconds between two folds."""
        return int(self.variables["write"]["SLOT_SECONDS"])


def check(ballot: Json) -> Json:
    """What the three others verify. Raises ValueError."""
    votes = ballot["votes"]
    if not votes or any(aspect not in ASPECTS or score not in (1, 2, 3, 4, 5) for aspect, score in votes.items()):
        raise ValueError("a vote is 1 to 5 on a known aspect")
    for name in ("voter_id", "title_id", "ballot_id"):
        if not 1 <= len(ballot[name]) <= 64:
            raise ValueError(f"{name} is no identifier")
    return ballot


def ballots_in(body: str) -> list[Json]:
    """The ballots in a request's body, checked by the caller."""
    found = json.loads(body)
    ballots: list[Json] = found.get("ballots", [found])
    return ballots


def tables(services: Services) -> None:
    """The tables of the three others: votes, and counters of a title and an aspect."""
    services.dynamodb.create_table("votes", ("voter_id", "S"), ("title_id", "S"))
    services.dynamodb.create_table("counters", ("title_id", "S"), ("aspect", "S"))


def counters(services: Services) -> Tallies:
    """What the counters table holds.

    Attributes s1 … s5 of each title and aspect, or "story#5" of an aspect "all".
    """
    found: Tallies = {}
    for (title, aspect), item in services.dynamodb.tables["counters"].items.items():
        for name, value in item.items():
            if name in ("title_id", "aspect"):
                continue
            counter = name if aspect == "all" else f"{aspect}#{name[1:]}"
            found.setdefault(title, {})[counter] = int(value["N"])
    return found
