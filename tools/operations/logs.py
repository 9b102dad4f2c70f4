"""`make logs`: what the functions said, oldest first."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from shared.logs import parsed
from tools.common.errors import CommandError
from tools.operations.deployment import Deployment
from tools.operations.log_lines import Said, said, shown

MOST_LINES = 2_000
MOST_READ = 20_000
FOLLOWED_EVERY = 1.0  # seconds
LATE_SECONDS = 30.0  # by which a line may come to be found after another


@dataclass(frozen=True)
class Options:
    """What a person asked for: of one function or of all, how far back, how many lines at most.

    `raw`: the platform's lines and metrics too, all as they are; `follow`: go on until Ctrl-C, or
    for `follow_seconds`.
    """

    function: str | None = None
    minutes: float = 15
    lines: int = 200
    raw: bool = False
    follow: bool = False
    follow_seconds: float = math.inf


def run(deployment: Deployment, console: Console, options: Options) -> int:
    """Print what functions said, in the order in which they said it; errors are red."""
    functions = deployment.outputs["functions"]
    if options.function and options.function not in functions:
        raise CommandError(f"there is no function {options.function!r}: FUNCTION is one of {', '.join(functions)}")
    chosen = {options.function: functions[options.function]} if options.function else functions
    reader = _Reader(deployment, chosen)
    began = time.time()
    written = reader.since(began - options.minutes * 60)
    meant = [one for one in written if options.raw or not one.is_raw]
    for one in meant[-options.lines :]:
        _print(console, one)
    if reader.cut:
        console.print(
            f"{', '.join(reader.cut)} wrote over {MOST_READ:,} lines in the last {options.minutes:g} minutes: the "
            "latest are not among these. A smaller SINCE shows them",
            soft_wrap=True,
        )
    if not meant:
        more = f" ({len(written)} of the platform and of metrics: RAW=yes shows them)" if written else ""
        console.print(f"nothing was said in the last {options.minutes:g} minutes{more}: SINCE=60 looks back an hour")
    while options.follow and time.time() < began + options.follow_seconds:
        time.sleep(FOLLOWED_EVERY)
        for one in reader.since(time.time() - LATE_SECONDS):
            if options.raw or not one.is_raw:
                _print(console, one)
    return 0


def _print(console: Console, one: Said) -> None:
    style = "red" if one.is_error else None
    console.print(shown(one), style=style, markup=False, highlight=False, soft_wrap=True)


class _Reader:
    """Reads the lines of functions, each once; `cut`: those that wrote more than is read."""

    def __init__(self, deployment: Deployment, functions: Mapping[str, Any]) -> None:
        self._logs, self._functions = deployment.client("logs"), functions
        self._seen: set[tuple[str, int, str, int]] = set()
        self.cut: list[str] = []

    def since(self, at: float) -> list[Said]:
        """The new lines, not older than `at` (seconds since 1970), by their own time alone."""
        found, self.cut = list[Said](), []
        for name, function in self._functions.items():
            events, complete = _events(self._logs, function["log_group"], int(at * 1000))
            self.cut += [] if complete else [name]
            times = Counter[tuple[str, int, str]]()
            for event in events:
                same = name, event["timestamp"], event["message"]
                times[same] += 1  # the same again, in one millisecond, is another line
                if (identity := (*same, times[same])) not in self._seen:
                    self._seen.add(identity)
                    found.append(said(name, event))
        return sorted(found, key=lambda one: one.at)


def structured(deployment: Deployment, pattern: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON lines of all functions that match a filter pattern, with the functions' names."""
    filtered = deployment.client("logs").get_paginator("filter_log_events")
    for name, function in deployment.outputs["functions"].items():
        for page in filtered.paginate(logGroupName=function["log_group"], filterPattern=pattern):
            for event in page["events"]:
                if line := parsed(event["message"]):
                    yield name, line


def _events(logs: Any, group: str, since: int) -> tuple[list[dict[str, Any]], bool]:
    """The last lines since then of at most MOST_READ, and whether there are no more of them."""
    events: list[dict[str, Any]] = []
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since):
        events += page["events"]
        if len(events) > MOST_READ:
            return events[-MOST_LINES:], False
    return events[-MOST_LINES:], True
