"""Quarantined ballots go back to be judged by when they were received.

None is lost, and each is the ballot it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from shared import logs, queues
from shared.quarantine import Quarantine, line_of
from tests.lambda_src.stack import NOW_US, RULES, Context, ballot, record, stamped
from tests.operations.screens import assert_screen
from tests.support.captured import own_logger
from tests.support.witnessing import witnessing
from tools.operations import quarantine, redrive_quarantine
from tools.operations.deployment import Deployment
from tools.operations.pipeline import Unsendable
from tools.operations.redrive import Pace
from tools.operations.redrive_quarantine import Redrive
from tools.operations.votes.pipeline import PIPELINE as VOTES
from tools.operations.votes.redrive_quarantine import restamped
from votes import messages
from votes.ballot import Ballot
from votes.catalogue import LookUp, Window
from votes.process import Process
from votes.settings import ProcessSettings

HOUR_US = 3_600_000_000


class Catalogue:
    """Titles are open from `opens`; those that begin with "later" an hour after."""

    def __init__(self) -> None:
        self.opens: int | None = None

    def windows(self, title_ids: Any) -> LookUp:
        opens = self.opens or 0
        return LookUp(
            {title: Window(opens + HOUR_US if title.startswith("later") else opens, None) for title in title_ids}, None
        )


class Judged:
    """The process function on a deployment's queues and bucket."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment, self.catalogue = deployment, Catalogue()
        self.s3, self.sqs = deployment.client("s3"), deployment.client("sqs")
        self.ingest, self.count = (deployment.outputs["queues"][name]["url"] for name in ("ingest", "count"))
        config = ProcessSettings(
            ingest_queue_url=self.ingest, count_queue_url=self.count,
            quarantine_bucket="quarantine", catalogue_table="c",
            keys_table="k", unlisted_titles="accept", shards=2, witness_share=1024,
            aspects='["story","acting","visuals","music","overall"]', scale='{"lowest":1,"highest":5}',
        )  # fmt: skip
        store = Quarantine(self.s3, "quarantine")
        self.process = Process(config, self.sqs, store, self.catalogue, witnessing(1024))  # type: ignore[arg-type]

    def receive(self, *ballots: Any, received_at: int = NOW_US) -> None:
        """Let a message of ballots be processed."""
        body = json.dumps({"v": 1, "received_at": received_at, "ballots": ballots})
        assert self.process.handle({"Records": [record(body)]}, Context()) == queues.failures([])

    def work(self) -> None:
        """Let everything on the ingest queue be processed."""
        while found := self.sqs.receive_message(QueueUrl=self.ingest, MaxNumberOfMessages=10).get("Messages"):
            self.process.handle({"Records": [record(message["Body"]) for message in found]}, Context())
            for message in found:
                self.sqs.delete_message(QueueUrl=self.ingest, ReceiptHandle=message["ReceiptHandle"])

    def counted(self) -> list[Ballot]:
        """What is on the count queue, taken off it."""
        ballots: list[Ballot] = []
        while found := self.sqs.receive_message(QueueUrl=self.count, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                ballots += messages.decode_count(message["Body"], RULES).ballots
                self.sqs.delete_message(QueueUrl=self.count, ReceiptHandle=message["ReceiptHandle"])
        return ballots

    def keys(self) -> list[str]:
        return list(quarantine.keys(self.deployment, self.s3))

    def redrive(self, run: str = "run", s3: Any = None, sqs: Any = None) -> list[dict[str, Any]]:
        """Send all of quarantine back; the audit's lines."""
        audit: list[dict[str, Any]] = []
        work = Redrive(
            self.deployment,
            VOTES,
            s3 or self.s3,
            sqs or self.sqs,
            run=run,
            pace=Pace(1e9),
            audit=lambda **fields: audit.append(fields),
        )
        for one in redrive_quarantine.read(self.deployment, self.s3, self.keys()):
            work.send(one)
        return audit


class Hooked:
    """A client that tells `step` before and after each call."""

    def __init__(self, client: Any, step: Callable[[str], None]) -> None:
        self._client, self._step = client, step

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            self._step(f"{name} before")
            answer = getattr(self._client, name)(**request)
            self._step(f"{name} after")
            return answer

        return call


@pytest.fixture
def pipeline(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Judged]:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "votes-process")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
    logs.metrics.cache_clear()
    with own_logger("votes-process"):
        yield Judged(deployment)
    logs.metrics.cache_clear()


def test_judged_again_by_when_it_was_received(pipeline: Judged) -> None:
    pipeline.catalogue.opens = NOW_US + HOUR_US
    pipeline.receive(stamped(ballot_id="b1"), stamped(ballot_id="b2", title_id="later"))
    (key,) = pipeline.keys()
    # the catalogue was wrong; one title still opens after the ballot came
    pipeline.catalogue.opens = NOW_US - HOUR_US // 2
    (line,) = pipeline.redrive()
    pipeline.work()
    assert [one.ballot_id for one in pipeline.counted()] == ["b1"]
    (left,) = quarantine.lines(pipeline.deployment, pipeline.s3)
    assert (left["ballot"]["ballot_id"], left["received_at"], left["reason"]) == ("b2", NOW_US, "title-not-open")
    assert line["object"] == key.removeprefix("quarantine/")
    assert {name: line[name] for name in ("queue", "lines", "to", "cause", "ballots")} == {
        "queue": "quarantine", "lines": "1-2", "to": "ingest", "cause": "title-not-open", "ballots": 2,
    }  # fmt: skip
    assert not any("voter" in str(value) for value in line.values())


def test_what_is_quarantined_again_before_its_object_is_deleted_stays(pipeline: Judged) -> None:
    pipeline.catalogue.opens = NOW_US + HOUR_US
    pipeline.receive(stamped(ballot_id="b1"))
    keys = pipeline.keys()
    sqs = Hooked(pipeline.sqs, lambda label: pipeline.work() if label == "send_message after" else None)
    for run in ("first", "second"):
        pipeline.redrive(run, sqs=sqs)
        assert pipeline.keys() == keys, "the same content has the same name"
    pipeline.catalogue.opens = 0
    pipeline.redrive("third", sqs=sqs)
    assert [one.ballot_id for one in pipeline.counted()] == ["b1"]
    assert pipeline.keys() == []


@pytest.mark.parametrize("again_at", ["after", "before"])
def test_a_redrive_that_breaks_off_at_any_call_loses_nothing(pipeline: Judged, again_at: str) -> None:
    """`again_at`: they are quarantined again at once, or when the next redrive is through."""
    ids = {f"b{number}" for number in range(4)}
    breaks = 0
    while True:
        pipeline.catalogue.opens = NOW_US + HOUR_US
        pipeline.receive(*(stamped(ballot_id=f"b{number}", voter_id=f"v{number}") for number in range(3)))
        pipeline.receive(stamped(ballot_id="b3"), received_at=NOW_US - 1)
        calls = count()

        def step(label: str, calls: Iterator[int] = calls, breaks: int = breaks) -> None:
            if next(calls) == breaks:
                raise ConnectionError(label)
            if label == "send_message after" and again_at == "after":
                pipeline.work()

        broke_off = False
        try:
            pipeline.redrive("first", Hooked(pipeline.s3, step), Hooked(pipeline.sqs, step))
        except ConnectionError:
            broke_off = True
        pipeline.work()
        lines = quarantine.lines(pipeline.deployment, pipeline.s3)
        quarantined = {line["ballot"]["ballot_id"] for line in lines}
        assert quarantined == ids, (
            f"call {breaks}: what is still refused is in quarantine, wherever the redrive broke off"
        )
        pipeline.catalogue.opens = 0
        pipeline.redrive("second")
        pipeline.work()
        assert {one.ballot_id for one in pipeline.counted()} == ids
        assert pipeline.keys() == []
        breaks += 1
        if not broke_off:
            break
    assert breaks > 16  # two objects: copy, delete, send, delete


def test_a_ballot_without_a_stamp_is_the_same_ballot_however_often_it_goes_back(pipeline: Judged) -> None:
    wrong = [ballot(voter_id="v1", votes={"plot": score}) for score in (1, 2)]
    pipeline.receive(stamped(), *wrong, wrong[1], received_at=NOW_US - 5)
    pipeline.counted()
    lines = list(quarantine.lines(pipeline.deployment, pipeline.s3))
    assert [line.get("place") for line in lines] == [1, 2, 3]
    first = RULES.read(ballot(voter_id="v1"), now_us=NOW_US - 5, index=1, queued=True)
    assert isinstance(first, Ballot)
    same = restamped(line_of("ingest", "r", "d", NOW_US - 5, ballot=ballot(voter_id="v1")) | {"place": 1})
    assert (same["cast_at"], same["ballot_id"]) == first.stamp, "the stamp that it would have had"
    ballots = [restamped(line) for line in lines]
    assert [one["cast_at"] for one in ballots] == [NOW_US - 4, NOW_US - 3, NOW_US - 2], "in the order of the message"
    assert ballots[1]["ballot_id"] == ballots[2]["ballot_id"] != ballots[0]["ballot_id"]
    pipeline.redrive()
    pipeline.work()
    assert [restamped(line) for line in quarantine.lines(pipeline.deployment, pipeline.s3)] == ballots


def test_a_whole_message_goes_back_where_it_came_from_under_an_id_of_its_own(pipeline: Judged) -> None:
    taken, ids = [], set()
    for run in ("first", "second"):
        line = line_of("count", "not-json", "d", NOW_US, body="{")
        Quarantine(pipeline.s3, "quarantine").put("not-json", NOW_US, [line])
        pipeline.redrive(run)
        (message,) = pipeline.sqs.receive_message(QueueUrl=pipeline.count, AttributeNames=["All"])["Messages"]
        pipeline.sqs.delete_message(QueueUrl=pipeline.count, ReceiptHandle=message["ReceiptHandle"])
        taken.append(message["Body"])
        ids.add(message["Attributes"]["MessageDeduplicationId"])
    assert taken == ["{", "{"]
    assert len(ids) == 2, "SQS would drop the second as a repeat of the first"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            {"reason": "unreadable-entry", "source": "journal", "received_at": 1, "body": "x"},
            "line 1 is no ballot or message",
        ),
        ({"reason": "r", "source": "ingest", "received_at": 1}, "line 1 is no ballot or message"),
        (
            line_of("ingest", "r", "d", 1, ballot={"voter_id": "x" * 1_100_000}),
            "line 1 is larger than a message may be",
        ),
    ],
)
def test_what_cannot_go_back_stays(pipeline: Judged, line: dict[str, Any], why: str) -> None:
    key = Quarantine(pipeline.s3, "quarantine").put("r", NOW_US, [line])
    with pytest.raises(Unsendable, match=why):
        pipeline.redrive()
    assert pipeline.keys() == [key]
    objects = redrive_quarantine.read(pipeline.deployment, pipeline.s3, [key])
    assert "1 object, 1 line" in redrive_quarantine.by_reason(objects, VOTES)


def test_quarantine_stands_in_a_paragraph_for_each_reason_and_source(pipeline: Judged) -> None:
    pipeline.receive(ballot(votes={}), ballot(votes={}), stamped(votes={}))
    pipeline.receive(ballot(votes={}), received_at=NOW_US - 24 * HOUR_US)
    pipeline.receive(stamped(votes={"story": 9}))
    objects = redrive_quarantine.read(pipeline.deployment, pipeline.s3, [*pipeline.keys(), "gone"])
    assert_screen("quarantine", redrive_quarantine.by_reason(objects, VOTES))


def test_what_a_redrive_left_behind_is_listed_under_its_reason(pipeline: Judged) -> None:
    pipeline.receive(stamped(votes={}))

    def step(label: str) -> None:
        if label == "send_message before":
            raise ConnectionError(label)

    with pytest.raises(ConnectionError):
        pipeline.redrive(sqs=Hooked(pipeline.sqs, step))
    (key,) = pipeline.keys()
    assert key.startswith("quarantine/redriving/run/reason=empty-votes/day=2026-11-21/")
    assert list(quarantine.keys(pipeline.deployment, pipeline.s3, "empty-votes")) == [key]
    assert quarantine.by_reason(pipeline.deployment, pipeline.s3) == ({"empty-votes": 1}, True)
    (line,) = pipeline.redrive("next")
    assert line["object"].startswith("reason=empty-votes/")
    assert pipeline.keys() == []
