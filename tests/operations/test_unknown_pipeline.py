"""Commands on a pipeline of which nothing is known but its outputs."""

from __future__ import annotations

import io
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.operations.stand_ins import BEGAN, Lambda
from tools.common.errors import CommandError
from tools.operations import audit, conservation, mappings, redrive_command, rollback, smoke, status, unknown_smoke
from tools.operations.api import Answer
from tools.operations.deployment import Deployment
from tools.operations.redrive_command import Options
from tools.operations.unknown_pipeline import unknown_pipeline


@pytest.fixture
def orders(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Deployment:
    """A queue, its consumer, and no more."""
    monkeypatch.setattr(audit, "BUILD", tmp_path)
    queue = {**deployment.outputs["queues"]["ingest"], "name": "ingest"}
    functions = {"enter": {"log_group": "process", "mappings": {"orders": "a-uuid"}}, "take": {"log_group": "process"}}
    outputs = {"region": "us-east-1", "queues": {"orders": queue, "polled": queue}, "functions": functions}
    return Deployment("test", outputs, None, {}, pipeline="orders")


def _redrive(deployment: Deployment, queue: str, **more: Any) -> str:
    console = Console(width=240, file=io.StringIO(), record=True)
    pipeline = unknown_pipeline(deployment)
    assert redrive_command.run(deployment, console, Options(queue, **more), pipeline) == 0
    return console.export_text()


def test_status_shows_its_queues_and_asks_for_no_more(orders: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(width=240, file=io.StringIO(), record=True)
    monkeypatch.setattr(mappings, "state", lambda *_: mappings.State("Enabled", None))
    assert status.run([(orders, unknown_pipeline(orders))], console) == 0
    shown = console.export_text()
    assert shown.startswith("orders in test")
    assert "\norders " in shown
    assert shown.endswith("\nwell: no dead letters, nothing waits too long\n")
    assert "quarantine" not in shown


def test_dead_letters_by_cause_and_back(orders: Deployment) -> None:
    sqs, logs, queue = orders.client("sqs"), orders.client("logs"), orders.outputs["queues"]["orders"]
    sent = [sqs.send_message(QueueUrl=queue["dead_letter_url"], MessageBody=text) for text in ('{"a": 1}', "tea")]
    line = {"message": "failed", "kind": "KeyError", "place": "enter", "message_ids": [sent[0]["MessageId"]]}
    event = {"timestamp": int(time.time() * 1000), "message": json.dumps(line)}
    logs.create_log_stream(logGroupName="process", logStreamName="s")
    logs.put_log_events(logGroupName="process", logStreamName="s", logEvents=[event])
    shown = _redrive(orders, "orders", dry_run=True)
    assert f"{sent[0]['MessageId']}: JSON → orders (KeyError at enter in enter)" in shown
    assert f"{sent[1]['MessageId']}: not JSON → orders (no line of ours)" in shown
    assert "2 moved back to orders, 0 left" in _redrive(orders, "orders", confirm=True)
    assert len(sqs.receive_message(QueueUrl=queue["url"], MaxNumberOfMessages=10)["Messages"]) == 2


@pytest.mark.parametrize(
    ("queue", "words"),
    [
        ("", r"QUEUE=orders\|polled$"),
        ("quarantine", r"QUEUE=orders\|polled$"),
        ("polled", "no function of the outputs takes from 'polled'"),
    ],
)
def test_what_it_has_not_is_said(orders: Deployment, queue: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        _redrive(orders, queue)


@pytest.fixture
def conserved(orders: Deployment, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the deployed check answers, of a pipeline that has one and describes a request."""
    answer: dict[str, Any] = {"accepted": 3, "missing": 0, "hashes": []}
    orders.outputs["functions"]["conservation"] = {"log_group": "process"}
    request = {"method": "POST", "path": "/orders", "body": {}, "status": 400}
    orders.outputs.update(api_url="http://api", smoke={"refuses": request})
    monkeypatch.setattr(conservation, "invoke", lambda *_: answer)
    monkeypatch.setattr(unknown_smoke, "ask", lambda *_: Answer(400, {}, "no order"))
    monkeypatch.setattr(mappings, "state", lambda *_: mappings.State("Enabled", None))
    monkeypatch.setattr(unknown_smoke, "state", lambda *_: mappings.State("Enabled", None))
    return answer


def test_what_was_accepted_and_is_missing_is_named_and_status_knows_it(
    orders: Deployment, conserved: dict[str, Any]
) -> None:
    console = Console(width=240, file=io.StringIO(), record=True)
    assert conservation.run(orders, console) == 0
    assert "orders: 3 witnesses accepted; 0 missing" in console.export_text()
    assert status.health(orders, unknown_pipeline(orders)).well.endswith(", 0 missing")
    conserved |= {"missing": 1, "hashes": ["beef"]}
    assert conservation.run(orders, console) == 1
    assert "beef: accepted and not settled" in console.export_text()
    (finding,) = status.health(orders, unknown_pipeline(orders)).findings
    assert finding.told() == (
        "1 accepted item is missing, settled by nobody → make conservation PIPELINE=orders ENV=test"
    )
    conserved.clear()
    with pytest.raises(CommandError, match="answers without accepted, missing, hashes"):
        conservation.run(orders, console)
    del orders.outputs["functions"]["conservation"]
    with pytest.raises(CommandError, match="have no function 'conservation'"):
        conservation.run(orders, console)


def test_smoke_tries_what_the_outputs_describe(
    orders: Deployment, conserved: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried() -> tuple[int, str]:
        console = Console(width=240, file=io.StringIO(), record=True)
        return smoke.run(orders, console, unknown_pipeline(orders)), console.export_text()

    code, said = tried()
    assert (code, "refuses: POST /orders answered 400, as it should" in said) == (0, True)
    conserved |= {"missing": 1, "hashes": ["beef"]}
    assert "FAILED: 1 that were accepted are not settled" in tried()[1]
    monkeypatch.setattr(unknown_smoke, "ask", lambda *_: Answer(202, {}, "taken"))
    code, said = tried()
    assert (code, "refuses: POST /orders answered 202 taken, not 400" in said) == (1, True)
    monkeypatch.setattr(unknown_smoke, "state", lambda *_: mappings.State("Disabled", None))
    assert "FAILED: enter takes nothing: its mapping is off or gone" in tried()[1]


def test_what_is_described_wrongly_is_said(orders: Deployment, conserved: dict[str, Any]) -> None:
    orders.outputs["smoke"] = {"refuses": {"method": "POST"}}
    console = Console(width=240, file=io.StringIO(), record=True)
    assert unknown_smoke.run(orders, console) == 1
    assert "output smoke.refuses needs method, path and status" in console.export_text()


@pytest.mark.parametrize("quarantine", ["", "quarantine"])
def test_it_goes_back_in_the_order_that_its_output_tells(
    orders: Deployment, monkeypatch: pytest.MonkeyPatch, quarantine: str
) -> None:
    aws = Lambda()
    for name in ("process", "receive"):
        aws.versions[name][2], aws.aliases[name] = BEGAN + timedelta(days=1), "2"
    client = Deployment.client
    monkeypatch.setattr(Deployment, "client", lambda of, name: aws if name == "lambda" else client(of, name))
    monkeypatch.setattr(audit, "_who", lambda _: "somebody")
    functions = {name: {"name": name, "alias": "live"} for name in ("process", "receive", "results")}
    orders.outputs.update(functions=functions, rollback_order=["receive", "process"])
    if quarantine:
        client(orders, "s3").create_bucket(Bucket=quarantine)
        orders.outputs["quarantine_bucket"] = quarantine

    def go() -> str:
        console = Console(width=240, file=io.StringIO(), record=True)
        assert rollback.run([(orders, unknown_pipeline(orders))], console) == 0
        return console.export_text()

    assert "2 functions are back" in go()
    assert aws.moves == [("receive", "1"), ("process", "1")]
    aws.versions["process"][3], aws.aliases["process"] = BEGAN + timedelta(days=2), "3"
    assert "process: goes from version 3 of 2026-11-23 08:00:00 UTC back to version 2 (which was gone back" in go()


@pytest.mark.parametrize(
    ("order", "words"),
    [(["enter", "entre"], "names entre, no function of it"), (["take", "enter"], "have no alias of enter, take")],
)
def test_outputs_that_are_not_enough_to_go_back_by(orders: Deployment, order: list[str], words: str) -> None:
    orders.outputs["rollback_order"] = order
    with pytest.raises(CommandError, match=words):
        rollback.run([(orders, unknown_pipeline(orders))], Console(file=io.StringIO()))
