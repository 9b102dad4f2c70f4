"""Queues: what is sent, in how many requests, and what is done about refusals."""

import random

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import clock, logs, queues
from shared.queues import OutgoingMessage, back_off, failures, out_of_time, send_all
from tests.lambda_src.fakes import Sqs, refusal
from tests.lambda_src.stack import Context, record
from tests.support.captured import own_logger

URL = "https://queue.example/000000000000/queue"


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they go, as Terraform says it."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")


@pytest.fixture(autouse=True)
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses, not made."""
    made: list[float] = []
    monkeypatch.setattr(clock, "sleep", made.append)
    return made


def test_entries_carry_group_and_deduplication_id_only_where_given() -> None:
    sqs = Sqs()
    assert send_all(sqs, URL, [OutgoingMessage("a"), OutgoingMessage("b", "group", "id")]) == set()
    assert sqs.taken == [
        {"Id": "0", "MessageBody": "a"},
        {"Id": "1", "MessageBody": "b", "MessageGroupId": "group", "MessageDeduplicationId": "id"},
    ]


def test_nothing_to_send_is_no_request() -> None:
    sqs = Sqs()
    assert send_all(sqs, URL, []) == set()
    assert sqs.requests == []


def test_as_few_requests_as_fit() -> None:
    sqs = Sqs()
    assert send_all(sqs, URL, [OutgoingMessage(str(i)) for i in range(23)]) == set()
    assert [len(request) for request in sqs.requests] == [10, 10, 3]
    sqs = Sqs()
    assert send_all(sqs, URL, [OutgoingMessage("x" * 200_000)] * 11) == set()
    assert [len(request) for request in sqs.requests] == [5, 5, 1]
    sqs = Sqs()
    assert send_all(sqs, URL, [OutgoingMessage("x" * 524_288)] * 2) == set()
    assert [len(request) for request in sqs.requests] == [2]


def test_after_a_request_that_fails_as_a_whole_nothing_more_is_sent(sleeps: list[float]) -> None:
    def refuse(number: int, entry: object) -> str | None:
        if number == 1:
            raise refusal("SendMessageBatch")
        return None

    sqs = Sqs(refuse)
    assert send_all(sqs, URL, [OutgoingMessage(str(i)) for i in range(35)]) == set(range(10, 35))
    assert len(sqs.requests) == 2
    assert sleeps == []


@settings(max_examples=100, derandomize=True)
@given(st.integers(0, 40), st.integers(0, 2**32), st.sampled_from([0.0, 0.2, 0.9, 1.0]))
def test_what_is_not_reported_was_sent_once(count: int, seed: int, share: float) -> None:
    rng = random.Random(seed)
    sqs = Sqs(lambda number, entry: "InternalError" if rng.random() < share else None)
    unsent = send_all(sqs, URL, [OutgoingMessage(f"body {i}") for i in range(count)])
    assert sorted(entry["MessageBody"] for entry in sqs.taken) == sorted(
        f"body {i}" for i in range(count) if i not in unsent
    )
    assert unsent <= set(range(count))
    assert len(sqs.requests) <= 3 * -(-count // 10)


@pytest.mark.usefixtures("metrics")
def test_failures_name_each_message_once_in_order() -> None:
    assert failures(["b", "a", "b"]) == {"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "a"}]}
    assert failures([]) == {"batchItemFailures": []}


def test_how_many_messages_fail_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQS does not tell of them; one that is only kept did not fail."""
    counted: list[tuple[str, int]] = []
    monkeypatch.setattr(logs, "count_always", lambda name, n: counted.append((name, n)))
    answer = failures(["b", "a", "b"], kept=["a", "c"])
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["b", "a", "c"]
    failures([])
    assert counted == [("MessagesFailed", 2), ("MessagesFailed", 0)]


def test_out_of_time_by_the_first_look_at_a_context() -> None:
    long = Context(900_000, 135_000, 134_999)
    assert [out_of_time(long) for _ in range(3)] == [False, False, True]
    assert not out_of_time(Context(60_000))
    short = Context(10_000, 2_000, 1_999)
    assert [out_of_time(short) for _ in range(3)] == [False, False, True]


def test_back_off_stops_when_time_is_up() -> None:
    sqs = Sqs()
    back_off(sqs, URL, [record("x") for _ in range(50)], context=Context(30_000, 30_000, 1_000))
    assert sqs.visibility_requests == 2


def test_back_off_of_nothing_calls_nothing() -> None:
    sqs = Sqs()
    back_off(sqs, URL, [])
    assert sqs.visibility_requests == 0


def test_failure_lines_name_every_message_a_hundred_a_line() -> None:
    records = [record("x") for _ in range(250)]
    with own_logger("votes-write") as log:
        queues.failed("count", "Throttled", URL, records, shard=3)
        queues.failed("fold", "Throttled", URL, [])
    lines = [
        {name: line[name] for name in ("message", "place", "kind", "queue", "count", "message_ids")}
        for line in log.lines
    ]
    assert [line["count"] for line in lines] == [100, 100, 50, 0]
    assert [one for line in lines for one in line["message_ids"]] == [one["messageId"] for one in records]
    assert {(line["message"], line["kind"], line["queue"]) for line in lines} == {("failed", "Throttled", "queue")}
    assert [line.get("shard") for line in log.lines] == [3, 3, 3, None]


def test_errors_of_the_code_are_not_swallowed() -> None:
    class Broken:
        def send_message_batch(self, **request: object) -> None:
            raise TypeError("a bug")

    with pytest.raises(TypeError):
        send_all(Broken(), URL, [OutgoingMessage("a")])
    assert issubclass(ClientError, Exception)
    assert queues.ROUNDS == 3
