"""A line of a function's log as people read it: when it was said, and a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from shared.logs import parsed
from tools.common.text import LINES, visible

# of every line of ours, and said otherwise: by the function's name, by its place in a row
FRAME = {"level", "location", "message", "timestamp", "service", "xray_trace_id", "cold_start"}
# what Lambda itself writes of each invocation, as text and as JSON
PLATFORM = re.compile(r"^(?:START|END|REPORT|INIT_START|INIT_REPORT|EXTENSION|TELEMETRY)\b|^XRAY ")
ERRORS = {"ERROR", "CRITICAL", "FATAL"}
# of a runtime, which has no level in text
FAILED = re.compile(
    r"Task timed out|Runtime exited|Traceback \(most recent|^\[ERROR\]|errorMessage|Status: (?:timeout|error)"
)


class Said(NamedTuple):
    """One line: when (ms since 1970), by which function, a sentence, and how it is meant."""

    at: float
    function: str
    sentence: str
    is_error: bool
    is_raw: bool  # of the platform, or a metric


def said(function: str, event: Mapping[str, Any]) -> Said:
    """A line of an event: as of its own time, where it has one, which is the truer.

    The event's is that of its arrival.
    """
    message, at = str(event["message"]).rstrip(), float(event["timestamp"])
    line = parsed(message) if message.startswith("{") else {}
    if "_aws" in line:
        return Said(float(line["_aws"].get("Timestamp", at)), function, message, is_error=False, is_raw=True)
    if not line:
        failed = bool(FAILED.search(message))
        return Said(at, function, message, is_error=failed, is_raw=bool(PLATFORM.match(message)) and not failed)
    if str(line.get("type", "")).startswith("platform."):
        record = line.get("record") if isinstance(line.get("record"), dict) else {}
        failed = record.get("status", "success") != "success" if isinstance(record, dict) else False
        return Said(_time(line.get("time"), at), function, message, is_error=failed, is_raw=not failed)
    is_error = line.get("level") in ERRORS or "errorType" in line
    return Said(_time(line.get("timestamp"), at), function, sentence(line) or message, is_error, is_raw=False)


def sentence(line: Mapping[str, Any]) -> str:
    """A structured line: its message, then what it says, a name and a value each."""
    told = [str(line.get("message") or line.get("errorMessage") or "")]
    told += [f"{name} {_value(value)}" for name, value in line.items() if name not in FRAME]
    return ", ".join(part for part in told if part)


def shown(one: Said) -> str:
    """As it is printed: the time of the day (UTC), the function, what it said."""
    clock = datetime.fromtimestamp(one.at / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
    return f"{clock} {one.function:8} {visible(one.sentence, keep=LINES)}"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=True, default=str)


def _time(stamp: Any, otherwise: float) -> float:
    """An RFC 3339 time in ms since 1970."""
    try:
        return datetime.fromisoformat(str(stamp)).timestamp() * 1000
    except ValueError:
        return otherwise
