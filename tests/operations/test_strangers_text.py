"""What strangers put into messages, logs and quarantine reaches a person as text, and stops nobody.

A tool reads it as carefully as the functions do.
"""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
from rich.console import Console

from shared.quarantine import Quarantine, line_of
from tests.lambda_src.stack import NOW_US, stamped
from tests.operations.slow import Slow
from tests.operations.test_redrive_command import dead_letters, failed, quarantined, run, waiting
from tools.operations import logs, quarantine
from tools.operations.api import Answer, _read
from tools.operations.deployment import Deployment
from tools.operations.votes import erase_messages
from tools.operations.votes.message_summary import summary_of

DEEP = "[" * 120_000
NESTED = '{"ballot":' * 900 + '{"voter_id":"v1"}' + "}" * 900
EVIL = "[/red] [bold]x[/] \x1b[2J\x1b]0;owned\x07 \u202e \x9b31m \ud800 " + "long " * 100_000
BODIES = [
    DEEP,
    '{"v":1,"ballots":' + DEEP,
    '{"a":' * 120_000,
    "\ufeff{}",
    "9" * 10_000,
    '{"v":' + "9" * 10_000 + "}",
    '{"v":NaN}',
    '{"v":1e999}',
    '{"ballots":[],"ballots":[]}',
    '{"v":true,"ballots":{}}',
    '"\\ud800"',
    EVIL,
    NESTED,
    "",
]


@pytest.mark.parametrize("body", BODIES)
def test_any_body_has_a_summary(body: str) -> None:
    kind, items = summary_of(body)
    assert kind.isprintable()
    assert len(kind) < 200
    assert items in (0, 1)


@pytest.mark.parametrize("body", BODIES)
def test_any_body_can_be_looked_through_for_a_voter(body: str) -> None:
    assert "v1" not in (erase_messages.without(body, "v1").text or "")
    assert erase_messages.without(body + "\\", "someone").text in (body, body + "\\")


@pytest.mark.parametrize("mention", ['"v1"', '"\\u0076\\u0031"', '"v\\u0031"'])
def test_a_voter_is_found_in_what_is_too_deep_to_read(mention: str) -> None:
    text, taken = erase_messages.without(DEEP + mention, "v1")
    assert (text, taken) == (DEEP + '"#erased"', 1)
    assert erase_messages.without(DEEP + '"\\\\u0076\\\\u0031"', "v1").taken == 0, "an escaped backslash"


def test_a_bad_dead_letter_beside_a_good_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.operations.test_long_queues import OTHER, redriven

    slow = Slow(monkeypatch, 0.0)
    slow.bury("ingest", 1, OTHER)
    for body in (DEEP, EVIL.replace("\ud800", "").replace("\x1b", "").replace("\x07", "")):
        slow.dead("ingest").send(body)
    printed = redriven(slow, "ingest")
    assert "ballots as received" in printed
    assert "not JSON" in printed
    assert "3 moved back to ingest, 0 left" in redriven(slow, "ingest", confirm=True)


def test_a_group_and_a_cause_are_text(deployment: Deployment) -> None:
    sqs, url = deployment.client("sqs"), deployment.outputs["queues"]["count"]["dead_letter_url"]
    group = {"MessageGroupId": "[/red][link=x]", "MessageDeduplicationId": "1"}
    sent = sqs.send_message(QueueUrl=url, MessageBody="{}", **group)["MessageId"]
    failed(deployment, sent, kind="[/x]", place="\x1b[2J", detail=EVIL)
    printed = run(deployment, "count")
    assert "[/red][link=x]" in printed
    assert "[/x] at \\x1b[2J in write" in printed
    assert _is_harmless(printed)


def test_quarantine_of_any_text(deployment: Deployment) -> None:
    store = Quarantine(deployment.client("s3"), "quarantine")
    quarantined(deployment, "title-not-open", NOW_US)
    store.put("title-not-open", NOW_US, [line_of(EVIL, "title-not-open", EVIL, 2**70, ballot=stamped())])
    store.put("title-not-open", NOW_US, [line_of("ingest", "title-not-open", "", NOW_US, body={"no": "text"})])
    put = deployment.client("s3").put_object
    key = "quarantine/reason=title-not-open/day=2026-11-21/{}.jsonl"
    for number, text in enumerate(
        (DEEP, EVIL[:300], "[]\n7\nnull\n", '{"source":"ingest","ballot":1,"received_at":"x"}')
    ):
        put(Bucket="quarantine", Key=key.format(number), Body=text.encode("utf-8", "surrogatepass"))
    put(Bucket="quarantine", Key=key.format("[/red]\x07"), Body=b"\xff\xfe")
    printed = run(deployment, "quarantine", reason="title-not-open")
    assert printed.count(" stays: ") == 7
    assert "1 ballots → ingest" in printed
    assert _is_harmless(printed)
    assert "1 of 8 objects went back" in run(deployment, "quarantine", reason="title-not-open", confirm=True)
    assert waiting(deployment, "ingest") == (1, 0)
    assert len(list(quarantine.lines(deployment, deployment.client("s3")))) > 5


def test_logs_of_any_text(deployment: Deployment) -> None:
    dead_letters(deployment, 1)
    client = deployment.client("logs")
    client.create_log_stream(logGroupName="write", logStreamName="s")
    events = [
        {"timestamp": int(time.time() * 1000), "message": text} for text in (EVIL[:50_000], '{"a":' + DEEP[:9_000])
    ]
    client.put_log_events(logGroupName="write", logStreamName="s", logEvents=events)
    console = Console(width=240, file=io.StringIO(), record=True)
    logs.run(deployment, console, logs.Options("write", lines=10))
    printed = console.export_text()
    assert "more characters" in printed
    assert len(printed) < 20_000
    assert _is_harmless(printed)
    assert list(logs.structured(deployment, "")) == []


def test_more_lines_than_are_read_are_said(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_READ", 2)
    failed(deployment, *"abc")
    for _ in range(3):
        deployment.client("logs").put_log_events(
            logGroupName="write",
            logStreamName="s",
            logEvents=[{"timestamp": int(time.time() * 1000), "message": "x"}],
        )
    console = Console(width=240, file=io.StringIO(), record=True)
    logs.run(deployment, console, logs.Options("write", lines=10))
    assert "write wrote over 2 lines in the last 15 minutes: the latest are not among these" in console.export_text()


def test_an_answer_of_any_text() -> None:
    class Response:
        status = 200

        def __init__(self, data: bytes) -> None:
            self.data = data

    for text in (DEEP, EVIL):
        answer: Any = _read(Response(text.encode("utf-8", "surrogatepass")))  # type: ignore[arg-type]
        assert answer.body is None
        assert _is_harmless(str(answer))
        assert len(str(answer)) < 2_000
    assert Answer(200, {}, json.dumps({"a": "ü"})).text


def _is_harmless(printed: str) -> bool:
    return all(character.isprintable() or character in "\n\t" for character in printed)
