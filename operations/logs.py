"""`make logs`: the last lines of the functions, oldest first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from devcloud.runs import LocalCloudError
from operations.place import Place
from shared.logs import parsed

MOST_LINES = 2_000


def show(place: Place, console: Console, *, function: str | None, minutes: float, lines: int) -> None:
    """Print the last `lines` log lines of all functions, or of one, not older than `minutes`."""
    functions = place.outputs["functions"]
    if function and function not in functions:
        raise LocalCloudError(f"there is no function {function!r}: FUNCTION is one of {', '.join(functions)}")
    chosen = {function: functions[function]} if function else functions
    logs = place.client("logs")
    since = int((time.time() - minutes * 60) * 1000)
    found = [
        (event["timestamp"], name, event["message"].rstrip())
        for name, it in chosen.items()
        for event in _events(logs, it["log_group"], since)
    ]
    for at, name, message in sorted(found)[-lines:]:
        stamp = datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
        console.print(f"{stamp} {name:8} {message}", markup=False, highlight=False, soft_wrap=True)
    if not found:
        console.print(f"no log line in the last {minutes:g} minutes: SINCE=60 looks back an hour")


def structured(place: Place, pattern: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON lines of all functions that match a filter pattern, each with the function's name."""
    client = place.client("logs")
    for name, function in place.outputs["functions"].items():
        for page in client.get_paginator("filter_log_events").paginate(logGroupName=function["log_group"], filterPattern=pattern):
            for event in page["events"]:
                if line := parsed(event["message"]):
                    yield name, line


def _events(logs: Any, group: str, since: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since):
        found += page["events"]
        if len(found) >= MOST_LINES * 10:
            break
    return found[-MOST_LINES:]
