"""Conservation in operation, deployed: a message lost by hand is named, a mapping that is off is
told, and the probe's age grows.

Other tests lose ballots too, and the schedules call both checks once a minute: so each look is
compared with the one before.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from rich.console import Console

from shared import witness
from shared.keys import Key
from shared.witness import Witnessing
from tools.operations.deployment import Deployment
from tools.operations.votes import witnesses
from tools.traffic.client import Client
from tools.traffic.votes import api
from tools.traffic.votes.bad_input import GOOD, ballots_request

BOUND = 20.0
Json = dict[str, Any]


def call(deployment: Deployment, function: str) -> Json:
    """Invoke a function as its schedule does."""
    answer = deployment.client("lambda").invoke(
        FunctionName=deployment.outputs["functions"][function]["arn"], Payload=b"{}"
    )
    said: Json = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return said


def lines(deployment: Deployment, function: str, since: float) -> list[Json]:
    """The JSON lines of a function's log since then."""
    group = deployment.outputs["functions"][function]["log_group"]
    events = deployment.client("logs").filter_log_events(logGroupName=group, startTime=int(since * 1000))["events"]
    return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]


@contextmanager
def off(deployment: Deployment, consumer: str) -> Iterator[None]:
    """Switch a consumer's mapping off, as a person or a breaker does, and on again."""
    lambda_, uuid = deployment.client("lambda"), deployment.outputs["mappings"][consumer]
    lambda_.update_event_source_mapping(UUID=uuid, Enabled=False)
    try:
        time.sleep(1.5)  # a poll under way ends
        yield
    finally:
        lambda_.update_event_source_mapping(UUID=uuid, Enabled=True)


def until(what: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + BOUND
    while not what():
        assert time.monotonic() < deadline, f"not within {BOUND:.0f} s"
        time.sleep(0.3)


def post(deployment: Deployment, *ballot_ids: str) -> None:
    """Send each ballot in a request of its own."""
    client = Client(deployment.outputs["api_url"])
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    for ballot_id in ballot_ids:
        ballot = GOOD | {"voter_id": ballot_id, "title_id": "conserved", "ballot_id": ballot_id, "cast_at": now}
        assert api.post(client, ballots_request([ballot])).status == 202
    client.close()


def lose(deployment: Deployment, ballot_id: str) -> None:
    """Take the ballot's message off the ingest queue and delete it; the others stay."""
    sqs, url = deployment.client("sqs"), deployment.outputs["queues"]["ingest"]["url"]
    bodies: dict[str, str] = {}

    def is_received() -> bool:
        taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60).get("Messages", [])
        bodies.update({message["ReceiptHandle"]: message["Body"] for message in taken})
        return any(ballot_id in body for body in bodies.values())

    until(is_received)
    for handle, body in bodies.items():
        if ballot_id in body:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
        else:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)


def hash_of(deployment: Deployment, ballot_id: str) -> str:
    """A ballot's name in lines, by the key that the deployed receive has made."""
    table = deployment.outputs["tables"]["votes"].removesuffix("votes") + "keys"
    (named,) = Witnessing(Key(deployment.client("dynamodb"), table, witness.KEY), 1).hashes([ballot_id])
    return named


def test_a_lost_message_is_named_and_a_mapping_that_is_off_is_told(deployment: Deployment) -> None:
    latency = deployment.outputs["settings"]["latency_seconds"]
    ids = [f"conserved-{time.time_ns()}-{name}" for name in ("kept", "lost", "also-kept")]
    call(deployment, "probe")  # so that there is a key
    lost = hash_of(deployment, ids[1])
    before = set(call(deployment, "conservation")["hashes"])
    with off(deployment, "process"):
        post(deployment, *ids)
        posted = time.time()
        lose(deployment, ids[1])
        assert call(deployment, "conservation")["mappings_off"] == ["process"]
        time.sleep(max(0.0, posted + latency + 0.2 - time.time()))
        waiting = call(deployment, "conservation")
        assert {hash_of(deployment, one) for one in ids} <= set(waiting["hashes"]) - before
        assert waiting["mappings_off"] == ["process"]
    until(lambda: set(call(deployment, "conservation")["hashes"]) - before == {lost})

    began = time.time()
    answer = call(deployment, "conservation")
    assert set(answer["hashes"]) - before == {lost}
    assert answer["mappings_off"] == []
    said = lines(deployment, "conservation", began)
    named = [line["hashes"] for line in said if line.get("message") == "witnesses missing"]
    assert set().union(*named) - before == {lost}
    assert [line["WitnessesMissing"] for line in said if "WitnessesMissing" in line][-1] == [
        float(len(answer["hashes"]))
    ]
    assert [line["MappingsOff"] for line in said if "MappingsOff" in line][-1] == [0.0]

    shown = io.StringIO()
    assert witnesses.run(deployment, Console(file=shown, width=200), minutes=None) == 1
    assert f"{lost}: accepted" in shown.getvalue()
    assert f"{len(answer['hashes'])} missing" in shown.getvalue()

    post(deployment, ids[1])  # its voter sends it again
    until(lambda: not set(call(deployment, "conservation")["hashes"]) - before)


def test_the_probe_is_counted_and_grows_old_when_a_mapping_is_off(
    deployment: Deployment, drained: Callable[[], None]
) -> None:
    call(deployment, "probe")
    drained()
    young = call(deployment, "probe")
    assert young["counted"]
    assert young["wrong"] is False
    assert young["age_seconds"] < 90, "not older than a round of the schedule, and the time to drain"
    with off(deployment, "write"):
        call(deployment, "probe")
        first = call(deployment, "probe")["age_seconds"]
        time.sleep(2)
        began = time.time()
        assert call(deployment, "probe")["age_seconds"] >= first + 2
        (age,) = [
            line["ProbeAgeSeconds"][0] for line in lines(deployment, "probe", began) if "ProbeAgeSeconds" in line
        ][-1:]
        assert age >= first + 2
    drained()
    assert call(deployment, "probe")["counted"]


@pytest.mark.parametrize("check", ["conservation", "probe"])
def test_the_schedule_is_every_minute(deployment: Deployment, check: str) -> None:
    schedule = deployment.client("scheduler").get_schedule(Name=f"sluice-local-votes-{check}")
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule["Target"]["Arn"] == deployment.outputs["functions"][check]["arn"]
