"""What Lambda reports of each invocation in the functions' logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from tools.operations.deployment import Deployment

REPORT = re.compile(r"^REPORT RequestId: \S+\tDuration: ([\d.]+) ms.*\tMemory Size: (\d+) MB")
LINE_BYTES = 26  # that CloudWatch adds to each


class Invocations(NamedTuple):
    """How many invocations, their GB-seconds, and bytes of log."""

    number: int
    gb_seconds: float
    log_bytes: int


def of(deployment: Deployment) -> Invocations:
    """Those of all functions, as far as their logs go back."""
    number, gb_seconds, log_bytes = 0, 0.0, 0
    for text in _lines(deployment):
        log_bytes += len(text.encode()) + LINE_BYTES
        if found := REPORT.match(text):
            number += 1
            gb_seconds += float(found[1]) / 1000 * int(found[2]) / 1024
    return Invocations(number, gb_seconds, log_bytes)


def _lines(deployment: Deployment) -> Iterator[str]:
    logs = deployment.client("logs")
    for function in deployment.outputs["functions"].values():
        pages: Any = logs.get_paginator("filter_log_events").paginate(logGroupName=function["log_group"])
        for page in pages:
            yield from (event["message"] for event in page["events"])
