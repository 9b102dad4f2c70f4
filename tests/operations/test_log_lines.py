"""make logs: what the functions said, by their own time, a sentence a line."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
from rich.console import Console

from tests.operations.screens import assert_screen, piped, shown
from tests.operations.stand_ins import FakeDeployment, Logs
from tools.operations import logs
from tools.operations.log_lines import said

MS = 1_796_058_873_779  # 2026-11-30 17:14:33.779 UTC
METRIC = '{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[]},"service":"s","MessagesFailed":[1.0]}'


def line(message: str, at: str, level: str = "INFO", **more: Any) -> str:
    """A structured line of ours, said at a time of the day."""
    frame = {"level": level, "location": "x:1", "message": message, "timestamp": f"2026-11-30T{at}+00:00"}
    return json.dumps(frame | {"service": "votes-x"} | more)


def deployed(**events: list[str]) -> FakeDeployment:
    """Functions whose lines all arrived in one millisecond."""
    client = Logs()
    for name, messages in events.items():
        client.events[name] = [{"timestamp": MS, "message": message} for message in messages]
    return FakeDeployment(
        "prod", {"clients": {"logs": client}, "functions": {n: {"log_group": n} for n in events}}, None, {}
    )


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> FakeDeployment:
    monkeypatch.setattr(time, "time", lambda: MS / 1000 + 60)
    failed = {
        "place": "read",
        "kind": "NewerVersion",
        "count": 1,
        "message_ids": ["b337"],
        "detail": "run the later one",
    }
    return deployed(
        write=["START RequestId: 1 Version: 1", line("witness", "17:14:33.700", hashes=["97f0"]), METRIC % MS],
        process=[line("failed", "17:14:33.650", "ERROR", **failed), line("processed", "17:14:33.710", messages=2)],
        tally=["REPORT RequestId: 2 Duration: 15000 ms Status: timeout", "2026 2 Task timed out after 15.00 seconds"],
    )


def test_sorted_by_their_own_time_without_the_platforms_lines(functions: FakeDeployment) -> None:
    console = piped()
    assert logs.run(functions, console, logs.Options()) == 0
    assert_screen("logs", shown(console))


def test_raw_is_all_there_is(functions: FakeDeployment) -> None:
    console = piped()
    logs.run(functions, console, logs.Options(raw=True))
    assert "START RequestId: 1" in shown(console)
    assert "MessagesFailed" in shown(console)


def test_errors_are_red_on_a_terminal_alone(functions: FakeDeployment) -> None:
    console = Console(width=80, file=io.StringIO(), force_terminal=True, color_system="standard")
    logs.run(functions, console, logs.Options("process"))
    failed, processed = shown(console).splitlines()
    assert failed.startswith("\x1b[31m")
    assert "\x1b" not in processed


def test_following_says_each_line_once(functions: FakeDeployment, monkeypatch: pytest.MonkeyPatch) -> None:
    now, client = [MS / 1000 + 1], functions.outputs["clients"]["logs"]

    def sleep(seconds: float) -> None:
        now[0] += seconds
        new = line("processed", "17:14:35.000", messages=len(client.events["process"]))
        client.events["process"].append({"timestamp": int(now[0] * 1000), "message": new})

    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(time, "sleep", sleep)
    console = piped()
    logs.run(functions, console, logs.Options("process", follow=True, follow_seconds=3))
    assert [one.split()[-1] for one in shown(console).splitlines()[1:]] == ["2", "2", "3", "4"]


@pytest.mark.parametrize(
    ("message", "is_error", "is_raw"),
    [
        ('{"time":"2026-11-30T17:14:33Z","type":"platform.report","record":{"status":"success"}}', False, True),
        ('{"time":"2026-11-30T17:14:33Z","type":"platform.report","record":{"status":"timeout"}}', True, False),
        ('{"level":"ERROR","errorType":"KeyError","errorMessage":"x","timestamp":"2026-11-30T17:14:33Z"}', True, False),
        ("INIT_START Runtime Version: python:3.13", False, True),
        ('{"half of a line', False, False),
    ],
)
def test_what_the_platform_says_only_where_it_failed(message: str, is_error: bool, is_raw: bool) -> None:
    one = said("write", {"timestamp": MS, "message": message})
    assert (one.is_error, one.is_raw) == (is_error, is_raw)
