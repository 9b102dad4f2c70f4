"""The live page on the deployed votes pipeline: its law can fail, its buttons do what they say."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from tools.live.kept import Kept
from tools.live.local.place import Place
from tools.live.local.source import LocalSource
from tools.live.pipeline import pipelines
from tools.live.source import CURE
from tools.live.votes.watched import WatchedVotes
from tools.local_cloud.runs import Run
from tools.operations.conservation import checked
from tools.operations.deployment import Deployment
from tools.operations.findings import verdict as sentence
from tools.operations.mappings import state
from tools.operations.status import health
from tools.operations.votes.pipeline import PIPELINE
from tools.traffic.client import Client, in_parallel
from tools.traffic.votes import api, load
from tools.traffic.votes.bad_input import ballots_request
from tools.traffic.votes.verdict import Verdict

BOUND_SECONDS = 60.0
A_REQUEST, REQUESTS = 5, 3

Snap = dict[str, Any]


@pytest.fixture
def source(
    run: Run, deployment: Deployment, drained: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalSource]:
    """The source, on a pipeline at rest."""
    drained()
    monkeypatch.setattr(WatchedVotes, "grace_seconds", 0.5)
    made = LocalSource([Place(Kept.of(deployment), run, PIPELINE)], pipelines(), None)
    try:
        yield made
    finally:
        made.close()


def until(source: LocalSource, holds: Callable[[Snap], bool]) -> Snap:
    """The votes of the first sample of which it holds."""
    deadline = time.monotonic() + BOUND_SECONDS
    while True:
        said: Snap = source.sample()["pipelines"]["votes"]
        if said["law"] and holds(said):
            return said
        assert time.monotonic() < deadline, json.dumps(said["law"])
        time.sleep(0.2)


def is_law(word: str, **of: int) -> Callable[[Snap], bool]:
    """Whether the law is in a state, and has these terms."""

    def holds(said: Snap) -> bool:
        terms = {term["name"]: term["value"] for term in said["law"]["terms"]} | {"missing": said["law"]["missing"]}
        return said["law"]["state"] == word and of.items() <= terms.items()

    return holds


def test_a_message_that_is_stolen_breaks_the_law_and_a_mapping_is_cured(
    source: LocalSource, deployment: Deployment, drained: Callable[[], None]
) -> None:
    until(source, is_law("holds", queued=0))
    sqs, url = deployment.client("sqs"), deployment.outputs["queues"]["ingest"]["url"]
    lambda_, mapping = deployment.client("lambda"), deployment.outputs["mappings"]["process"]
    lambda_.update_event_source_mapping(UUID=mapping, Enabled=False)
    time.sleep(2)  # a poll that is under way takes what comes
    titles = (f"live-{number}" for number in range(A_REQUEST * REQUESTS))
    with closing(Client(deployment.outputs["api_url"])) as client:
        for _ in range(REQUESTS):
            some = [{"voter_id": "live", "title_id": next(titles), "votes": {"story": 4}} for _ in range(A_REQUEST)]
            assert api.post(client, ballots_request(some)).status == 202
    waits = until(source, is_law("holds", queued=A_REQUEST * REQUESTS))
    assert waits["nodes"]["queue/ingest"]["waiting"] == source.peek("votes", "queue/ingest")["of"] == REQUESTS
    ballot_id = json.loads(source.peek("votes", "ingest")["messages"][0]["body"])["ballots"][0]["ballot_id"]
    (_, now, later) = source.follow("votes", ballot_id)["steps"]
    assert (now["name"], now["state"], later["state"]) == ("on ingest", "now", "not-yet")

    (stolen,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=stolen["ReceiptHandle"])
    broken = until(source, is_law("broken", missing=A_REQUEST))
    assert "≠" in broken["law"]["text"]
    sqs.send_message(QueueUrl=url, MessageBody=stolen["Body"])
    until(source, is_law("holds", queued=A_REQUEST * REQUESTS))

    off = until(source, lambda said: any(one["cure"] for one in said["verdict"]["findings"]))
    (cure,) = [one["cure"] for one in off["verdict"]["findings"] if one["about"] == "function/process" and one["cure"]]
    source.do(CURE, [cure], {})
    until(source, is_law("holds", queued=0, missing=0))
    assert state(lambda_, mapping).is_on
    drained()
    counted = source.follow("votes", ballot_id)["steps"]
    assert [one["state"] for one in counted] == ["done"] * 4
    assert counted[1]["evidence"].endswith("→ {'story': 4}")


def test_at_rest_the_page_says_what_the_verdict_of_a_run_and_status_say(
    source: LocalSource, deployment: Deployment, drained: Callable[[], None]
) -> None:
    before = terms(until(source, is_law("holds", queued=0)))
    now, requests = datetime.now(UTC).isoformat(), []
    for number in range(REQUESTS):
        stamps = [{"ballot_id": secrets.token_hex(8), "cast_at": now} for _ in range(A_REQUEST)]
        some = [one | {"voter_id": "rest", "title_id": f"rest-{number % 2}", "votes": {"story": 4}} for one in stamps]
        requests += [ballots_request(some)] * 2  # each comes again
    run = Verdict()
    run.add_answers(
        load.build(1, 1, datetime.now(UTC)),
        requests,
        in_parallel(str(deployment.outputs["api_url"]), requests, api.post, 2),
    )
    assert (run.problems, run.distinct, run.repeats) == ([], A_REQUEST * REQUESTS, A_REQUEST * REQUESTS)
    drained()
    said = until(source, is_law("holds", queued=0, missing=0, accepted=before["accepted"] + run.distinct))
    after = terms(said)
    settled = sum(after[name] - before[name] for name in ("counted", "superseded", "quarantined"))
    assert (settled, after["quarantined"]) == (run.distinct, before["quarantined"])
    assert checked(deployment)["missing"] == said["law"]["missing"] == 0

    def agrees(said: Snap) -> bool:
        look = health(deployment, PIPELINE)
        # what other tests broke minutes ago is told too
        assert not [one for one in look.findings if "missing" in one or "dead letter" in one]
        if look.findings:  # their counts change from look to look
            return not said["verdict"]["well"]
        return bool(said["verdict"]["text"] == sentence([], look.well))

    until(source, agrees)


def terms(said: Snap) -> dict[str, int]:
    """How many items are what."""
    return {term["name"]: term["value"] for term in said["law"]["terms"]}
