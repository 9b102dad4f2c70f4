"""Poison over HTTP and put by hand on each queue of the deployed stack, with good ballots in
between.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.logs import parsed
from tests.support import judged
from tests.support.judged import Judged
from tests.support.plan import FUNCTIONS
from tests.support.poison import Poison, inputs
from tools.operations import quarantine
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.traffic.client import Answer, Client, in_parallel
from tools.traffic.votes import api
from tools.traffic.votes.direct_count import DirectCount, differences

COUNTING = set(FUNCTIONS) - {"conservation", "probe"}  # those two find what others lost
CLIENTS, GOOD_EVERY = 4, 10
# what XML cannot hold
NOT_FOR_SQS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DEAD_WITHIN_SECONDS = 40


@dataclass
class Hand:
    """What was put on one queue by hand."""

    judge: Callable[[str], Judged]
    taken: list[tuple[str, Judged]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # for a later release, or for other shards
    not_taken: list[str] = field(default_factory=list)  # by SQS: names
    dead: list[str] = field(default_factory=list)


@dataclass
class Sent:
    """What was sent and what it must become, and what came of it."""

    began_ms: int
    answers: list[tuple[Poison, Answer, Judged]]
    by_hand: dict[str, Hand]
    quarantined: list[dict[str, Any]]


@pytest.fixture(scope="module")
def sent(deployment: Deployment, drained: Callable[[], None]) -> Iterator[Sent]:
    """All of it at once, drained; then, until it is dead letters, what waits.

    Leaves queues and quarantine as they were.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    now_us, began_ms, before = (
        int(now.timestamp()) * 1_000_000,
        int(time.time() * 1000),
        set(quarantine.keys(deployment, deployment.client("s3"))),
    )
    shards = deployment.outputs["settings"]["shards"]
    sqs, urls = deployment.client("sqs"), {name: queue["url"] for name, queue in deployment.outputs["queues"].items()}
    by_hand = {
        "ingest": Hand(lambda text: judged.on_ingest(text, now_us)),
        "count": Hand(lambda text: judged.on_count(text, shards)),
        "tick": Hand(judged.on_tick),
    }
    try:
        with ThreadPoolExecutor(len(by_hand) + 1) as workers:
            putting = [workers.submit(_put_all, sqs, urls[queue], hand, inputs(now)) for queue, hand in by_hand.items()]
            requests = _with_good_ones(inputs(now))
            answers = in_parallel(deployment.outputs["api_url"], requests, _post, CLIENTS)
        assert [future.result() for future in putting] == [None] * len(by_hand)
        drained()
        lines = list(_lines(deployment, set(quarantine.keys(deployment, deployment.client("s3"))) - before))
        with _soon_dead(deployment):
            for queue, hand in by_hand.items():
                for number, text in enumerate(hand.waiting):
                    _put(sqs, urls[queue], f"waiting-{number}", text)
            _until_dead(deployment, by_hand)
        fates = [judged.by_http(request, now_us) for request in requests]
        yield Sent(began_ms, list(zip(requests, answers, fates, strict=True)), by_hand, lines)
    finally:
        _clear(deployment, before)


def _with_good_ones(poison: Sequence[Poison]) -> list[Poison]:
    between = {"title_id": "antidote", "votes": {"story": 5}}
    mixed: list[Poison] = []
    for number, one in enumerate(poison):
        mixed.append(one)
        voter, left = divmod(number, GOOD_EVERY)
        if left == 0 and voter < len(poison) // GOOD_EVERY:
            mixed.append(Poison("good", json.dumps({"voter_id": f"between-{voter}", **between}).encode()))
    return mixed


def _post(client: Client, request: Poison) -> Answer:
    return client.call("POST", api.BALLOTS, request.body, request.content_type)


def _put_all(sqs: Any, url: str, hand: Hand, poison: Sequence[Poison]) -> None:
    """Put on a queue what is not to wait."""
    for one in poison:
        if one.text is not None and (fate := hand.judge(one.text)).waits:
            hand.waiting.append(one.text)
        elif one.text is None or not _put(sqs, url, one.name, one.text):
            hand.not_taken.append(one.name)
        else:
            hand.taken.append((one.text, fate))


def _put(sqs: Any, url: str, name: str, text: str) -> bool:
    """Put a message on a queue; False when SQS takes no such text."""
    fifo = (
        {"MessageGroupId": f"by-hand-{len(name) % 7}", "MessageDeduplicationId": f"{len(text)}-{hash(name)}"}
        if url.endswith(".fifo")
        else {}
    )
    try:
        sqs.send_message(QueueUrl=url, MessageBody=text, **fifo)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"InvalidMessageContents", "InvalidParameterValue", "MissingParameter"}:
            return False
        raise
    return True


@contextmanager
def _soon_dead(deployment: Deployment) -> Iterator[None]:
    """Messages that fail once are dead, for a while: what waits would take a minute otherwise."""
    sqs, urls = deployment.client("sqs"), [queue["url"] for queue in deployment.outputs["queues"].values()]
    name = "RedrivePolicy"
    policies = {url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name] for url in urls}
    try:
        for url, policy in policies.items():
            sqs.set_queue_attributes(
                QueueUrl=url, Attributes={name: json.dumps(json.loads(policy) | {"maxReceiveCount": 1})}
            )
        yield
    finally:
        for url, policy in policies.items():
            sqs.set_queue_attributes(QueueUrl=url, Attributes={name: policy})


def _until_dead(deployment: Deployment, by_hand: dict[str, Hand]) -> None:
    """Take dead letters until there are as many as there must be, and nothing is left on the
    queues.
    """
    sqs, queues = deployment.client("sqs"), deployment.outputs["queues"]
    deadline = time.monotonic() + DEAD_WITHIN_SECONDS
    while time.monotonic() < deadline:
        for queue, hand in by_hand.items():
            url = queues[queue]["dead_letter_url"]
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get(
                "Messages", ()
            ):
                hand.dead.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        if all(
            len(hand.dead) >= len(hand.waiting) and not depth(sqs, queues[queue]["url"]).total
            for queue, hand in by_hand.items()
        ):
            return
        time.sleep(0.2)
    left = {
        queue: (len(hand.dead), len(hand.waiting), depth(sqs, queues[queue]["url"])) for queue, hand in by_hand.items()
    }
    pytest.fail(
        f"after {DEAD_WITHIN_SECONDS} s dead letters, how many there must be, and what the queues hold still: {left}"
    )


def _lines(deployment: Deployment, keys: set[str]) -> Iterator[dict[str, Any]]:
    s3 = deployment.client("s3")
    for key in keys:
        body = s3.get_object(Bucket=deployment.outputs["quarantine_bucket"], Key=key)["Body"].read().decode()
        yield from (json.loads(line, parse_constant=pytest.fail) for line in body.splitlines())


def _clear(deployment: Deployment, before: set[str]) -> None:
    """Take away what was quarantined, so that other tests find only their own."""
    s3 = deployment.client("s3")
    found = [{"Key": key} for key in set(quarantine.keys(deployment, s3)) - before]
    for start in range(0, len(found), 1_000):
        s3.delete_objects(
            Bucket=deployment.outputs["quarantine_bucket"], Delete={"Objects": found[start : start + 1_000]}
        )


def test_there_are_two_hundred_each_way(sent: Sent) -> None:
    assert len({request.name for request, _, _ in sent.answers} - {"good"}) >= 350
    for hand in sent.by_hand.values():
        assert len(hand.taken) + len(hand.waiting) >= 330
        assert hand.not_taken == [poison.name for poison in inputs() if not _may_be_put(poison)]


def _may_be_put(poison: Poison) -> bool:
    """Whether SQS takes it: a text, not empty, of at most 1 MiB, of what XML can hold."""
    return bool(poison.text) and len(poison.body) <= 1_048_576 and not NOT_FOR_SQS.search(poison.text or "")


def test_every_request_is_answered_as_it_must_be(sent: Sent) -> None:
    wrong = {
        request.name: judged.wrong_answer(answer.status, answer.body, fate) for request, answer, fate in sent.answers
    }
    assert {name: problems for name, problems in wrong.items() if problems} == {}


def test_what_is_refused_on_a_queue_is_in_quarantine_with_a_reason(sent: Sent) -> None:
    expected = {queue: sum(fate.refused for _, fate in sent.by_hand[queue].taken) for queue in ("ingest", "count")}
    assert Counter(line["source"] for line in sent.quarantined) == expected
    assert [line for line in sent.quarantined if judged.unclear(line["detail"])] == []
    unread = Counter((line["source"], line["body"]) for line in sent.quarantined if "body" in line)
    refused: Counter[tuple[str, str]] = Counter()
    for queue, hand in sent.by_hand.items():
        refused.update((queue, text) for text, fate in hand.taken if fate.refused)
    assert unread <= refused
    assert unread.total() > 400


def test_what_is_good_is_counted_and_nothing_else(sent: Sent, deployment: Deployment) -> None:
    counted = DirectCount()
    fates = [fate for _, _, fate in sent.answers]
    for hand in sent.by_hand.values():
        fates += [fate for _, fate in hand.taken]
    for ballot in chain.from_iterable(fate.good for fate in fates):
        # a voter sends the same votes each time, so any stamp will do
        counted.add(ballot, "x", "2026-01-01T00:00:00Z")
    titles = counted.titles()
    results = in_parallel(deployment.outputs["api_url"], titles, api.results, CLIENTS)
    for title, result in zip(titles, results, strict=True):
        assert list(differences(counted, title, result)) == []
    assert counted.voters("antidote") == len(inputs()) // GOOD_EVERY
    assert counted.voters("poison") >= 30


def test_what_is_for_later_waits_as_a_dead_letter(sent: Sent) -> None:
    for hand in sent.by_hand.values():
        assert len(hand.waiting) >= 6
        assert Counter(hand.dead) == Counter(hand.waiting)


def test_no_function_crashed(sent: Sent, deployment: Deployment) -> None:
    """No error but of what waits; and no word of the runtime's about a crash or a timeout."""
    pages = deployment.client("logs").get_paginator("filter_log_events")
    events: list[str] = []
    for function in COUNTING:
        group = deployment.outputs["functions"][function]["log_group"]
        for page in pages.paginate(logGroupName=group, startTime=sent.began_ms):
            events += [event["message"] for event in page["events"]]
    assert len(events) > 1_000
    errors = [line for message in events if (line := parsed(message)).get("level") in {"WARNING", "ERROR", "CRITICAL"}]
    assert {line.get("kind") or line["message"] for line in errors} == {"NewerVersion", "ShardsDiffer"}
    assert [
        message for message in events if re.search(r"Traceback|Task timed out|errorType|Runtime\.|exited", message)
    ] == []
