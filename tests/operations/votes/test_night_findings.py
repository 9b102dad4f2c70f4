"""Status, mapping and smoke on a night when things go wrong: the cause and the command that cures.

On stand-ins; tests/integration/test_night_deployed.py has the same on the local cloud.
"""

from __future__ import annotations

import dataclasses
import io
import json
import re
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

import tools.operations.invariants
from shared.logs import parsed
from tests.operations.screens import assert_screen, piped, shown, terminal
from tests.operations.stand_ins import CloudWatch, FakeDeployment, Json, Lambda, Logs, functions
from tools.common.errors import CommandError
from tools.operations import audit, conservation, failing, mapping, smoke, status
from tools.operations.mapping import Options
from tools.operations.queues import Depth
from tools.operations.votes import invariants
from tools.operations.votes.pipeline import PIPELINE
from tools.operations.votes.progress import Progress

VOTES = dataclasses.replace(PIPELINE, status=lambda _: iter(()))  # what it adds needs tables
QUEUES = {name: {"url": name, "name": name, "dead_letter_url": f"{name}-dead"} for name in ("count", "ingest", "tick")}


class Night:
    """A pipeline of votes in which all is well until a test breaks it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
        self.dead, self.oldest = dict.fromkeys(QUEUES, 0), dict[str, float]()
        self.missing: list[str] = []
        self.behind_since: float | None = None
        self.aws, self.logs = Lambda(), Logs()
        self.aws.answers = {"conservation": lambda _: {"hashes": self.missing, "missing": 0, "accepted": 9}}
        sqs = SimpleNamespace(get_queue_attributes=lambda QueueUrl, AttributeNames: {"Attributes": {}})
        clients = {"lambda": self.aws, "sqs": sqs, "logs": self.logs, "cloudwatch": CloudWatch(), "dynamodb": None}
        outputs = {
            "clients": clients | {"s3": None, "sts": SimpleNamespace(get_caller_identity=lambda: {"Arn": "arn"})},
            "functions": functions(),
            "queues": QUEUES,
            "mappings": {name: name for name in ("process", "tally", "write")},
            "settings": {"latency_seconds": 10, "slot_seconds": 4},
        }
        self.deployment = FakeDeployment("prod", outputs, None, {})
        general = tools.operations.invariants
        for module in (general, status, conservation):
            monkeypatch.setattr(
                module, "depth", lambda _, url: Depth(self.dead.get(url.removesuffix("-dead"), 0), 0, 0)
            )
        for module in (general, status):
            monkeypatch.setattr(module, "oldest_seconds", lambda _, url, name: self.oldest.get(name))
        monkeypatch.setattr(invariants, "progress", lambda *_: Progress({0: 5}, {0: 3}, 3, False, 0))
        monkeypatch.setattr(invariants, "oldest_behind", lambda *_: self.behind_since)
        monkeypatch.setattr(audit, "BUILD", tmp_path)

    def failed(self, function: str, kind: str, *ago: float, **more: Any) -> None:
        for seconds in ago:
            line = json.dumps({"level": "ERROR", "service": "s", "message": "failed", "kind": kind} | more)
            event = {"timestamp": int((time.time() - seconds) * 1000), "message": line}
            self.logs.events.setdefault(function, []).append(event)

    def died(self, function: str, ago: float) -> None:
        event = {"timestamp": int((time.time() - ago) * 1000), "message": "Runtime exited with error: signal: killed"}
        self.logs.events.setdefault(function, []).append(event)

    def screen(self, console: Console | None = None) -> tuple[int, str]:
        console = console or piped()
        code = status.run([(self.deployment, VOTES)], console)
        return code, shown(console)

    def verdict(self) -> tuple[int, str]:
        code, text = self.screen()
        return code, text.rstrip("\n").splitlines()[-1]


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Night:
    return Night(monkeypatch, tmp_path)


def test_the_screen_at_80_columns(night: Night) -> None:
    night.dead["count"], night.oldest["ingest"] = 1_205, 43.0
    night.failed("write", "AccessDenied", 200, 100, 5)
    night.died("tally", 9)
    assert_screen("status", re.sub(r"\d\d:\d\d(?=\s+UTC)", "02:41", night.screen()[1]))
    on_a_terminal = night.screen(terminal())[1]
    assert_screen("status_on_a_terminal", re.sub(r"\d\d:\d\d(?=\s+UTC)", "02:41", on_a_terminal))


def test_all_is_well(night: Night) -> None:
    assert night.verdict() == (0, "well: no dead letters, nothing waits over 10 s, 0 missing")


def test_a_mapping_that_is_off_is_the_cause_and_what_waits_goes_without_saying(night: Night) -> None:
    night.aws.off.add("process")
    night.oldest["ingest"] = 300.0
    code, said = night.verdict()
    assert code == 1
    assert said == (
        "NOT WELL: process takes nothing, its mapping is off since 2026-11-21 08:00 UTC"
        " → make mapping ENV=prod FUNCTION=process ON=yes"
    )


@pytest.mark.parametrize(
    ("kind", "ago", "cure"),
    [
        ("AccessDenied", [10], "make apply ENV=prod"),
        ("ThrottlingException", [10, 70, 130], "make logs ENV=prod FUNCTION=write"),
        ("ThrottlingException", [10, 11, 12], None),
        ("AccessDenied", [200, 220, 290], None),
    ],
)
def test_what_does_not_pass_is_told_at_once_and_what_lasts_after_minutes(
    night: Night, kind: str, ago: list[float], cure: str | None
) -> None:
    night.failed("write", kind, *ago)
    code, said = night.verdict()
    assert code == int(cure is not None)
    assert cure is None or said.endswith(f"→ {cure}")
    times = "once" if len(ago) == 1 else f"{len(ago)} times"
    assert cure is None or f"write failed {times} in 5 minutes ({kind})" in said


def test_an_old_fold_dead_letters_and_missing_ballots_have_their_commands(night: Night) -> None:
    night.dead["count"] = 5
    night.missing = ["beef"]
    night.behind_since = time.time() - 61
    assert night.verdict()[1].replace(":", "").count("→") == 3
    for part in (
        "5 dead letters in count → make redrive ENV=prod QUEUE=count",
        "2 journal entries are not folded, the oldest after 61 s, over 10",
        "→ make logs ENV=prod FUNCTION=tally",
        "1 accepted ballot is late, neither counted nor set aside after 10 s, while 10 messages wait → make",
    ):
        assert part in night.verdict()[1]
    night.dead["count"] = 0
    missing = "1 accepted ballot is missing, neither counted nor set aside → make conservation ENV=prod"
    assert missing in night.verdict()[1]


def test_what_cannot_be_looked_at_is_not_well(night: Night) -> None:
    night.aws.answers = {"conservation": lambda _: {"errorMessage": "AccessDenied"}}
    code, said = night.verdict()
    assert code == 1
    assert "nobody knows how votes is" in said


def test_garbage_of_the_last_hour_is_named_by_reason(night: Night) -> None:
    asked: list[str] = []

    def listed(Bucket: str, Prefix: str) -> Json:
        asked.append(Prefix)
        now = datetime.now(UTC)
        today = f"day={now.date()}/" in Prefix and "not-json" in Prefix
        times = [now - timedelta(hours=2), now - timedelta(minutes=5), now] if today else []
        return {"Contents": [{"LastModified": at} for at in times]} if times else {}

    night.deployment.outputs["quarantine_bucket"] = "quarantine"
    night.deployment.outputs["clients"]["s3"] = SimpleNamespace(list_objects_v2=listed)
    found = [one for one in status.health(night.deployment, VOTES).findings if "set aside" in one]
    expected = "2 messages that nobody can read were set aside (not-json)"
    assert [(str(one), one.command) for one in found] == [
        (expected, "make redrive ENV=prod QUEUE=quarantine REASON=not-json")
    ] or datetime.now(UTC).hour == 0
    assert {prefix.split("/")[1] for prefix in asked} == {"reason=not-json", "reason=not-a-message"}


def test_queues_stand_in_the_order_of_the_way(night: Night) -> None:
    assert list(status.in_order(night.deployment, VOTES)) == ["ingest", "count", "tick"]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ('{"level":"ERROR","message":"2026 Task timed out after 15.00 seconds"}', "Timeout"),
        ("RequestId: 1 Error: Runtime exited with error: signal: killed", "Crash"),
        ('{"level":"ERROR","service":"s","message":"witnesses missing"}', ""),
        ('{"level":"INFO","service":"s","message":"received"}', ""),
    ],
)
def test_kinds_of_lines(message: str, kind: str) -> None:
    assert failing.kind_of(parsed(message), message) == kind


def _mapping(night: Night, **options: Any) -> tuple[int, str]:
    console = Console(width=80, file=io.StringIO(), record=True)
    return mapping.run(night.deployment, console, Options(**options), VOTES), console.export_text()


def test_a_mapping_goes_off_when_it_is_confirmed_and_on_without(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = _mapping(night, function="write", on=False)
    assert (code, night.aws.off) == (0, set())
    assert "make mapping ENV=prod FUNCTION=write ON=no CONFIRM=yes" in said
    assert _mapping(night, function="write", on=False, confirm=True)[0] == 0
    assert night.aws.off == {"write"}
    assert "Disabled" in _mapping(night)[1]
    code, said = _mapping(night, function="write", on=True)
    assert (code, night.aws.off) == (0, set())
    assert "was Disabled, is Enabled" in said
    lines: list[Json] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"on"' in line]
    assert [(one["audit"], one["function"], one["on"]) for one in lines] == [
        ("mapping", "write", False),
        ("mapping", "write", True),
    ]


def test_a_function_without_a_mapping_is_refused(night: Night) -> None:
    with pytest.raises(CommandError, match="FUNCTION is one of process, tally, write"):
        _mapping(night, function="receive", on=True)


@pytest.mark.parametrize("off", [True, False])
def test_smoke_proposes_what_fits(night: Night, off: bool) -> None:
    if off:
        night.aws.off.add("process")
    console = Console(width=80, file=io.StringIO(), record=True)
    fails = dataclasses.replace(VOTES, smoke=lambda *_: 1)
    assert smoke.run(night.deployment, console, fails) == 1
    said = console.export_text()
    assert ("make mapping ENV=prod FUNCTION=process ON=yes" in said) is off
    assert ("make rollback ENV=prod" in said) is not off
