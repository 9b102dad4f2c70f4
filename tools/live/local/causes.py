"""Why messages failed, by the lines that functions leave, heard as their logs grow.

What failed of late and is no dead letter came again, or will: it is told too, without a button.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Any

from tools.live.source import Json
from tools.operations.redrive_causes import Cause, joined, told

MOST_KEPT = 20_000  # messages; the oldest go
LATELY_SECONDS = 300.0
RETRIED = "retried"  # a kind of failures


class Heard:
    """The latest cause of each message, by its id."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._causes: dict[str, Cause] = {}

    def hear(self, function: str, line: Mapping[str, Any], at_ms: int) -> None:
        """A line of a log; one that tells of no failure says nothing."""
        for one, cause in told(line, function, at_ms):
            self._causes[one] = joined(self._causes.pop(one, cause), cause)
        for one in list(islice(self._causes, max(0, len(self._causes) - MOST_KEPT))):
            del self._causes[one]

    def of(self, message_id: str) -> Cause | None:
        """Why a message failed, if a line says so."""
        return self._causes.get(message_id)

    def retried(self, dead: Collection[str]) -> list[Json]:
        """What failed in the last minutes, by cause, as failures of a snapshot; `dead`: the ids by
        which lines name dead letters, which have groups of their own.
        """
        since = (self._clock() - LATELY_SECONDS) * 1000
        groups: dict[tuple[str, str], list[Cause]] = defaultdict(list)
        for one, cause in list(self._causes.items()):
            if cause.last >= since and one not in dead:
                groups[(cause.kind, cause.where)].append(cause)
        return [_failure(*named, some) for named, some in groups.items()]


def _failure(kind: str, where: str, causes: list[Cause]) -> Json:
    return {
        "id": hashlib.sha256(f"{RETRIED} {kind} {where}".encode()).hexdigest()[:12],
        "cause": kind,
        "where": where,
        "count": len(causes),
        "first": min(one.first for one in causes),
        "last": max(one.last for one in causes),
        "queue": "",
        "kind": RETRIED,
        "parked": False,
        "again": 0,
    }
