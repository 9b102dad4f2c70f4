"""A voter's ballots go out of messages and quarantine; all else in them stays, in its order, and nothing is lost half-way."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from operations.erase_messages import HOLD_SECONDS, Found, in_dead_letters, in_quarantine, without
from operations.place import Place
from tests.support.ballots import START_US
from tests.support.counted import Counted
from votes import messages
from votes.ballot import Ballot
from votes.messages import CountMessage
from votes.quarantine import Quarantine, line_of

HIM, HER = "v1", "v12"  # one is the start of the other


def ballots(*voters: str) -> list[Ballot]:
    return [Ballot(voter, HIM, {"story": 5}, f"b{n}", START_US + n) for n, voter in enumerate(voters)]  # a title may have his name


def count_message(*voters: str) -> str:
    return messages.encode_count(CountMessage(1, 2, ballots(*voters)))


@pytest.mark.parametrize("encode", [count_message, lambda *voters: messages.encode_ingest(START_US, ballots(*voters))])
def test_messages(encode: Any) -> None:
    text, taken = without(encode(HIM, HER, HIM), HIM)
    assert taken == 2
    assert json.loads(text or "")["ballots"] == json.loads(encode("x", HER))["ballots"][1:]
    assert {key: value for key, value in json.loads(text or "").items() if key != "ballots"} == {
        key: value for key, value in json.loads(encode(HER)).items() if key != "ballots"
    }
    assert without(encode(HIM), HIM) == (None, 1)
    assert without(encode(HER), HIM) == (encode(HER), 0)


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
    assert without(text, HIM).text == left


def dead_letters(fifo: bool) -> tuple[Counted, Any, str]:
    counted = Counted()
    name = "dead.fifo" if fifo else "dead"
    counted.cloud.sqs.create_queue(name, {"FifoQueue": "true"} if fifo else {})
    sqs, url = counted.cloud.client("sqs"), counted.cloud.sqs.url(name)
    for number in range(30):
        voters = [HER, HIM] if number % 3 == 0 else [HIM] if number % 7 == 0 else [HER]
        body = json.dumps({"v": 1, "number": number, "ballots": [{"voter_id": voter, "number": number} for voter in voters]})
        more = {"MessageGroupId": "0" if number < 20 else "1", "MessageDeduplicationId": str(number)} if fifo else {}
        sqs.send_message(QueueUrl=url, MessageBody=body, **more)
    return counted, sqs, url


def taken_out(sqs: Any, url: str) -> list[dict[str, Any]]:
    """Every message of the queue, deleted as it is read."""
    found = []
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", []):
        for message in batch:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


HERS = [number for number in range(30) if number % 3 == 0 or number % 7]


@pytest.mark.parametrize("fifo", [False, True])
def test_dead_letters(fifo: bool) -> None:
    _, sqs, url = dead_letters(fifo)
    looked = in_dead_letters(sqs, url, HIM, change=False)
    assert looked.looked_at == (20 if fifo else 30)  # of a group ten
    told: list[Any] = []
    assert in_dead_letters(sqs, url, HIM, change=True, told=lambda **line: told.append(line)) == Found(30, 13, 13)
    assert sum(line["ballots"] for line in told) == 13
    assert in_dead_letters(sqs, url, HIM, change=False).holding == 0
    left = taken_out(sqs, url)
    assert sorted(message["number"] for message in left) == HERS
    assert all(message["ballots"] == [{"voter_id": HER, "number": message["number"]}] for message in left)
    if fifo:
        assert [message["number"] for message in left if message["number"] < 20] == [number for number in HERS if number < 20]


@pytest.mark.parametrize("fifo", [False, True])
def test_dead_letters_broken_at_every_call(fifo: bool) -> None:
    counted, sqs, url = dead_letters(fifo)
    places = counted.breaks.length(lambda: in_dead_letters(sqs, url, HIM, change=True))
    for place in range(places):
        counted, sqs, url = dead_letters(fifo)
        assert counted.breaks.broken(place, partial(in_dead_letters, sqs, url, HIM, change=True))
        counted.later(HOLD_SECONDS + 1)  # what it held comes back
        in_dead_letters(sqs, url, HIM, change=True)
        left = taken_out(sqs, url)
        assert {message["number"] for message in left} == set(HERS), place  # twice, perhaps: counting takes that
        assert all(ballot["voter_id"] == HER for message in left for ballot in message["ballots"])


def in_bucket(place: Place) -> dict[str, list[dict[str, Any]]]:
    s3 = place.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="quarantine").get("Contents", [])]
    read = {key: s3.get_object(Bucket="quarantine", Key=key)["Body"].read().decode() for key in keys}
    return {key: [json.loads(line) for line in text.splitlines()] for key, text in read.items()}


def test_quarantine(place: Place) -> None:
    s3 = place.client("s3")
    shelf = Quarantine(s3, "quarantine")
    his = {"voter_id": HIM, "title_id": "t", "votes": 7}
    hers = his | {"voter_id": HER}
    lines = [line_of("process", "bad-votes", "7", START_US, ballot=ballot) for ballot in (his, hers)]
    mixed = shelf.put("bad-votes", START_US, lines)
    only = shelf.put("bad-votes", START_US + 86_400_000_000, lines[:1])
    body = shelf.put("not-a-message", START_US, [line_of("count", "not-a-message", "no", START_US, body=count_message(HIM, HER))])
    poison = shelf.put("not-json", START_US, [line_of("count", "not-json", "no", START_US, body=f"{{{HIM}")])
    raw = shelf.put("unreadable-entry", START_US, [line_of("journal", "unreadable-entry", "no", START_US, body=HIM)])
    before = in_bucket(place)
    looked = in_quarantine(place, s3, HIM, change=False)
    assert (looked.found, looked.unreadable) == (Found(5, 4, 4), 1)
    assert in_bucket(place) == before
    assert in_quarantine(place, s3, HIM, change=True) == looked
    after = in_bucket(place)
    assert len(after) == 4
    assert {mixed, only, body, poison} & after.keys() == set()
    assert after[raw] == before[raw]
    ((line,),) = [lines for key, lines in after.items() if "not-a-message" in key]
    assert json.loads(line["body"])["ballots"] == [list(ballots("x", HER)[1])]
    said = [line["ballot"]["voter_id"] if "ballot" in line else line["body"] for key, lines in after.items() for line in lines]
    assert sorted(text for text in said if not text.startswith('{"')) == [HIM, HER, "{#erased"]
    assert in_quarantine(place, s3, HIM, change=True).found.holding == 0
    assert in_bucket(place) == after
