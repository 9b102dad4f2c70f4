"""The rehearsal's acts of receipts name whatever is not as it must be."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from rich.console import Console

from tools.operations.api import Answer
from tools.operations.deployment import Deployment
from tools.operations.receipts import smoke
from tools.rehearsal.receipts import acts
from tools.rehearsal.receipts.acts import Acts
from tools.rehearsal.report import Report


class Api:
    """APIs of several environments, each with its own batches; `leaks` has one tell of others'."""

    def __init__(self, *, asks: bool = True, leaks: bool = False, loses: int = 0) -> None:
        self.batches: dict[tuple[str, str], int] = {}
        self.asks, self.leaks, self.loses = asks, leaks, loses

    def ask(self, deployment: Deployment, method: str, path: str, body: Any = None, *, token: str = "") -> Answer:
        if self.asks and not token:
            return Answer(401, {}, "")
        if method == "POST":
            batch = f"batch-of-{deployment.name}"
            self.batches[deployment.name, batch] = len(body["files"])
            return Answer(201, {"batch_id": batch}, "")
        name = path.rsplit("/", 1)[-1]
        found = {batch: n for (place, batch), n in self.batches.items() if self.leaks or place == deployment.name}
        if name not in found:
            return Answer(404, {}, "")
        return Answer(200, {"counts": {"expected": found[name] - self.loses}}, "")


def _report(api: Api, monkeypatch: pytest.MonkeyPatch, sign: Any = lambda subject: subject) -> Report:
    monkeypatch.setattr(acts, "ask", api.ask)
    monkeypatch.setattr(smoke, "run", lambda deployment, console: int(deployment.name == "broken"))
    report = Report()
    there = [
        Acts(Deployment(name, {}, None, {}, pipeline="receipts"), number, report, sign)
        for number, name in enumerate(("dev", "prod"), 1)
    ]
    for one in there:
        one.send()
    for one in there:
        one.smoke()
        one.read_back([other for other in there if other is not one])
    return report


def _problems(api: Api, monkeypatch: pytest.MonkeyPatch, sign: Any = lambda subject: subject) -> list[str]:
    return _report(api, monkeypatch, sign).problems


def test_the_last_line_is_the_balance(monkeypatch: pytest.MonkeyPatch) -> None:
    def last(api: Api) -> str:
        console = Console(width=80, file=io.StringIO(), record=True)
        report = _report(api, monkeypatch)
        report.began = time.monotonic()
        report.print_balance(console)
        return console.export_text(styles=True)

    told = "3 announced files sent = 3 accounted for, 0 missing; 0 accounts in 0 s: all came out as it must"
    assert last(Api()) == f"\x1b[1;32m{told}\x1b[0m\n"
    told = "3 announced files sent ≠ 1 accounted for, 2 missing; 0 accounts in 0 s: FAILED, 2 problems"
    assert last(Api(loses=1)) == f"\x1b[1;31m{told}\x1b[0m\n"


def test_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _problems(Api(), monkeypatch) == []
    assert _problems(Api(asks=False), monkeypatch, sign=None) == []


def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one.split(":")[0] for one in _problems(Api(leaks=True), monkeypatch)] == [
        "dev knows batches of others",
        "prod knows batches of others",
    ]
    assert [one.split(":")[0] for one in _problems(Api(loses=1), monkeypatch)] == [
        "dev accounts otherwise",
        "prod accounts otherwise",
    ]
    assert "dev opened a batch without a token: 201" in _problems(Api(asks=False), monkeypatch)
    assert [one.split(":")[0] for one in _problems(Api(), monkeypatch, sign=None)][:1] == ["dev opened no batch"]
