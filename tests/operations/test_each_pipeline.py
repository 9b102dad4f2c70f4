"""Where PIPELINE names none, status, smoke, soak and rollback work on every pipeline of an
environment.
"""

from __future__ import annotations

import io
import random
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from tests.operations.stand_ins import BEGAN, FakeDeployment, Json, Lambda, functions
from tools.common.errors import CommandError
from tools.environment.names import PIPELINES
from tools.operations import __main__ as commands
from tools.operations import deployment, rollback, smoke, soak
from tools.operations.findings import Finding
from tools.operations.invariants import Look
from tools.operations.status import Health
from tools.operations.votes.pipeline import PIPELINE as VOTES
from tools.simulation.aws.cloud import Cloud

ARN = "arn:aws:lambda:eu-west-1:111111111111:function:n:live"
OUTPUT: Json = {
    "queues": {"q": {"url": "u", "name": "n", "dead_letter_url": "d"}},
    "functions": {"f": {"name": "n", "arn": ARN, "log_group": "g"}},
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, Json]:
    """The outputs of an environment with all pipelines of ours, and one of somebody's own."""
    outputs = {name: dict(OUTPUT) for name in ("orders", *reversed(PIPELINES))}
    monkeypatch.setattr(deployment, "_on_aws", lambda name: deployment._Environment(name, outputs))
    return outputs


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """What the smoke test of a pipeline ends with; those that are tried are put last, in order."""
    codes = dict.fromkeys(PIPELINES, 0)

    def ours(of: deployment.Deployment) -> Any:
        def smoke(tried: deployment.Deployment, _: Console) -> int:
            code = codes.pop(tried.pipeline)
            codes[tried.pipeline] = code
            return code

        return SimpleNamespace(smoke=smoke) if of.pipeline in PIPELINES else None

    monkeypatch.setattr(commands, "_ours", ours)
    monkeypatch.setattr(smoke, "health", lambda *_: Health([], ""))
    return codes


def _make(monkeypatch: pytest.MonkeyPatch, *words: str, pipeline: str = "") -> int:
    monkeypatch.setenv("ENV", "prod")
    monkeypatch.setenv("PIPELINE", pipeline)
    return commands._parser().run(words)


def test_each_is_tried_in_order_and_one_of_its_own_is_left_alone(
    environment: dict[str, Json], asked: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _make(monkeypatch, "smoke") == 0
    assert tuple(asked) == PIPELINES


@pytest.mark.parametrize("broken", PIPELINES)
def test_one_that_fails_fails_it_and_the_others_are_tried(
    environment: dict[str, Json], asked: dict[str, int], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    asked[broken] = 1
    assert _make(monkeypatch, "smoke") == 1
    assert tuple(asked) == PIPELINES


def test_one_that_is_named_is_tried_alone(
    environment: dict[str, Json], asked: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked[PIPELINES[0]] = 1
    assert _make(monkeypatch, "smoke", pipeline=PIPELINES[-1]) == 0


def test_one_that_nobody_knows_is_not_gone_back_from(
    environment: dict[str, Json], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in PIPELINES:
        del environment[name]
    assert _make(monkeypatch, "rollback") == 1
    assert "orders stays: its output does not say in which order" in capsys.readouterr().err


def test_an_environment_without_any_says_what_to_do(
    environment: dict[str, Json], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.clear()
    assert _make(monkeypatch, "status") == 1
    assert "no output is a pipeline" in capsys.readouterr().err


class Two:
    """Two pipelines of an environment, with functions and a quarantine of their own."""

    def __init__(self) -> None:
        self.aws = {name: Lambda() for name in ("votes", "others")}
        self.buckets: dict[str, Any] = {}
        self.places = [(self._made(name), VOTES) for name in self.aws]

    def _made(self, name: str) -> FakeDeployment:
        cloud = Cloud(lambda: 0, random.Random(1))
        cloud.s3.create_bucket("quarantine")
        self.buckets[name] = cloud.s3.buckets["quarantine"]
        clients = {"lambda": self.aws[name], "s3": cloud.client("s3")}
        outputs = {"clients": clients, "functions": functions(), "quarantine_bucket": "quarantine"}
        return FakeDeployment("prod", outputs, "http://here", {}, pipeline=name)

    def release(self, name: str, version: int, after: timedelta, function: str) -> None:
        self.aws[name].versions[function][version] = BEGAN + after
        self.aws[name].aliases[function] = str(version)


def test_what_the_last_release_of_any_changed_goes_back_and_an_older_one_stays() -> None:
    two = Two()
    two.release("votes", 2, timedelta(days=1), "write")
    two.release("others", 2, timedelta(days=2), "write")
    two.release("others", 2, timedelta(days=2, minutes=1), "probe")
    console = Console(width=300, file=io.StringIO())
    assert rollback.run(two.places, console) == 0
    assert two.aws["votes"].moves == []
    assert two.aws["others"].moves == [("write", "1"), ("probe", "1")]
    assert not two.buckets["votes"]
    assert two.buckets["others"], "an audit where it is of"


class Watched:
    """Looks that a test tells."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}
        self.now = 0.0

    def watch(self, of: deployment.Deployment, own: object) -> Any:
        def look() -> Look:
            wrong = self.wrong.get(of.pipeline)
            return Look([Finding(wrong)] if wrong else [], "3 seen")

        return SimpleNamespace(wrong=list, look=look)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    made = Watched()
    monkeypatch.setattr(soak, "Watch", made.watch)
    monkeypatch.setattr(soak, "time", SimpleNamespace(monotonic=lambda: made.now, sleep=made.sleep))
    return made


@pytest.mark.parametrize("wrong", ["", "votes", "others"])
def test_all_are_watched_at_once_and_the_first_that_does_not_hold_ends_it(watched: Watched, wrong: str) -> None:
    places: Any = [
        (
            SimpleNamespace(name="prod", pipeline=name, endpoint=None, words=f"PIPELINE={name} ENV=prod"),
            SimpleNamespace(invariants=lambda of: ()),
        )
        for name in ("votes", "others")
    ]
    if wrong:
        watched.wrong[wrong] = "it is not well"
    console = Console(width=300, file=io.StringIO(), record=True)
    assert soak.run(places, console, soak.Options(minutes=10)) == int(bool(wrong))
    said = console.export_text()
    if wrong:
        assert f"VIOLATED in {wrong}: it is not well" in said
        assert "`make rollback ENV=prod`" in said, "all that the release changed"
        assert watched.now == 0
    else:
        assert watched.now == 600, "not one after the other"
        assert "votes: 3 seen; others: 3 seen" in said


def test_a_time_that_makes_no_sense_is_refused() -> None:
    places: Any = [(SimpleNamespace(name="prod", pipeline="votes", endpoint=None), VOTES)]
    with pytest.raises(CommandError, match="make soak PIPELINE=votes ENV=prod MINUTES=10"):
        soak.run(places, Console(file=io.StringIO()), soak.Options(minutes=0))
