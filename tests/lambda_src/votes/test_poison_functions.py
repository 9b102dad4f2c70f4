"""Poison at each function by itself: no exception leaves a handler, nothing is lost, and what is
refused says why to a person.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from shared import clock, logs, settings
from shared.quarantine import Quarantine
from tests.lambda_src.fakes import S3, DynamoDB, Sqs
from tests.lambda_src.stack import NOW_US, RULES, Answer, Context, Json, record, request
from tests.support import judged, plan
from tests.support.captured import Log, own_logger
from tests.support.entrances import as_alb, as_url, from_alb
from tests.support.poison import SHARDS, Poison, inputs
from tests.support.witnessing import witnessing
from votes import messages
from votes.ballot import Ballot, Code
from votes.catalogue import LookUp
from votes.counting import Outcome
from votes.folding import Progress
from votes.process import Process
from votes.receive import Receive
from votes.results import Results
from votes.settings import ProcessSettings, ReceiveSettings, ResultsSettings, TallySettings, WriteSettings
from votes.tally import Tally
from votes.write import Write

POISON = inputs()
TEXTS = {poison.name: poison.text for poison in POISON if poison.text is not None} | {
    "alien: half a character": "\ud800"
}
WAITING = {"NewerVersion", "ShardsDiffer"}
each_text = pytest.mark.parametrize("name", TEXTS)


class Catalogue:
    """Lists no title."""

    def windows(self, titles: Iterable[str]) -> LookUp:
        return LookUp(dict.fromkeys(titles), None)


class Counting:
    """Counts whatever it is given: the real one has tests of its own."""

    def __init__(self) -> None:
        self.counted: list[Ballot] = []

    def count(self, shard: int, ballots: list[Ballot], out_of_time: Callable[[], bool]) -> Outcome:
        self.counted += ballots
        return Outcome(counted=ballots)


class Folding:
    """Counts how often it folds."""

    folds = 0

    def fold(self, most_us: int, titles: bool) -> Progress:
        self.folds += 1
        return Progress()


class Rig:
    """A worker of each function, on services that take everything."""

    def __init__(self, planned: Json, log: Log) -> None:
        self.log, self.sqs, self.s3, self.counting, self.folding = log, Sqs(), S3(()), Counting(), Folding()

        def config(model: Any, function: str) -> Any:
            urls = {f"{queue}_QUEUE_URL": queue.lower() for queue in ("INGEST", "COUNT", "TICK")}
            return settings.load(model, plan.environment(planned, function) | urls)

        shelf, catalogue, counting, folding = Quarantine(self.s3, "q"), Catalogue(), self.counting, self.folding
        self.receive = Receive(config(ReceiveSettings, "receive"), self.sqs, witnessing())
        self.process = Process(config(ProcessSettings, "process"), self.sqs, shelf, catalogue, witnessing())  # type: ignore[arg-type]
        self.write = Write(config(WriteSettings, "write"), counting, self.sqs, shelf, witnessing())  # type: ignore[arg-type]
        self.tally = Tally(config(TallySettings, "tally"), folding, self.sqs)  # type: ignore[arg-type]
        self.results = Results(config(ResultsSettings, "results"), DynamoDB())

    def forget(self) -> None:
        for kept in (self.sqs.taken, self.sqs.requests, self.s3.puts, self.counting.counted):
            kept.clear()
        self.log.stream.seek(0)
        self.log.stream.truncate()

    def sent(self) -> list[str]:
        return [entry["MessageBody"] for entry in self.sqs.taken]

    def check_quarantine(self, expected: int) -> None:
        """So many lines, each of strict JSON, with a reason, and a detail that a person
        understands.
        """
        lines = [
            json.loads(line, parse_constant=pytest.fail)
            for put in self.s3.puts
            for line in put["Body"].decode().splitlines()
        ]
        assert len(lines) == expected
        assert {line["reason"] for line in lines} <= set(Code)
        assert [(line["detail"], wrong) for line in lines if (wrong := judged.unclear(line["detail"]))] == []

    def check_failed(self, answer: Json, waits: bool) -> None:
        """A message that waits is returned as failed, for that reason; no other is, and nothing
        else went wrong.
        """
        assert len(answer["batchItemFailures"]) == waits
        kinds = {line["kind"] for line in self.log.lines if line["level"] not in ("INFO", "DEBUG")}
        assert kinds <= WAITING
        assert bool(kinds) == waits


@pytest.fixture(scope="module")
def workers(planned: Json) -> Iterator[Rig]:
    with pytest.MonkeyPatch.context() as patch, own_logger("votes-poison") as log:
        patch.setenv("POWERTOOLS_SERVICE_NAME", "votes-poison")
        patch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
        patch.setattr(clock, "now_us", lambda: NOW_US)
        logs.metrics.cache_clear()
        yield Rig(planned, log)
        logs.metrics.cache_clear()


@pytest.fixture
def rig(workers: Rig) -> Rig:
    workers.forget()
    return workers


def test_there_are_two_hundred_and_no_two_alike() -> None:
    assert len(POISON) >= 350
    assert (
        len({(poison.body, poison.content_type) for poison in POISON})
        == len({poison.name for poison in POISON})
        == len(POISON)
    )
    assert [(one.name, one.body) for one in inputs()] == [(one.name, one.body) for one in POISON]


def test_what_they_must_become_is_not_one_thing_alone() -> None:
    by_queue = [
        [judged.on_ingest(text, NOW_US) for text in TEXTS.values()],
        [judged.on_count(text, SHARDS) for text in TEXTS.values()],
    ]
    over_http = [judged.by_http(poison, NOW_US) for poison in POISON]
    for fates in (*by_queue, over_http):
        assert sum(bool(fate.good) for fate in fates) >= 5
        assert sum(bool(fate.refused) for fate in fates) >= 250
    assert all(sum(fate.waits for fate in fates) >= 4 for fates in by_queue)
    assert sum(judged.on_tick(text).waits for text in TEXTS.values()) >= 6


@pytest.mark.parametrize("encoded", [False, True], ids=["text", "base64"])
@pytest.mark.parametrize("poison", POISON, ids=lambda poison: poison.name)
def test_receive(rig: Rig, poison: Poison, encoded: bool) -> None:
    body = base64.b64encode(poison.body).decode() if encoded else poison.body.decode(errors="replace")
    headers = {"content-type": poison.content_type} if poison.content_type else {}
    answer = Answer(rig.receive.handle(request(body, isBase64Encoded=encoded, headers=headers)))
    assert judged.wrong_answer(answer.status, answer.body, judged.by_http(poison, NOW_US)) == []
    accepted = answer.body.get("accepted", [])
    assert sum(len(messages.decode_ingest(sent, sent_at=NOW_US).ballots) for sent in rig.sent()) == len(accepted)
    assert [line for line in rig.log.lines if line["level"] == "ERROR"] == []


def test_receive_at_the_other_entrances(rig: Rig) -> None:
    for kind in ("alb", "function_url"):
        config = rig.receive._config.model_copy(update={"entrance": kind})
        worker = Receive(config, rig.sqs, witnessing())
        for poison in POISON:
            body = base64.b64encode(poison.body).decode()
            headers = {"content-type": poison.content_type} if poison.content_type else {}
            event = request(body, isBase64Encoded=True, headers=headers)
            reply = from_alb(worker.handle(as_alb(event))) if kind == "alb" else worker.handle(as_url(event))
            answer = Answer(reply)
            assert judged.wrong_answer(answer.status, answer.body, judged.by_http(poison, NOW_US)) == []
    assert [line for line in rig.log.lines if line["level"] == "ERROR"] == []


@each_text
def test_results(rig: Rig, name: str) -> None:
    event = request(None, method="GET", path="/v1/titles/x/results", pathParameters={"title_id": TEXTS[name]})
    answer = Answer(rig.results.handle(event))
    known = (404, "unknown-title") if judged.IDENTIFIER.fullmatch(TEXTS[name]) else (400, "bad-identifier")
    assert (answer.status, answer.body["code"]) == known
    assert judged.unclear(answer.body["message"]) == []


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"rawPath": None, "headers": None, "body": None},
        {"rawPath": "/v1/ballots", "requestContext": {"http": {"method": "POST"}}},
        {"rawPath": "/v1/titles/t/results", "requestContext": {"http": {"method": "GET"}}, "pathParameters": None},
        request("{}", path="/v1/ballots/../../etc/passwd"),
        request("{}", path="/v1/ballots\0"),
        request("{}", method="BREW"),
        request("{}", headers={"content-type": "application/json;" * 9_999}),
        request("{}", headers={"Content-Type": "application/json", "CONTENT-ENCODING": "gzip, gzip"}),
        request("{}", headers={"content-type": "application/json\r\nx: y"}),
    ],
    ids=range(10),
)
def test_odd_requests(rig: Rig, event: Json) -> None:
    for function in (rig.receive, rig.results):
        answer = Answer(function.handle(event))
        assert 400 <= answer.status < 500
        assert answer.body["message"]
    assert rig.sent() == []


@each_text
def test_process(rig: Rig, name: str) -> None:
    expected = judged.on_ingest(TEXTS[name], NOW_US)
    answer = rig.process.handle({"Records": [record(TEXTS[name])]}, Context())
    rig.check_failed(answer, expected.waits)
    rig.check_quarantine(expected.refused)
    assert _sent_on(rig) == sorted(ballot["voter_id"] for ballot in expected.good)


@each_text
def test_write(rig: Rig, name: str) -> None:
    expected = judged.on_count(TEXTS[name], SHARDS)
    answer = rig.write.handle({"Records": [record(TEXTS[name])]}, Context())
    rig.check_failed(answer, expected.waits)
    rig.check_quarantine(expected.refused)
    assert [ballot._asdict() for ballot in rig.counting.counted] == expected.good


@each_text
def test_tally(rig: Rig, name: str) -> None:
    expected, folds = judged.on_tick(TEXTS[name]), rig.folding.folds
    answer = rig.tally.handle({"Records": [record(TEXTS[name])]}, Context())
    rig.check_failed(answer, expected.waits)
    assert rig.folding.folds == folds + (not expected.waits)


def test_all_in_one_batch_spoil_nothing_for_each_other(rig: Rig) -> None:
    good = {"voter_id": "between", "title_id": "t", "votes": {"story": 5}}
    records = [one for text in TEXTS.values() for one in (record(text), record(json.dumps(good)))]
    expected = [judged.on_ingest(text, NOW_US) for text in TEXTS.values()]
    answer = rig.process.handle({"Records": records}, Context())
    waiting = [records[2 * place]["messageId"] for place, fate in enumerate(expected) if fate.waits]
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == waiting
    rig.check_quarantine(sum(fate.refused for fate in expected))
    assert _sent_on(rig) == sorted(
        [ballot["voter_id"] for fate in expected for ballot in fate.good] + ["between"] * len(TEXTS)
    )


def _sent_on(rig: Rig) -> list[str]:
    """The voters whose ballots are on the count queue."""
    return sorted(ballot.voter_id for body in rig.sent() for ballot in messages.decode_count(body, RULES).ballots)
