"""The functions' failure lines name the messages that failed.

A dead letter is joined with the latest of them.
"""

import json
import time
from typing import Any

import pytest

from tests.lambda_src.fakes import refusal
from tools.operations import redrive_causes
from tools.operations.redrive_causes import Causes

HOUR_MS = 3_600_000
NOW_MS = int(time.time() * 1000)


def line(
    hours_ago: float, *message_ids: str, kind: str = "Throttled", place: str = "count", **more: Any
) -> dict[str, Any]:
    fields = {
        "message": "failed",
        "kind": kind,
        "place": place,
        "queue": "q",
        "count": len(message_ids),
        "message_ids": message_ids,
    } | more
    return {"timestamp": NOW_MS - int(hours_ago * HOUR_MS), "message": json.dumps(fields) + "\n"}


class Logs:
    """A log group: pages of two events; `windows` are what was asked for."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self.events = sorted(events, key=lambda event: event["timestamp"])
        self.windows: list[tuple[int, int]] = []

    def get_paginator(self, operation: str) -> Any:
        assert operation == "filter_log_events"
        return self

    def paginate(self, **request: Any) -> Any:
        assert request["logGroupName"] == "group"
        self.windows.append((request["startTime"], request["endTime"]))
        word = request["filterPattern"].strip('"')
        found = [
            it
            for it in self.events
            if word in it["message"] and request["startTime"] <= it["timestamp"] <= request["endTime"]
        ]
        return [{"events": found[start : start + 2]} for start in range(0, len(found), 2)] or [{"events": []}]


def causes(logs: Any) -> Causes:
    return Causes(logs, "write", "group")


def test_the_latest_line_that_names_a_message_is_its_cause() -> None:
    logs = Logs(
        line(0.5, "a", "b", kind="Throttled"),
        line(0.2, "a", kind="UnreadableEntry", detail="shard 1, entry 7"),
        line(0.1, "other", kind="KeyError"),
    )
    found = causes(logs).of(["a", "b", "c"])
    assert found.keys() == {"a", "b"}
    assert str(found["a"]) == "UnreadableEntry at count in write"
    assert found["a"].detail == "shard 1, entry 7"
    assert (found["a"].first, found["a"].last) == (NOW_MS - HOUR_MS // 2, NOW_MS - HOUR_MS // 5)
    assert str(found["b"]) == "Throttled at count in write"


def test_lines_that_are_not_of_a_failure_say_nothing() -> None:
    other = {"timestamp": NOW_MS, "message": '"message_ids" in a line that is no JSON'}
    info = line(0.1, "a", message="processed")
    assert causes(Logs(other, info, {"timestamp": NOW_MS, "message": '["message_ids"]'})).of(["a"]) == {}


def test_reads_back_only_as_far_as_is_asked_for() -> None:
    logs = Logs(line(0.5, "new"), line(50, "old"), line(20, "old", kind="KeyError"), line(400, "lost"))
    read = causes(logs)
    assert read.of(["new"]).keys() == {"new"}
    assert len(logs.windows) == 1
    assert read.of(["new", "old"])["old"].kind == "KeyError"
    assert len(logs.windows) == 3
    assert read.of(["lost"]) == {}
    assert read.of(["lost"]) == {}
    assert len(logs.windows) == 5, "each window is read once, and nothing is older than a message may be"
    assert [start for start, _ in logs.windows[:-1]] == [end for _, end in logs.windows[1:]], "without a gap"
    assert read.trouble == ""


def test_a_long_log_is_read_in_part_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrive_causes, "MOST_PAGES", 2)
    logs = Logs(*(line(0.5 - n / 100, f"m{n}") for n in range(10)))
    read = causes(logs)
    assert read.of(["m0", "m3", "m9"]).keys() == {"m0", "m3"}
    assert "only 2 pages" in read.trouble
    assert read.of(["m9"]) == {}
    assert len(logs.windows) == 1


def test_a_log_that_cannot_be_read_is_said_and_keeps_nobody_from_redriving() -> None:
    class Denied(Logs):
        def paginate(self, **request: Any) -> Any:
            raise refusal("FilterLogEvents", "AccessDeniedException")

    read = causes(Denied())
    assert read.of(["a"]) == {}
    assert "group cannot be read" in read.trouble
    assert "AccessDenied" in read.trouble
