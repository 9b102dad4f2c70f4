"""Dead letters on the live page: in groups by cause, their way back, and what went back before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from tests.live.places import message, place, queues, until
from tools.live.local.causes import Heard
from tools.live.local.jobs import Job, Jobs
from tools.live.local.letters import Letters
from tools.live.local.messages import peeked_at
from tools.live.source import NotFound
from tools.operations.redrive import WAS

QUEUE = {"url": "count", "name": "n-count", "dead_letter_url": "dead", "dead_letter_name": "n-dead"}
OUTPUTS = {"queues": {"count": QUEUE}, "functions": {}}


class Audited:
    """An audit that keeps its lines to itself."""

    lines: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, *_: object) -> None:
        self.lines.clear()

    def __enter__(self) -> Audited:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def line(self, **fields: Any) -> None:
        self.lines.append(fields)


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def letters(heard: Heard, jobs: Jobs) -> Letters:
    return Letters(place("votes", OUTPUTS, {"sqs": object()}), heard, jobs)


def failed(heard: Heard, kind: str, at_ms: int, *ids: str) -> None:
    line = {"message": "failed", "kind": kind, "place": "count", "message_ids": list(ids)}
    heard.hear("write", line, at_ms)


def test_they_are_grouped_by_cause_newest_first(letters: Letters, heard: Heard) -> None:
    failed(heard, "Throttled", 5_000, "1", "2")
    failed(heard, "AccessDenied", 9_000, "2")
    failed(heard, "Throttled", 7_000, "1")
    letters.see(queues(count_dead=[message("1", "one"), message("2", "two"), message("3", "three")]))
    found = [(one["cause"], one["where"], one["count"], one["first"], one["last"]) for one in letters.failures()]
    sent = 999_990_000
    assert found == [
        ("no line of ours", "", 1, sent, sent),
        ("AccessDenied", "count in write", 1, 5_000, 9_000),
        ("Throttled", "count in write", 1, 5_000, 7_000),
    ]
    assert letters.with_samples()[1]["samples"][0]["body"] == "two"


def test_one_that_was_rewritten_keeps_the_cause_of_what_it_was(
    letters: Letters, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `make redrive` finds it: an erasure takes a voter's ballots out of dead letters."""
    was = {"MessageAttributes": {WAS: {"DataType": "String", "StringValue": "1"}}}
    held = {"MessageId": "2", "Body": "", "SentTimestamp": 1, "IsVisible": True, "ReceiveCount": 0}
    told = {"000000000000": {"us-east-1": {"http://x/000000000000/n-dead": [held | {"MessageGroupId": None} | was]}}}
    monkeypatch.setattr("tools.operations.queues.fetch", lambda *_, **__: json.dumps({"messages": told}).encode())
    failed(heard, "Throttled", 5_000, "1")
    (found,) = peeked_at(place("votes", OUTPUTS, {}).deployment)["n-dead"]
    letters.see(queues(count_dead=[found]))
    assert [(one["cause"], one["count"]) for one in letters.failures()] == [("Throttled", 1)]
    assert letters.named == {"1"}


def test_a_group_goes_back_and_is_marked_where_it_fails_again(
    letters: Letters, heard: Heard, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[str] = []

    def move(_: Any, source: str, target: str, *, most: int, on_moved: Any, chosen: Any) -> int:
        assert (source, target) == ("dead", "count")
        for name in ("1", "2", "3"):
            if chosen({"MessageId": name}):
                on_moved({"MessageId": name}, f"{name}-again")
                moved.append(name)
        return len(moved)

    monkeypatch.setattr("tools.live.local.letters.redrive.move", move)
    monkeypatch.setattr("tools.live.local.letters.Audit", Audited)
    failed(heard, "Throttled", 5_000, "1", "2")
    letters.see(queues(count_dead=[message("1", "one"), message("2", "two"), message("3", "three")]))
    group = next(one["id"] for one in letters.failures() if one["cause"] == "Throttled")
    job = letters.redrive(group)
    until(lambda: job.state != "running")
    assert (job.state, job.moved, moved) == ("done", 2, ["1", "2"])
    assert [line["dead_letter"] for line in Audited.lines] == ["1", "2"], "each is audited"
    letters.see(queues(count_dead=[message("2-again", "two")]))
    assert [one["again"] for one in letters.failures()] == [1]
    letters.redrive(message_id="2-again")
    until(lambda: jobs.plain()[-1]["state"] != "running")
    assert jobs.plain()[-1]["moved"] == 0, "it has another id by now: none is taken that was not meant"


def test_a_parked_group_stays_parked_while_it_is_there(letters: Letters) -> None:
    there = queues(count_dead=[message("1", "one")])
    letters.see(there)
    letters.park(letters.failures()[0]["id"])
    letters.see(there)
    assert [one["parked"] for one in letters.failures()] == [True]
    letters.see(queues(count_dead=[]))
    letters.see(there)
    assert [one["parked"] for one in letters.failures()] == [False]


def test_what_is_gone_is_not_redriven(letters: Letters) -> None:
    letters.see(queues(count_dead=[]))
    for asked in ({"group_id": "x"}, {"message_id": "x"}):
        with pytest.raises(NotFound):
            letters.redrive(**asked)


def test_a_job_that_fails_says_why(jobs: Jobs) -> None:
    def fail(job: Job) -> str:
        job.moved = 3
        raise OSError("the queue is gone")

    job = jobs.add("redrive", 5, fail)
    until(lambda: job.state != "running")
    assert job.plain() == {"id": "1", "text": "redrive: the queue is gone", "moved": 3, "of": 5, "state": "failed"}


def test_what_failed_of_late_and_is_no_dead_letter_is_told_by_cause() -> None:
    heard = Heard(lambda: 1_000.0)
    failed(heard, "Throttled", 699_000, "long-ago")
    failed(heard, "Throttled", 701_000, "a", "dead")
    failed(heard, "Throttled", 702_000, "b", "a")
    failed(heard, "Timeout", 703_000, "c")
    told = [(one["count"], one["cause"], one["where"], one["last"], one["kind"]) for one in heard.retried({"dead"})]
    assert told == [
        (2, "Throttled", "count in write", 702_000, "retried"),
        (1, "Timeout", "count in write", 703_000, "retried"),
    ]
