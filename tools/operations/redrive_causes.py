"""Why messages failed.

The functions' failure lines name the messages, because SQS keeps no cause with a dead letter.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from shared.logs import parsed

HOURS_BACK = (1, 6, 24, 96, 14 * 24)  # the last is how long SQS keeps a message
MOST_PAGES = 100  # of the log, each up to 1 MB
PATTERN = '"message_ids"'  # a word that only failure lines have


class Cause(NamedTuple):
    """What a message failed of, by the latest line that names it.

    `first` and `last`: when the first and the latest were written (ms since 1970).
    """

    kind: str
    place: str
    function: str
    detail: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.kind} at {self.where}"

    @property
    def where(self) -> str:
        """The place in the function."""
        return f"{self.place} in {self.function}"

    @property
    def reason(self) -> str:
        """What REASON= names it by."""
        return f"{self.kind}/{self.place}"


def told(line: Mapping[str, Any], function: str, at: int) -> Iterator[tuple[str, Cause]]:
    """Each message that a line of `at` (ms since 1970) names as failed, and its cause."""
    ids = line.get("message_ids")
    if line.get("message") == "failed" and isinstance(ids, list):
        cause = Cause(str(line.get("kind")), str(line.get("place")), function, str(line.get("detail", "")), at, at)
        yield from ((str(one), cause) for one in ids)


def joined(known: Cause, fresh: Cause) -> Cause:
    """What a message failed of by two lines: of the latest, since the first."""
    latest = fresh if fresh.last >= known.last else known
    return latest._replace(first=min(known.first, fresh.first))


class Causes:
    """The failure lines of one function's log.

    Read backwards, and only as far as messages are asked for.
    """

    def __init__(self, logs: Any, function: str, log_group: str) -> None:
        self._logs, self.function, self._group = logs, function, log_group
        self._causes: dict[str, Cause] = {}
        self._pages = MOST_PAGES
        now = int(time.time() * 1000)
        edges = [now, *(now - hours * 3_600_000 for hours in HOURS_BACK)]
        self._windows = list(zip(edges[1:], edges, strict=False))
        self.trouble = ""  # why not all of the log could be read; for people

    def of(self, message_ids: Iterable[str]) -> dict[str, Cause]:
        """The causes of those of the messages that a line names."""
        wanted = set(message_ids)
        while self._windows and not wanted <= self._causes.keys():
            self._read_on()
        return {one: self._causes[one] for one in wanted if one in self._causes}

    def read_all(self) -> None:
        """Read what is left of the log, so that `of` need not."""
        while self._windows:
            self._read_on()

    def _read_on(self) -> None:
        try:
            self._read(*self._windows.pop(0))
        except (ClientError, BotoCoreError) as error:  # a redrive does not need it
            self.trouble, self._windows = f"{self._group} cannot be read: {error}", []

    def _read(self, start: int, end: int) -> None:
        for event in self._events(start, end):
            for one, cause in told(parsed(event["message"]), self.function, event["timestamp"]):
                self._causes[one] = joined(self._causes.get(one, cause), cause)

    def _events(self, start: int, end: int) -> Iterator[dict[str, Any]]:
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=self._group, startTime=start, endTime=end, filterPattern=PATTERN
        )
        for page in pages:
            yield from page["events"]
            self._pages -= 1
            if not self._pages:
                self.trouble = f"{self._group} is long: only {MOST_PAGES} pages of it were read, the newest hours first"
                self._windows = []
                return
