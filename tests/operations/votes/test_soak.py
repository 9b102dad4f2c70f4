"""make soak: each invariant that does not hold any more ends it, and is named.

What was so before is not held against it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

import tools.operations.invariants
from tests.operations.stand_ins import BEGAN, CloudWatch, FakeDeployment, Json, Lambda, Logs, functions
from tools.common.errors import CommandError
from tools.operations import soak
from tools.operations.queues import Depth
from tools.operations.votes import invariants
from tools.operations.votes.pipeline import PIPELINE as VOTES
from tools.operations.votes.progress import Progress

START = BEGAN.timestamp() + 86_400
QUEUES = {name: {"url": name, "name": name, "dead_letter_url": f"{name}-dead"} for name in ("ingest", "count", "tick")}


class Running:
    """A pipeline in which all is well.

    Until a test's `later` breaks a part of it after so many seconds.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, endpoint: str | None = None) -> None:
        self.now = 0.0
        self.dead = dict.fromkeys(QUEUES, 0)
        self.oldest: dict[str, float | None] = dict.fromkeys(QUEUES)
        self.heads, self.folded = {0: 5, 1: 7}, {0: 5, 1: 7}
        self.conserved: Json = {"hashes": [], "missing": 0, "accepted": 9, "mappings_off": []}
        self.probe: Json = {"age_seconds": 10.0, "counted": True, "wrong": False, "cast": True}
        self.alarms = CloudWatch()
        self.later: list[tuple[float, Callable[[], object]]] = []
        self.aws = aws = Lambda()
        aws.answers = {"conservation": lambda event: self.conserved, "probe": lambda event: self.probe}
        sqs = SimpleNamespace(
            get_queue_attributes=lambda QueueUrl, AttributeNames: {"Attributes": self._delay(QueueUrl)}
        )
        outputs = {
            "clients": {"lambda": aws, "sqs": sqs, "cloudwatch": self.alarms, "dynamodb": None, "logs": Logs()},
            "functions": functions(),
            "queues": QUEUES,
            "settings": {"latency_seconds": 60, "slot_seconds": 5},
            "mappings": {name: name for name in ("process", "write", "tally")},
            "alarms": [f"alarm-{n}" for n in range(150)],
        }
        self.deployment = FakeDeployment("staging", outputs, endpoint, {})
        monkeypatch.setattr(soak, "time", SimpleNamespace(monotonic=lambda: self.now, sleep=self._sleep))
        general, clock = tools.operations.invariants, SimpleNamespace(time=lambda: START + self.now)
        monkeypatch.setattr(general, "time", clock)
        monkeypatch.setattr(general, "depth", lambda sqs, url: Depth(self.dead[url.removesuffix("-dead")], 0, 0))
        monkeypatch.setattr(general, "oldest_seconds", lambda deployment, url, name: self.oldest[name])
        monkeypatch.setattr(invariants, "time", clock)
        monkeypatch.setattr(invariants, "progress", lambda deployment, dynamodb: self._progress())
        monkeypatch.setattr(invariants, "oldest_behind", lambda deployment, dynamodb, done: None)

    def _progress(self) -> Progress:
        return Progress(dict(self.heads), dict(self.folded), 3, False, 0)

    def _delay(self, url: str) -> Json:
        return {"DelaySeconds": "7"} if url == "tick" else {}

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        for due in [one for one in self.later if one[0] <= self.now]:
            self.later.remove(due)
            due[1]()

    def run(self, minutes: float = 10) -> tuple[int, str]:
        console = Console(width=300, file=io.StringIO(), record=True)
        return soak.run([(self.deployment, VOTES)], console, soak.Options(minutes)), console.export_text()


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Running:
    return Running(monkeypatch)


def test_all_holds_for_its_time(running: Running) -> None:
    code, printed = running.run(10)
    assert code == 0
    assert running.now == 600
    assert "all held for 10 minutes, 41 looks" in printed
    assert printed.count("0 dead letters") >= 10, "a line a minute"


BREAKS: dict[str, tuple[Callable[[Running], Any], str]] = {
    "a dead letter": (
        lambda it: it.dead.update(count=1),
        "1 new dead letter in count → make redrive ENV=staging QUEUE=count",
    ),
    "a message that grows old": (
        lambda it: it.oldest.update(ingest=61.0),
        "the oldest message of ingest has waited 61 s, over 60",
    ),
    "a tick that grows old": (
        lambda it: it.oldest.update(tick=68.0),
        "the oldest message of tick has waited 68 s, over 67",
    ),
    "a fold that lags": (
        lambda it: it.heads.update({1: 9}),
        "2 journal entries are not folded, the oldest seen 75 s ago, over 67",
    ),
    "a witness that is missing": (
        lambda it: it.conserved.update(hashes=["beef"], missing=1),
        "1 accepted witnesses are not settled after 60 s (beef …)",
    ),
    "a mapping that is off": (
        lambda it: it.aws.off.add("write"),
        "write takes nothing, its mapping is off since 2026-11-21 08:00 UTC → make mapping ENV=staging FUNCTION=write",
    ),
    "a probe that waits": (
        lambda it: it.probe.update(counted=False, age_seconds=70.0),
        "the ballot that the probe cast 70 s ago is not counted, after more than 67",
    ),
    "a probe that is wrong": (lambda it: it.probe.update(wrong=True), "the probe's one vote is counted wrongly"),
    "a check that fails": (
        lambda it: it.conserved.update(errorMessage="NotAllRead"),
        "conservation failed (Unhandled: NotAllRead)",
    ),
    "an alarm": (lambda it: it.alarms.ringing.add("alarm-120"), "the alarm alarm-120 rings: so it is"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_the_first_violation_ends_it_and_says_how_to_go_back(running: Running, what: str) -> None:
    broken, printed = BREAKS[what]
    running.later.append((150, lambda: broken(running)))
    code, text = running.run(10)
    assert code == 1
    assert f"VIOLATED in votes: {printed}" in text
    assert "make rollback PIPELINE=votes ENV=staging" in text
    assert 150 <= running.now <= 150 + 80, "early, not at the end"


def test_what_was_wrong_before_it_began_is_told_and_not_held_against_it(running: Running) -> None:
    running.dead["ingest"] = 3
    running.conserved.update(hashes=["beef"], missing=1)
    running.alarms.ringing.add("alarm-1")
    code, printed = running.run(2)
    assert code == 0
    for trouble in ("3 dead letters in ingest →", "1 accepted ballot is missing", "the alarm alarm-1 rings"):
        assert f"before this began: {trouble}" in printed


def test_an_alarm_that_was_silent_in_between_rings_anew(running: Running) -> None:
    running.alarms.ringing.add("alarm-1")
    running.later += [
        (60, lambda: running.alarms.ringing.clear()),
        (120, lambda: running.alarms.ringing.add("alarm-1")),
    ]
    assert running.run(10)[0] == 1
    assert running.now == 120


def test_an_alarm_that_the_apply_has_made_must_see_its_own_periods_through(running: Running) -> None:
    """Three periods of a minute and five minutes: until then, missing data may make it ring."""
    running.alarms.changed = datetime.fromtimestamp(START, UTC)
    running.alarms.ringing.add("alarm-1")
    assert running.run(7)[0] == 0
    running.now, running.alarms.changed = 0.0, datetime.fromtimestamp(START, UTC)
    assert running.run(9)[0] == 1
    assert running.now == 495


def test_many_entries_one_after_the_other_are_no_lag(running: Running) -> None:
    """Always some behind, none for long."""
    for minute in range(10):
        running.later.append((60 * minute + 1, lambda n=minute: running.heads.update({0: 10 + n})))  # type: ignore[misc]
        running.later.append((60 * minute + 50, lambda n=minute: running.folded.update({0: 10 + n})))  # type: ignore[misc]
    assert running.run(10)[0] == 0


def test_the_local_cloud_says_what_it_cannot_see(monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(monkeypatch, endpoint="http://here")
    running.alarms.ringing.add("alarm-1")
    code, printed = running.run(1)
    assert code == 0
    assert "no CloudWatch metrics of queues and no alarms" in printed


@pytest.mark.parametrize("minutes", [0, -1, 2000])
def test_a_time_that_makes_no_sense_is_refused(running: Running, minutes: float) -> None:
    with pytest.raises(CommandError, match="MINUTES must be more than 0"):
        running.run(minutes)
