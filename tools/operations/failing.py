"""Which functions fail now, and of what, by the lines that they leave."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from shared.logs import parsed
from tools.operations.deployment import Deployment
from tools.operations.findings import Finding, Invariant

MINUTES = 5
# Back-off is a minute at most: what still fails has failed within so many seconds.
NOW_SECONDS = 90.0
MOST_PAGES = 5  # of a function's log
# Of any of these words, as CloudWatch takes them; the emulator knows no "any", and gives all.
PATTERN = '?ERROR ?"timed out" ?"Runtime exited"'

# What does not pass by itself, however often it is tried, by the kind of error.
NO_RIGHT = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AuthorizationError",
        "AuthorizationErrorException",
    }
)
GONE = frozenset({"ResourceNotFoundException", "NoSuchBucket", "AWS.SimpleQueueService.NonExistentQueue"})
# What passes by itself, as a way of working: it is told where it lasts.
CRASHES = {
    "timed out": "Timeout",
    "Runtime exited": "Crash",
    "SettingsError": "SettingsError",
    "ImportModuleError": "ImportModuleError",
}


class Failure(NamedTuple):
    """Lines of one function with one kind of error: how many, in which minutes, when last (s)."""

    function: str
    kind: str
    lines: int
    minutes: int
    first: float
    last: float

    @property
    def lasts(self) -> bool:
        """Whether it does not pass by itself, or did not in three of five minutes."""
        return self.kind in NO_RIGHT | GONE | set(CRASHES.values()) or self.minutes >= MINUTES - 2


class Failing(Invariant):
    """No function fails of what does not pass by itself, or for minutes."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def wrong(self) -> Iterator[Finding]:
        """Those that fail now; where a log may not be read, that nobody knows."""
        logs = self._deployment.client("logs")
        try:
            for name, function in self._deployment.outputs["functions"].items():
                for failure in _failures(logs, name, function["log_group"], on_aws=not self._deployment.endpoint):
                    if failure.lasts and time.time() - failure.last < NOW_SECONDS:
                        yield self._finding(failure)
        except (ClientError, BotoCoreError) as error:
            yield Finding(f"nobody knows whether functions fail, for their logs cannot be read ({error})")

    def look(self) -> Iterator[str]:
        """Nothing: what fails and comes again is how a pipeline works; what does not end does."""
        return iter(())

    def _finding(self, failure: Failure) -> Finding:
        times = "once" if failure.lines == 1 else f"{failure.lines} times"
        comes_again = "; what it held comes again" if failure.kind == "Crash" else ""
        cause = f"{failure.function} failed {times} in {MINUTES} minutes ({failure.kind}{comes_again})"
        command = f"make logs {self._deployment.words} FUNCTION={failure.function}"
        cured = self._deployment.again if failure.kind in NO_RIGHT | GONE else command
        return Finding(cause, cured, since=failure.first, about=failure.function)


def _failures(logs: Any, function: str, group: str, *, on_aws: bool) -> list[Failure]:
    """The last minutes' failures, by kind."""
    at: dict[str, list[float]] = defaultdict(list)
    pattern = {"filterPattern": PATTERN} if on_aws else {}
    since = int((time.time() - MINUTES * 60) * 1000)
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since, **pattern)
    for number, page in enumerate(pages, 1):
        for event in page["events"]:
            if kind := kind_of(parsed(event["message"]), event["message"]):
                at[kind].append(event["timestamp"] / 1000)
        if number == MOST_PAGES:
            break
    return [
        Failure(function, kind, len(times), len({int(one // 60) for one in times}), min(times), max(times))
        for kind, times in at.items()
    ]


def kind_of(line: Mapping[str, Any], message: str) -> str:
    """What kind of error a line tells of, as it is `parsed` and as it was; "" of none."""
    if line.get("message") == "failed":
        return str(line.get("kind", ""))
    if line.get("level") == "ERROR" and "service" in line:
        return ""  # a finding of ours, which a pipeline's own checks make too
    return next((kind for words, kind in CRASHES.items() if words in message), "")
