"""Ballots over HTTP into the deployed stack, and what operators do with it afterwards."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rich.console import Console

from devcloud import load
from devcloud.bad_input import GOOD, ballots_request
from devcloud.direct_count import DirectCount, differences
from devcloud.runs import LocalCloudError
from devcloud.send import Answer, Client, in_parallel
from devcloud.verdict import Verdict
from operations import catalogue, logs, quarantine, recount, redrive, status, witnesses
from operations.place import Place
from operations.queues import depth

CLIENTS = 6
Drained = Callable[[], None]


def _url(place: Place) -> str:
    return str(place.outputs["votes_api_url"])


def _results(place: Place, titles: list[str]) -> list[dict[str, object] | None]:
    return in_parallel(_url(place), titles, Client.results, CLIENTS)


@pytest.fixture(scope="module")
def sent(place: Place) -> tuple[load.Load, Verdict]:
    """A few hundred ballots from several clients at once, with bad input, repeats and messages put on the queue by hand."""
    plan = load.build(7, 400, datetime.now(UTC))
    catalogue.put(place.client("dynamodb"), place.outputs["tables"]["catalogue"], catalogue.parse(plan.catalogue))
    verdict = Verdict()
    for requests in (plan.requests, plan.late):
        verdict.add_answers(plan, requests, in_parallel(_url(place), requests, Client.post, CLIENTS))
    for body in plan.by_hand:
        place.client("sqs").send_message(QueueUrl=place.outputs["queues"]["ingest"]["url"], MessageBody=body)
    verdict.add_by_hand(plan)
    return plan, verdict


def test_every_answer_is_the_expected_one(sent: tuple[load.Load, Verdict]) -> None:
    _, verdict = sent
    assert verdict.problems == []
    assert verdict.repeats > 10
    assert verdict.rejected > 20


def test_results_equal_a_direct_count(sent: tuple[load.Load, Verdict], place: Place, drained: Drained) -> None:
    plan, verdict = sent
    drained()
    titles = sorted({*verdict.counted.titles(), load.CLOSED, load.NOT_OPEN, load.OPEN, "mv1000", "nobody-knows-this"})
    verdict.check_results(titles, _results(place, titles))
    verdict.check_quarantine(list(quarantine.lines(place, place.client("s3"))))
    assert verdict.problems == []
    assert {"title-closed", "title-not-open"} <= set(plan.windows.values())


def test_every_accepted_ballot_was_settled(sent: tuple[load.Load, Verdict], place: Place, drained: Drained) -> None:
    _, verdict = sent
    drained()
    seen = witnesses.read(place)
    assert len(seen.accepted) >= verdict.accepted - verdict.repeats
    assert seen.missing == set()


def test_re_votes_and_duplicates_of_one_voter_from_several_clients_at_once(place: Place, drained: Drained) -> None:
    counted = DirectCount()
    ballots = [
        {
            "voter_id": f"busy-{number % 3}",
            "title_id": "busy-title",
            "votes": {"story": 1 + number % 5, "music": None if number % 7 == 0 else 3},
        }
        for number in range(60)
    ]
    now = datetime.now(UTC).isoformat()
    stamped = [ballot | {"ballot_id": f"busy-{number}", "cast_at": now} for number, ballot in enumerate(ballots)]
    requests = [ballots_request([ballot]) for ballot in [*stamped, *ballots, *stamped]]
    for request, answer in zip(requests, in_parallel(_url(place), requests, Client.post, 8), strict=True):
        assert answer.status == 202
        (item,) = answer.body["accepted"]
        counted.add(request.ballots[0], item["ballot_id"], item["cast_at"])
    drained()
    assert differences(counted, "busy-title", _results(place, ["busy-title"])[0]) == []


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/ballots", (404, 405)),
        ("DELETE", "/v1/ballots", (404, 405)),
        ("POST", "/v1/ballot", (404,)),
        ("GET", "/v1/titles/mv0001", (404,)),
        ("GET", "/v1/titles/no%20title/results", (400,)),
        ("GET", f"/v1/titles/{'x' * 65}/results", (400,)),
        ("GET", "/v1/titles/nobody-voted-here/results", (404,)),
    ],
)
def test_wrong_methods_and_paths(place: Place, method: str, path: str, expected: tuple[int, ...]) -> None:
    client = Client(_url(place))
    answer = client.call(method, path, json.dumps(GOOD).encode(), "application/json")
    client.close()
    assert answer.status in expected
    assert "message" in answer.body
    assert "Traceback" not in str(answer.body)


def test_dead_letters_are_looked_at_and_count_once_after_a_redrive(place: Place, drained: Drained) -> None:
    sqs, queues = place.client("sqs"), place.outputs["queues"]
    good = GOOD | {"voter_id": "redriven", "title_id": "redriven-title", "ballot_id": "once", "cast_at": datetime.now(UTC).isoformat()}
    counted = DirectCount()
    counted.add(good, "once", good["cast_at"])
    for _ in range(2):  # the second time everything was counted before
        sqs.send_message(QueueUrl=queues["ingest"]["dead_letter_url"], MessageBody=json.dumps(good))
        assert redrive.inspect(sqs, queues["ingest"]["dead_letter_url"]).total() == 1
        moved = redrive.move(sqs, queues["ingest"]["dead_letter_url"], queues["ingest"]["url"])
        assert moved.count == 1
        assert depth(sqs, queues["ingest"]["dead_letter_url"]).total == 0
        drained()
        assert differences(counted, "redriven-title", _results(place, ["redriven-title"])[0]) == []


def test_a_redriven_count_message_keeps_its_group(place: Place, drained: Drained) -> None:
    from votes.ballot import Ballot
    from votes.messages import CountMessage, encode_count
    from votes.shards import shard_of

    sqs, queues = place.client("sqs"), place.outputs["queues"]
    shards = place.outputs["settings"]["shards"]
    shard = shard_of("grouped", shards)
    ballot = Ballot("grouped", "grouped-title", {"story": 4}, "b", int(time.time() * 1e6))
    body = encode_count(CountMessage(shard, shards, [ballot]))
    sqs.send_message(
        QueueUrl=queues["count"]["dead_letter_url"], MessageBody=body, MessageGroupId=str(shard), MessageDeduplicationId="dead"
    )
    seen = redrive.inspect(sqs, queues["count"]["dead_letter_url"])
    assert list(seen) == [(f"ballots of shard {shard}", str(shard))]
    assert redrive.move(sqs, queues["count"]["dead_letter_url"], queues["count"]["url"]).count == 1
    drained()
    found = _results(place, ["grouped-title"])[0]
    assert found is not None
    assert found["voters"] == 1


def test_recount_finds_nothing_and_then_what_was_spoilt(sent: tuple[load.Load, Verdict], place: Place, drained: Drained) -> None:
    _, verdict = sent
    drained()
    assert recount.show(place, Console(file=io.StringIO()), title=None) == 0
    title = next(title for title in verdict.counted.titles() if verdict.counted.tally(title))
    dynamodb, table = place.client("dynamodb"), place.outputs["tables"]["tallies"]
    row = dynamodb.get_item(TableName=table, Key={"title_id": {"S": title}})["Item"]
    said = io.StringIO()
    try:
        dynamodb.put_item(TableName=table, Item=row | {"voters": {"N": str(int(row["voters"]["N"]) + 1)}})
        assert recount.show(place, Console(file=said), title=None) == 1
    finally:
        dynamodb.put_item(TableName=table, Item=row)
    assert f"{title} voters: tallied" in said.getvalue()
    assert recount.show(place, Console(file=io.StringIO()), title=title) == 0
    with pytest.raises(LocalCloudError, match="nobody has voted"):
        recount.show(place, Console(file=io.StringIO()), title="nobody-voted-here")


def test_status_and_logs_say_what_there_is(sent: tuple[load.Load, Verdict], place: Place, drained: Drained) -> None:
    drained()
    said = io.StringIO()
    console = Console(file=said, width=200)
    status.show(place, console)
    assert "title-closed" in said.getvalue()
    assert "0 not folded yet" in said.getvalue()
    logs.show(place, console, function="write", minutes=30, lines=50)
    assert "votes-write" in said.getvalue()
    everything = io.StringIO()
    logs.show(place, Console(file=everything), function=None, minutes=30, lines=100_000)
    assert not [
        ballot for request in sent[0].requests for ballot in request.ballots if isinstance(ballot, dict) and _named(ballot, everything)
    ]


def _named(ballot: dict[str, object], said: io.StringIO) -> bool:
    """Whether a log line names the voter."""
    voter = ballot.get("voter_id")
    return isinstance(voter, str) and voter.startswith("voter-") and voter in said.getvalue()


def test_answers_are_never_kept_from_the_caller(place: Place) -> None:
    client = Client(_url(place))
    answer: Answer = client.post(ballots_request([GOOD, GOOD | {"votes": {"story": 6}}]))
    client.close()
    assert answer.status == 202
    assert [item["index"] for item in answer.body["accepted"]] == [0]
    (refused,) = answer.body["rejected"]
    assert (refused["index"], refused["code"]) == (1, "bad-score")
    assert "story" in refused["message"]
