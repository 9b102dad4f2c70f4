"""A voter's ballots go out of messages and quarantine; all else in them stays, in its order.

Nothing is lost half-way.
"""

from __future__ import annotations

import json
from functools import partial
from itertools import chain
from typing import Any

import pytest

from shared.quarantine import Quarantine, line_of
from tests.support.counted import Counted
from tools.operations.deployment import Deployment
from tools.operations.votes.erase_messages import HOLD_SECONDS, Occurrences, in_dead_letters, in_quarantine, without
from tools.simulation.votes.ballots import START_US
from votes import messages
from votes.ballot import Ballot
from votes.messages import CountMessage

VOTER, OTHER = "v1", "v12"  # one is the start of the other


def ballots(*voters: str) -> list[Ballot]:
    # a title may have the voter's name
    return [Ballot(voter, VOTER, {"story": 5}, f"b{n}", START_US + n) for n, voter in enumerate(voters)]


def count_message(*voters: str) -> str:
    return messages.encode_count(CountMessage(1, 2, ballots(*voters)))


@pytest.mark.parametrize("encode", [count_message, lambda *voters: messages.encode_ingest(START_US, ballots(*voters))])
def test_messages(encode: Any) -> None:
    text, taken = without(encode(VOTER, OTHER, VOTER), VOTER)
    assert taken == 2
    assert json.loads(text or "")["ballots"] == json.loads(encode("x", OTHER))["ballots"][1:]
    assert {key: value for key, value in json.loads(text or "").items() if key != "ballots"} == {
        key: value for key, value in json.loads(encode(OTHER)).items() if key != "ballots"
    }
    assert without(encode(VOTER), VOTER) == (None, 1)
    assert without(encode(OTHER), VOTER) == (encode(OTHER), 0)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('{"voter_id":"v1","title_id":"t"}', None),  # put on the queue by hand
        ('{"v\\u006fter_id":"v\\u0031"}', None),
        (
            '{"ballots":["v1",{"voter_id":["v1"]},{"voter_id":"v12"}]}',
            '{"ballots":["#erased",{"voter_id":["#erased"]},{"voter_id":"v12"}]}',
        ),
        ("no JSON, but v1 and v12", "no JSON, but #erased and v12"),
        ('{"voter_id":"v1","voter_id":"v2"}', '{"duplicated keys":[["voter_id","#erased"],["voter_id","v2"]]}'),
        ('{"slot":7}', '{"slot":7}'),
        ('"\\ud800"', '"\\ud800"'),
    ],
)
def test_what_is_no_message_of_ours(text: str, left: str | None) -> None:
    assert without(text, VOTER).text == left


def dead_letters(fifo: bool) -> tuple[Counted, Any, str]:
    counted = Counted()
    name = "dead.fifo" if fifo else "dead"
    counted.cloud.sqs.create_queue(name, {"FifoQueue": "true"} if fifo else {})
    sqs, url = counted.cloud.client("sqs"), counted.cloud.sqs.url(name)
    for number in range(30):
        voters = [OTHER, VOTER] if number % 3 == 0 else [VOTER] if number % 7 == 0 else [OTHER]
        body = json.dumps(
            {"v": 1, "number": number, "ballots": [{"voter_id": voter, "number": number} for voter in voters]}
        )
        more = {"MessageGroupId": "0" if number < 20 else "1", "MessageDeduplicationId": str(number)} if fifo else {}
        sqs.send_message(QueueUrl=url, MessageBody=body, **more)
    return counted, sqs, url


def taken_out(sqs: Any, url: str) -> list[dict[str, Any]]:
    """Every message of the queue, deleted as it is read."""
    found = []
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get(
        "Messages", []
    ):
        for message in batch:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


LEFT = [number for number in range(30) if number % 3 == 0 or number % 7]


@pytest.mark.parametrize("fifo", [False, True])
def test_dead_letters(fifo: bool) -> None:
    _, sqs, url = dead_letters(fifo)
    looked = in_dead_letters(sqs, url, VOTER, change=False)
    assert looked.looked_at == (20 if fifo else 30)  # of a group ten
    changed: list[Any] = []
    found = in_dead_letters(sqs, url, VOTER, change=True, on_changed=lambda **line: changed.append(line))
    assert found == Occurrences(30, 13, 13)
    assert sum(line["ballots"] for line in changed) == 13
    assert in_dead_letters(sqs, url, VOTER, change=False).holding == 0
    left = taken_out(sqs, url)
    assert sorted(message["number"] for message in left) == LEFT
    assert all(message["ballots"] == [{"voter_id": OTHER, "number": message["number"]}] for message in left)
    if fifo:
        assert [message["number"] for message in left if message["number"] < 20] == [
            number for number in LEFT if number < 20
        ]


@pytest.mark.parametrize("fifo", [False, True])
def test_dead_letters_broken_at_every_call(fifo: bool) -> None:
    counted, sqs, url = dead_letters(fifo)
    calls = counted.breaks.length(lambda: in_dead_letters(sqs, url, VOTER, change=True))
    for call in range(calls):
        counted, sqs, url = dead_letters(fifo)
        assert counted.breaks.broken(call, partial(in_dead_letters, sqs, url, VOTER, change=True))
        counted.later(HOLD_SECONDS + 1)  # what it held comes back
        in_dead_letters(sqs, url, VOTER, change=True)
        left = taken_out(sqs, url)
        # twice, perhaps: counting takes that
        assert {message["number"] for message in left} == set(LEFT), call
        ballots_left = chain.from_iterable(message["ballots"] for message in left)
        assert {ballot["voter_id"] for ballot in ballots_left} == {OTHER}


def in_bucket(deployment: Deployment) -> dict[str, list[dict[str, Any]]]:
    s3 = deployment.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="quarantine").get("Contents", [])]
    read = {key: s3.get_object(Bucket="quarantine", Key=key)["Body"].read().decode() for key in keys}
    return {key: list(map(json.loads, text.splitlines())) for key, text in read.items()}


def test_quarantine(deployment: Deployment) -> None:
    s3 = deployment.client("s3")
    store = Quarantine(s3, "quarantine")
    own = {"voter_id": VOTER, "title_id": "t", "votes": 7}
    others = own | {"voter_id": OTHER}
    lines = [line_of("process", "bad-votes", "7", START_US, ballot=ballot) for ballot in (own, others)]
    mixed = store.put("bad-votes", START_US, lines)
    only = store.put("bad-votes", START_US + 86_400_000_000, lines[:1])
    body = store.put(
        "not-a-message", START_US, [line_of("count", "not-a-message", "no", START_US, body=count_message(VOTER, OTHER))]
    )
    poison = store.put("not-json", START_US, [line_of("count", "not-json", "no", START_US, body=f"{{{VOTER}")])
    raw = store.put("unreadable-entry", START_US, [line_of("journal", "unreadable-entry", "no", START_US, body=VOTER)])
    before = in_bucket(deployment)
    looked = in_quarantine(deployment, s3, VOTER, change=False)
    assert (looked.occurrences, looked.unreadable) == (Occurrences(5, 4, 4), 1)
    assert in_bucket(deployment) == before
    changed: list[dict[str, Any]] = []
    on_changed = lambda **line: changed.append(line)  # noqa: E731
    assert in_quarantine(deployment, s3, VOTER, change=True, on_changed=on_changed) == looked
    after = in_bucket(deployment)
    assert {line["quarantined"]: line.get("put") in after for line in changed} == {
        mixed: True,
        only: False,
        body: True,
        poison: True,
    }
    assert len(after) == 4
    assert {mixed, only, body, poison} & after.keys() == set()
    assert after[raw] == before[raw]
    ((line,),) = [lines for key, lines in after.items() if "not-a-message" in key]
    assert json.loads(line["body"])["ballots"] == [list(ballots("x", OTHER)[1])]
    lines_left = chain.from_iterable(after.values())
    texts = [line["ballot"]["voter_id"] if "ballot" in line else line["body"] for line in lines_left]
    assert sorted(text for text in texts if not text.startswith('{"')) == [VOTER, OTHER, "{#erased"]
    assert in_quarantine(deployment, s3, VOTER, change=True).occurrences.holding == 0
    assert in_bucket(deployment) == after
