"""Conservation in operation, deployed: a message lost by hand is named, a mapping that is off is told, and the probe's age grows.

Other tests lose ballots too, and the schedules call both checks once a minute: so each look is compared with the one before.
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

from demo.bad_input import GOOD, ballots_request
from demo.send import Client
from operations import witnesses
from operations.place import Place
from votes import witness

BOUND = 20.0
Json = dict[str, Any]


def call(place: Place, function: str) -> Json:
    """Invoke a function as its schedule does."""
    answer = place.client("lambda").invoke(FunctionName=place.outputs["functions"][function]["arn"], Payload=b"{}")
    said: Json = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return said


def lines(place: Place, function: str, since: float) -> list[Json]:
    """The JSON lines of a function's log since then."""
    group = place.outputs["functions"][function]["log_group"]
    events = place.client("logs").filter_log_events(logGroupName=group, startTime=int(since * 1000))["events"]
    return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]


@contextmanager
def off(place: Place, consumer: str) -> Iterator[None]:
    """Switch a consumer's mapping off, as a person or a breaker does, and on again."""
    lambda_, uuid = place.client("lambda"), place.outputs["mappings"][consumer]
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


def post(place: Place, *ballot_ids: str) -> None:
    """Send each ballot in a request of its own."""
    client = Client(place.outputs["votes_api_url"])
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    for ballot_id in ballot_ids:
        ballot = GOOD | {"voter_id": ballot_id, "title_id": "conserved", "ballot_id": ballot_id, "cast_at": now}
        assert client.post(ballots_request([ballot])).status == 202
    client.close()


def lose(place: Place, ballot_id: str) -> None:
    """Take the ballot's message off the ingest queue and delete it; the others stay."""
    sqs, url = place.client("sqs"), place.outputs["queues"]["ingest"]["url"]
    held: dict[str, str] = {}

    def found() -> bool:
        taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60).get("Messages", [])
        held.update({message["ReceiptHandle"]: message["Body"] for message in taken})
        return any(ballot_id in body for body in held.values())

    until(found)
    for handle, body in held.items():
        if ballot_id in body:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
        else:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)


def hash_of(ballot_id: str) -> str:
    return witness.hashes([ballot_id], 1)[0]


def test_a_lost_message_is_named_and_a_mapping_that_is_off_is_told(place: Place) -> None:
    latency = place.outputs["settings"]["latency_seconds"]
    ids = [f"conserved-{time.time_ns()}-{name}" for name in ("kept", "lost", "also-kept")]
    lost = hash_of(ids[1])
    before = set(call(place, "conservation")["hashes"])
    with off(place, "process"):
        post(place, *ids)
        posted = time.time()
        lose(place, ids[1])
        assert call(place, "conservation")["mappings_off"] == ["process"]
        time.sleep(max(0.0, posted + latency + 0.2 - time.time()))
        waiting = call(place, "conservation")
        assert {hash_of(one) for one in ids} <= set(waiting["hashes"]) - before
        assert waiting["mappings_off"] == ["process"]
    until(lambda: set(call(place, "conservation")["hashes"]) - before == {lost})

    began = time.time()
    answer = call(place, "conservation")
    assert set(answer["hashes"]) - before == {lost}
    assert answer["mappings_off"] == []
    said = lines(place, "conservation", began)
    assert {lost} == {one for line in said if line.get("message") == "witnesses missing" for one in line["hashes"]} - before
    assert [line["WitnessesMissing"] for line in said if "WitnessesMissing" in line][-1] == [float(len(answer["hashes"]))]
    assert [line["MappingsOff"] for line in said if "MappingsOff" in line][-1] == [0.0]

    shown = io.StringIO()
    assert witnesses.show(place, Console(file=shown, width=200), minutes=None) == 1
    assert f"{lost}: accepted" in shown.getvalue()
    assert f"{len(answer['hashes'])} missing" in shown.getvalue()

    post(place, ids[1])  # its voter sends it again
    until(lambda: not set(call(place, "conservation")["hashes"]) - before)


def test_the_probe_is_counted_and_grows_old_when_a_mapping_is_off(place: Place, drained: Callable[[], None]) -> None:
    call(place, "probe")
    drained()
    young = call(place, "probe")
    assert young["counted"]
    assert young["wrong"] is False
    assert young["age_seconds"] < 90, "not older than a round of the schedule, and the time to drain"
    with off(place, "write"):
        call(place, "probe")
        first = call(place, "probe")["age_seconds"]
        time.sleep(2)
        began = time.time()
        assert call(place, "probe")["age_seconds"] >= first + 2
        (age,) = [line["ProbeAgeSeconds"][0] for line in lines(place, "probe", began) if "ProbeAgeSeconds" in line][-1:]
        assert age >= first + 2
    drained()
    assert call(place, "probe")["counted"]


@pytest.mark.parametrize("check", ["conservation", "probe"])
def test_the_schedule_is_every_minute(place: Place, check: str) -> None:
    schedule = place.client("scheduler").get_schedule(Name=f"sluice-local-votes-{check}")
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule["Target"]["Arn"] == place.outputs["functions"][check]["arn"]
