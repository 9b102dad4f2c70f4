"""Ballots over HTTP into the deployed stack, and what operators do with it afterwards."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

import pytest
from rich.console import Console

from tests.support.folds import fold_titles
from tools.common.errors import CommandError
from tools.operations import dead_letters, logs, quarantine, redrive, status
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.operations.votes import catalogue, recount, witnesses
from tools.operations.votes.pipeline import PIPELINE as VOTES
from tools.traffic.client import Answer, Client, in_parallel
from tools.traffic.votes import api, load
from tools.traffic.votes.bad_input import GOOD, ballots_request
from tools.traffic.votes.direct_count import DirectCount, differences
from tools.traffic.votes.verdict import Verdict
from votes.ballot import Ballot
from votes.messages import CountMessage, encode_count
from votes.shards import shard_of

CLIENTS = 4
Drained = Callable[[], None]


def _url(deployment: Deployment) -> str:
    return str(deployment.outputs["api_url"])


def _results(deployment: Deployment, titles: list[str]) -> list[dict[str, object] | None]:
    return in_parallel(_url(deployment), titles, api.results, CLIENTS)


@dataclass
class Sent:
    """What was sent: a load; many ballots of three busy voters on one title; and dead letters that
    were redriven.
    """

    plan: load.Load
    verdict: Verdict
    busy: DirectCount
    looked_at: list[tuple[str, str]]  # dead letters as an operator saw them: kind and group


REDRIVEN = GOOD | {
    "voter_id": "redriven",
    "title_id": "redriven-title",
    "ballot_id": "once",
    "cast_at": datetime.now(UTC).isoformat(),
}


@pytest.fixture(scope="module")
def sent(deployment: Deployment, drained: Drained) -> Sent:
    """Everything at once, from several clients; returns when it is counted."""
    plan = load.build(7, 400, datetime.now(UTC))
    catalogue.load(deployment, plan.catalogue)
    verdict = Verdict()
    looked_at = _redrive_dead_letters(deployment)
    for requests in (plan.requests, plan.late):
        verdict.add_answers(plan, requests, in_parallel(_url(deployment), requests, api.post, CLIENTS))
    for body in plan.by_hand:
        deployment.client("sqs").send_message(QueueUrl=deployment.outputs["queues"]["ingest"]["url"], MessageBody=body)
    verdict.add_by_hand(plan)
    busy = _send_busy(deployment)
    drained()
    return Sent(plan, verdict, busy, looked_at)


def _send_busy(deployment: Deployment) -> DirectCount:
    """Re-votes, withdrawals and duplicates of three voters on one title, from several clients at
    once.
    """
    counted = DirectCount()
    scores = [{"story": 1 + number % 5, "music": None if number % 7 == 0 else 3} for number in range(60)]
    ballots = [
        {"voter_id": f"busy-{number % 3}", "title_id": "busy-title", "votes": votes}
        for number, votes in enumerate(scores)
    ]
    now = datetime.now(UTC).isoformat()
    stamped = [ballot | {"ballot_id": f"busy-{number}", "cast_at": now} for number, ballot in enumerate(ballots)]
    requests = [ballots_request([ballot]) for ballot in [*stamped, *ballots, *stamped]]
    for request, answer in zip(requests, in_parallel(_url(deployment), requests, api.post, CLIENTS), strict=True):
        assert answer.status == 202
        (item,) = answer.body["accepted"]
        counted.add(request.ballots[0], item["ballot_id"], item["cast_at"])
    return counted


def _redrive_dead_letters(deployment: Deployment) -> list[tuple[str, str]]:
    """Put a dead letter beside the ingest and the count queue, look at them, and move them back."""
    sqs, queues = deployment.client("sqs"), deployment.outputs["queues"]
    shards = deployment.outputs["settings"]["shards"]
    shard = shard_of("grouped", shards)
    ballot = Ballot("grouped", "grouped-title", {"story": 4}, "b", int(time.time() * 1e6))
    body = encode_count(CountMessage(shard, shards, [ballot]))
    sqs.send_message(QueueUrl=queues["ingest"]["dead_letter_url"], MessageBody=json.dumps(REDRIVEN))
    sqs.send_message(
        QueueUrl=queues["count"]["dead_letter_url"],
        MessageBody=body,
        MessageGroupId=str(shard),
        MessageDeduplicationId="dead",
    )
    seen = []
    for name in ("ingest", "count"):
        dead = queues[name]["dead_letter_url"]
        letters = dead_letters.peek(sqs, dead, VOTES.summary_of)
        seen += [(letter.summary.kind, letter.group) for letter in letters]
        assert redrive.move(sqs, dead, queues[name]["url"]) == 1
        assert depth(sqs, dead).total == 0
    assert seen[1] == ("ballots to count", str(shard))
    return seen


def test_every_answer_is_the_expected_one(sent: Sent) -> None:
    assert sent.verdict.problems == []
    assert sent.verdict.repeats > 10
    assert sent.verdict.rejected > 20


def test_results_equal_a_direct_count(sent: Sent, deployment: Deployment) -> None:
    titles = sorted(
        {*sent.verdict.counted.titles(), load.CLOSED, load.NOT_OPEN, load.OPEN, "mv1000", "nobody-knows-this"}
    )
    sent.verdict.check_results(titles, _results(deployment, titles))
    assert sent.verdict.problems == []


def test_re_votes_and_duplicates_count_once(sent: Sent, deployment: Deployment) -> None:
    assert differences(sent.busy, "busy-title", _results(deployment, ["busy-title"])[0]) == []


def test_quarantine_holds_what_broke_a_rule(sent: Sent, deployment: Deployment) -> None:
    found = sent.verdict.check_quarantine(list(quarantine.lines(deployment, deployment.client("s3"))))
    assert sent.verdict.problems == []
    assert {"title-closed", "title-not-open", "not-json", "not-a-message", "bad-score"} <= set(found)


def test_every_accepted_ballot_was_settled(sent: Sent, deployment: Deployment) -> None:
    seen = witnesses.read(deployment)
    assert len(seen.accepted) >= sent.verdict.accepted - sent.verdict.repeats
    assert seen.missing == set()


def test_redriven_messages_count_once(sent: Sent, deployment: Deployment, drained: Drained) -> None:
    assert len(sent.looked_at) == 2
    counted = DirectCount()
    counted.add(REDRIVEN, "once", REDRIVEN["cast_at"])
    assert differences(counted, "redriven-title", _results(deployment, ["redriven-title"])[0]) == []
    grouped = _results(deployment, ["grouped-title"])[0]
    assert grouped is not None
    assert grouped["voters"] == 1

    sqs, queue = deployment.client("sqs"), deployment.outputs["queues"]["ingest"]
    sqs.send_message(
        QueueUrl=queue["dead_letter_url"], MessageBody=json.dumps(REDRIVEN)
    )  # all of it was counted before
    assert redrive.move(sqs, queue["dead_letter_url"], queue["url"]) == 1
    drained()
    assert differences(counted, "redriven-title", _results(deployment, ["redriven-title"])[0]) == []


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
def test_wrong_methods_and_paths(deployment: Deployment, method: str, path: str, expected: tuple[int, ...]) -> None:
    client = Client(_url(deployment))
    answer = client.call(method, path, json.dumps(GOOD).encode(), "application/json")
    client.close()
    assert answer.status in expected
    assert "message" in answer.body
    assert "Traceback" not in str(answer.body)


def test_recount_finds_nothing_and_then_what_was_spoilt(sent: Sent, deployment: Deployment) -> None:
    fold_titles(deployment)
    assert recount.run(deployment, Console(file=io.StringIO()), recount.Options()) == 0
    title = next(title for title in sent.verdict.counted.titles() if sent.verdict.counted.tally(title))
    dynamodb, table = deployment.client("dynamodb"), deployment.outputs["tables"]["tallies"]
    row = dynamodb.get_item(TableName=table, Key={"title_id": {"S": title}})["Item"]
    said = io.StringIO()
    try:
        dynamodb.put_item(TableName=table, Item=row | {"voters": {"N": str(int(row["voters"]["N"]) + 1)}})
        assert recount.run(deployment, Console(file=said), recount.Options()) == 1
    finally:
        dynamodb.put_item(TableName=table, Item=row)
    assert f"{title} voters: tallied" in said.getvalue()
    assert recount.run(deployment, Console(file=io.StringIO()), recount.Options(title)) == 0
    with pytest.raises(CommandError, match="nobody has voted"):
        recount.run(deployment, Console(file=io.StringIO()), recount.Options("nobody-voted-here"))


def test_status_and_logs_say_what_there_is(sent: Sent, deployment: Deployment) -> None:
    said = io.StringIO()
    console = Console(file=said, width=200)
    status.run([(deployment, VOTES)], console)
    assert "title-closed" in said.getvalue()
    assert "not folded yet" in said.getvalue()
    logs.run(deployment, console, logs.Options("write", minutes=30, lines=50, raw=True))
    assert "REPORT RequestId" in said.getvalue()
    everything = io.StringIO()
    logs.run(deployment, Console(file=everything), logs.Options(minutes=30, lines=100_000, raw=True))
    ballots = chain.from_iterable(request.ballots for request in sent.plan.requests if request.status == 202)
    voters = {str(ballot.get("voter_id")) for ballot in ballots if isinstance(ballot, dict)}
    assert not [voter for voter in voters if voter.startswith("voter-") and voter in everything.getvalue()]


def test_answers_are_never_kept_from_the_caller(deployment: Deployment) -> None:
    client = Client(_url(deployment))
    answer: Answer = api.post(client, ballots_request([GOOD, GOOD | {"votes": {"story": 6}}]))
    client.close()
    assert answer.status == 202
    assert [item["index"] for item in answer.body["accepted"]] == [0]
    (refused,) = answer.body["rejected"]
    assert (refused["index"], refused["code"]) == (1, "bad-score")
    assert "story" in refused["message"]
