"""Ballots over HTTP into the deployed stack, and what operators do with it afterwards."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from rich.console import Console

from demo import load
from demo.bad_input import GOOD, ballots_request
from demo.direct_count import DirectCount, differences
from demo.send import Answer, Client, in_parallel
from demo.verdict import Verdict
from devcloud.runs import LocalCloudError
from operations import catalogue, logs, quarantine, recount, redrive, redrive_look, status, witnesses
from operations.place import Place
from operations.queues import depth
from votes.ballot import Ballot
from votes.messages import CountMessage, encode_count
from votes.shards import shard_of

CLIENTS = 4
Drained = Callable[[], None]


def _url(place: Place) -> str:
    return str(place.outputs["votes_api_url"])


def _results(place: Place, titles: list[str]) -> list[dict[str, object] | None]:
    return in_parallel(_url(place), titles, Client.results, CLIENTS)


@dataclass
class Sent:
    """What was sent: a load; many ballots of three busy voters on one title; and dead letters that were redriven."""

    plan: load.Load
    verdict: Verdict
    busy: DirectCount
    looked_at: list[tuple[str, str]]  # dead letters as an operator saw them: kind and group


REDRIVEN = GOOD | {"voter_id": "redriven", "title_id": "redriven-title", "ballot_id": "once", "cast_at": datetime.now(UTC).isoformat()}


@pytest.fixture(scope="module")
def sent(place: Place, drained: Drained) -> Sent:
    """Everything at once, from several clients; returns when it is counted."""
    plan = load.build(7, 400, datetime.now(UTC))
    catalogue.put(place.client("dynamodb"), place.outputs["tables"]["catalogue"], catalogue.parse(plan.catalogue))
    verdict = Verdict()
    looked_at = _redrive_dead_letters(place)
    for requests in (plan.requests, plan.late):
        verdict.add_answers(plan, requests, in_parallel(_url(place), requests, Client.post, CLIENTS))
    for body in plan.by_hand:
        place.client("sqs").send_message(QueueUrl=place.outputs["queues"]["ingest"]["url"], MessageBody=body)
    verdict.add_by_hand(plan)
    busy = _send_busy(place)
    drained()
    return Sent(plan, verdict, busy, looked_at)


def _send_busy(place: Place) -> DirectCount:
    """Re-votes, withdrawals and duplicates of three voters on one title, from several clients at once."""
    counted = DirectCount()
    scores = [{"story": 1 + number % 5, "music": None if number % 7 == 0 else 3} for number in range(60)]
    ballots = [{"voter_id": f"busy-{number % 3}", "title_id": "busy-title", "votes": votes} for number, votes in enumerate(scores)]
    now = datetime.now(UTC).isoformat()
    stamped = [ballot | {"ballot_id": f"busy-{number}", "cast_at": now} for number, ballot in enumerate(ballots)]
    requests = [ballots_request([ballot]) for ballot in [*stamped, *ballots, *stamped]]
    for request, answer in zip(requests, in_parallel(_url(place), requests, Client.post, CLIENTS), strict=True):
        assert answer.status == 202
        (item,) = answer.body["accepted"]
        counted.add(request.ballots[0], item["ballot_id"], item["cast_at"])
    return counted


def _redrive_dead_letters(place: Place) -> list[tuple[str, str]]:
    """Put a dead letter beside the ingest and the count queue, look at them, and move them back."""
    sqs, queues = place.client("sqs"), place.outputs["queues"]
    shards = place.outputs["settings"]["shards"]
    shard = shard_of("grouped", shards)
    ballot = Ballot("grouped", "grouped-title", {"story": 4}, "b", int(time.time() * 1e6))
    body = encode_count(CountMessage(shard, shards, [ballot]))
    sqs.send_message(QueueUrl=queues["ingest"]["dead_letter_url"], MessageBody=json.dumps(REDRIVEN))
    sqs.send_message(
        QueueUrl=queues["count"]["dead_letter_url"], MessageBody=body, MessageGroupId=str(shard), MessageDeduplicationId="dead"
    )
    seen = []
    for name in ("ingest", "count"):
        dead = queues[name]["dead_letter_url"]
        seen += [(letter.kind, letter.group) for letter in redrive_look.look(sqs, dead)]
        assert redrive.move(sqs, dead, queues[name]["url"]).count == 1
        assert depth(sqs, dead).total == 0
    assert seen[1] == ("ballots to count", str(shard))
    return seen


def test_every_answer_is_the_expected_one(sent: Sent) -> None:
    assert sent.verdict.problems == []
    assert sent.verdict.repeats > 10
    assert sent.verdict.rejected > 20


def test_results_equal_a_direct_count(sent: Sent, place: Place) -> None:
    titles = sorted({*sent.verdict.counted.titles(), load.CLOSED, load.NOT_OPEN, load.OPEN, "mv1000", "nobody-knows-this"})
    sent.verdict.check_results(titles, _results(place, titles))
    assert sent.verdict.problems == []


def test_re_votes_and_duplicates_count_once(sent: Sent, place: Place) -> None:
    assert differences(sent.busy, "busy-title", _results(place, ["busy-title"])[0]) == []


def test_quarantine_holds_what_broke_a_rule(sent: Sent, place: Place) -> None:
    found = sent.verdict.check_quarantine(list(quarantine.lines(place, place.client("s3"))))
    assert sent.verdict.problems == []
    assert {"title-closed", "title-not-open", "not-json", "not-a-message", "bad-score"} <= set(found)


def test_every_accepted_ballot_was_settled(sent: Sent, place: Place) -> None:
    seen = witnesses.read(place)
    assert len(seen.accepted) >= sent.verdict.accepted - sent.verdict.repeats
    assert seen.missing == set()


def test_redriven_messages_count_once(sent: Sent, place: Place, drained: Drained) -> None:
    assert len(sent.looked_at) == 2
    counted = DirectCount()
    counted.add(REDRIVEN, "once", REDRIVEN["cast_at"])
    assert differences(counted, "redriven-title", _results(place, ["redriven-title"])[0]) == []
    grouped = _results(place, ["grouped-title"])[0]
    assert grouped is not None
    assert grouped["voters"] == 1

    sqs, queue = place.client("sqs"), place.outputs["queues"]["ingest"]
    sqs.send_message(QueueUrl=queue["dead_letter_url"], MessageBody=json.dumps(REDRIVEN))  # all of it was counted before
    assert redrive.move(sqs, queue["dead_letter_url"], queue["url"]).count == 1
    drained()
    assert differences(counted, "redriven-title", _results(place, ["redriven-title"])[0]) == []


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


def test_recount_finds_nothing_and_then_what_was_spoilt(sent: Sent, place: Place) -> None:
    assert recount.run(place, Console(file=io.StringIO()), recount.Order()) == 0
    title = next(title for title in sent.verdict.counted.titles() if sent.verdict.counted.tally(title))
    dynamodb, table = place.client("dynamodb"), place.outputs["tables"]["tallies"]
    row = dynamodb.get_item(TableName=table, Key={"title_id": {"S": title}})["Item"]
    said = io.StringIO()
    try:
        dynamodb.put_item(TableName=table, Item=row | {"voters": {"N": str(int(row["voters"]["N"]) + 1)}})
        assert recount.run(place, Console(file=said), recount.Order()) == 1
    finally:
        dynamodb.put_item(TableName=table, Item=row)
    assert f"{title} voters: tallied" in said.getvalue()
    assert recount.run(place, Console(file=io.StringIO()), recount.Order(title)) == 0
    with pytest.raises(LocalCloudError, match="nobody has voted"):
        recount.run(place, Console(file=io.StringIO()), recount.Order("nobody-voted-here"))


def test_status_and_logs_say_what_there_is(sent: Sent, place: Place) -> None:
    said = io.StringIO()
    console = Console(file=said, width=200)
    status.show(place, console)
    assert "title-closed" in said.getvalue()
    assert "not folded yet" in said.getvalue()
    logs.show(place, console, function="write", minutes=30, lines=50)
    assert "votes-write" in said.getvalue()
    everything = io.StringIO()
    logs.show(place, Console(file=everything), function=None, minutes=30, lines=100_000)
    ballots = [ballot for request in sent.plan.requests if request.status == 202 for ballot in request.ballots if isinstance(ballot, dict)]
    voters = {str(ballot.get("voter_id")) for ballot in ballots}
    assert not [voter for voter in voters if voter.startswith("voter-") and voter in everything.getvalue()]


def test_answers_are_never_kept_from_the_caller(place: Place) -> None:
    client = Client(_url(place))
    answer: Answer = client.post(ballots_request([GOOD, GOOD | {"votes": {"story": 6}}]))
    client.close()
    assert answer.status == 202
    assert [item["index"] for item in answer.body["accepted"]] == [0]
    (refused,) = answer.body["rejected"]
    assert (refused["index"], refused["code"]) == (1, "bad-score")
    assert "story" in refused["message"]
