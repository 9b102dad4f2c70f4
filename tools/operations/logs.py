"""`make logs`: the last lines of the functions, oldest first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from shared.logs import parsed
from tools.common.errors import CommandError
from tools.common.text import LINES, visible
from tools.operations.deployment import Deployment

MOST_LINES = 2_000
MOST_READ = 20_000


def run(deployment: Deployment, console: Console, *, function: str | None, minutes: float, lines: int) -> int:
    """Print the last `lines` log lines of all functions, or of one, not older than `minutes`."""
    functions = deployment.outputs["functions"]
    if function and function not in functions:
        raise CommandError(f"there is no function {function!r}: FUNCTION is one of {', '.join(functions)}")
    chosen = {function: functions[function]} if function else functions
    logs = deployment.client("logs")
    since = int((time.time() - minutes * 60) * 1000)
    written: list[tuple[int, str, str]] = []
    cut = []
    for name, outputs in chosen.items():
        events, complete = _events(logs, outputs["log_group"], since)
        written += [(event["timestamp"], name, event["message"].rstrip()) for event in events]
        cut += [] if complete else [name]
    for at, name, message in sorted(written)[-lines:]:
        stamp = datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
        console.print(f"{stamp} {name:8} {visible(message, keep=LINES)}", markup=False, highlight=False, soft_wrap=True)
    if cut:
        console.print(
            f"{', '.join(cut)} wrote over {MOST_READ:,} lines in the last {minutes:g} minutes: the latest are not "
            "among these. A smaller SINCE shows them",
            soft_wrap=True,
        )
    if not written:
        console.print(f"no log line in the last {minutes:g} minutes: SINCE=60 looks back an hour")
    return 0


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
