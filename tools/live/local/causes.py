"""Why messages failed, by the lines that functions leave, heard as their logs grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.operations.redrive_causes import Cause

MOST_KEPT = 20_000  # messages; the oldest go


class Heard:
    """The latest cause of each message, by its id."""

    def __init__(self) -> None:
        self._causes: dict[str, Cause] = {}

    def hear(self, function: str, line: Mapping[str, Any], at_ms: int) -> None:
        """A line of a log; one that tells of no failure says nothing."""
        ids = line.get("message_ids")
        if line.get("message") != "failed" or not isinstance(ids, list):
            return
        cause = Cause(
            str(line.get("kind")), str(line.get("place")), function, str(line.get("detail", "")), at_ms, at_ms
        )
        for one in map(str, ids):
            first = self._causes.pop(one, cause).first
            self._causes[one] = cause._replace(first=min(first, at_ms))
        for one in list(self._causes)[: max(0, len(self._causes) - MOST_KEPT)]:
            del self._causes[one]

    def of(self, message_id: str) -> Cause | None:
        """Why a message failed, if a line says so."""
        return self._causes.get(message_id)
