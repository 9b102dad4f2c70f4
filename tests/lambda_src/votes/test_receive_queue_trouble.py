"""receive when the queue does not take everything: retried, then reported; a ballot in `accepted`
is on the queue.
"""

import json
from typing import Any

import pytest

from tests.lambda_src.fakes import Sqs, refusal, unreachable
from tests.lambda_src.stack import Json, Stack, ballot, metrics, stamped

ASPECTS = [f"aspect-{i}" for i in range(25)]


@pytest.fixture(autouse=True)
def _deploy(stack: Stack) -> None:
    stack.setenv(ASPECTS=json.dumps([*ASPECTS, "story", "music"]))


def large_request() -> Json:
    """500 ballots that take two messages."""
    wide = {"voter_id": "v" * 64, "title_id": "t" * 64, "votes": dict.fromkeys(ASPECTS, 5)}
    return {"ballots": [stamped(**wide, ballot_id=f"{place:064d}") for place in range(500)]}


def second_message(entry: Json) -> bool:
    """Whether this is not the first message of the large request."""
    return f"{0:064d}" not in entry["MessageBody"]


def ids(sqs: Sqs) -> list[str]:
    """The ballot ids the queue took."""
    return [one["ballot_id"] for entry in sqs.taken for one in json.loads(entry["MessageBody"])["ballots"]]


def test_a_refused_entry_is_sent_again(stack: Stack) -> None:
    sqs = Sqs(lambda number, entry: "InternalError" if number == 0 and second_message(entry) else None)
    stack.replace_client("sqs", sqs)
    answer = stack.post(large_request())
    assert answer.status == 202
    assert len(answer.body["accepted"]) == len(ids(sqs)) == len(set(ids(sqs))) == 500
    assert [len(request) for request in sqs.requests] == [2, 1]
    assert len(stack.sleeps) == 1


def test_what_stays_refused_is_reported_ballot_by_ballot(stack: Stack) -> None:
    sqs = Sqs(lambda number, entry: "InternalError" if second_message(entry) else None)
    stack.replace_client("sqs", sqs)
    answer = stack.post(large_request())
    assert answer.status == 202
    assert [len(request) for request in sqs.requests] == [2, 1, 1]
    assert [one["ballot_id"] for one in answer.body["accepted"]] == ids(sqs)
    assert {one["code"] for one in answer.body["rejected"]} == {"queue-unavailable"}
    assert [one["index"] for one in answer.body["accepted"] + answer.body["rejected"]] == list(range(500))
    lines = stack.logged()
    assert metrics(lines)["BallotsNotSent"] == len(answer.body["rejected"])
    (line,) = [line for line in lines if line.get("level") == "ERROR"]
    assert (line["place"], line["kind"], line["count"]) == ("send", "InternalError", 1)
    (witnesses,) = [line for line in lines if line.get("witness")]
    assert len(witnesses["hashes"]) == len(ids(sqs))


def test_a_refusal_that_is_our_fault_is_not_repeated(stack: Stack) -> None:
    sqs = Sqs(lambda number, entry: "InvalidMessageContents" if second_message(entry) else None, sender_fault=True)
    stack.replace_client("sqs", sqs)
    assert stack.post(large_request()).status == 202
    assert len(sqs.requests) == 1


@pytest.mark.parametrize(
    "error", [refusal("SendMessageBatch"), refusal("SendMessageBatch", "AccessDenied"), unreachable()]
)
def test_when_the_queue_takes_nothing_it_is_503(stack: Stack, error: Exception) -> None:
    def refuse(number: int, entry: Any) -> str:
        raise error

    sqs = Sqs(refuse)
    stack.replace_client("sqs", sqs)
    answer = stack.post({"ballots": [ballot(), ballot(votes={})]})
    assert (answer.status, answer.body["code"]) == (503, "queue-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert [(one["index"], one["code"]) for one in answer.body["details"]["rejected"]] == [
        (0, "queue-unavailable"),
        (1, "empty-votes"),
    ]
    assert len(sqs.requests) == 1  # the client has repeated it by then
    assert not [line for line in stack.logged() if line.get("witness")]


def test_when_every_entry_is_refused_it_is_503(stack: Stack) -> None:
    sqs = Sqs(lambda number, entry: "InternalError")
    stack.replace_client("sqs", sqs)
    assert stack.post(large_request()).status == 503
    assert len(sqs.requests) == 3
    assert len(stack.sleeps) == 2
    assert sum(stack.sleeps) < 1


def test_a_table_of_keys_that_is_out_keeps_no_ballot_from_being_taken(stack: Stack) -> None:
    class Out:
        def get_item(self, **_: Any) -> None:
            raise unreachable()

    stack.replace_client("dynamodb", Out())
    assert stack.post(stamped()).status == 202
    lines = stack.logged()
    assert [line["kind"] for line in lines if line.get("message") == "witnesses not chosen"] == ["ConnectTimeoutError"]
    assert not [line for line in lines if line.get("witness")]
    assert len(stack.take("ingest")) == 1
