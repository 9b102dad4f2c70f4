"""The agent as a process, on the emulator with its role enforced, beside a real PostgreSQL."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from receipts.delivery.messages import Delivered, Heartbeat
from tests.support.agent_site import SCHEMA, Site
from tools.common import loopback
from tools.local_cloud.premises.stand_in import StandIn
from tools.local_cloud.receipts import agent_keys
from tools.local_cloud.runs import ACCOUNT, REGION

SECONDS = 20.0
FILES, KILLS = 300, 6


def policy(delivery: str, delivered: str, bucket: str) -> dict[str, Any]:
    """What the pipeline gives its agent (tests/iam holds it to that)."""
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]
    may = ((actions, delivery), (["sqs:SendMessage"], delivered), (["s3:GetObject"], f"{bucket}/results/*"))
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in may
    ]
    told_of_gone = {"StringLike": {"s3:prefix": "results/*/*.json"}}
    statements.append({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket, "Condition": told_of_gone})
    return {"Version": "2012-10-17", "Statement": statements}


@pytest.fixture
def site(emulator: Callable[[str], Any], premises_of: Callable[[Path, str], StandIn], tmp_path: Path) -> Iterator[Site]:
    """A site whose database is empty."""
    premises = premises_of(SCHEMA, "sluice")
    premises.begin()
    premises.ask("TRUNCATE receipts")
    yield Site(emulator, premises, tmp_path / "site", policy, visibility_seconds=2)
    premises.ask("TRUNCATE receipts")


def test_check_proves_each_hop(site: Site) -> None:
    site.send(1)
    found = site.checked()
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"assumed-role/{site.role}/agent, by custom-process" in found.stdout
    assert "a message was looked at and given back" in found.stdout
    assert "bytes were read" in found.stdout
    assert [one.reached for one in site.told() if isinstance(one, Heartbeat)] == [True]
    assert site.waiting() == 1


def test_its_keys_reach_nothing_else(site: Site) -> None:
    keys = agent_keys.keys(site.sqs.meta.endpoint_url, f"arn:aws:iam::{ACCOUNT}:role/{site.role}")
    named = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    session = loopback.session(REGION)
    sqs, s3, sts = (
        session.client(service, endpoint_url=site.sqs.meta.endpoint_url, **named) for service in ("sqs", "s3", "sts")
    )
    delivery, delivered = site.urls["delivery"], site.urls["delivered"]
    site.s3.put_object(Bucket=site.bucket, Key="images/a", Body=b"")
    attempts: list[Callable[[], object]] = [
        lambda: sqs.send_message(QueueUrl=delivery, MessageBody="{}"),
        lambda: sqs.receive_message(QueueUrl=delivered),
        lambda: sqs.purge_queue(QueueUrl=delivery),
        lambda: sqs.get_queue_attributes(QueueUrl=delivery, AttributeNames=["All"]),
        lambda: s3.get_object(Bucket=site.bucket, Key="images/a"),
        lambda: s3.put_object(Bucket=site.bucket, Key="results/a", Body=b""),
        lambda: s3.list_objects_v2(Bucket=site.bucket),
        lambda: s3.list_objects_v2(Bucket=site.bucket, Prefix="results/"),
        lambda: sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{site.role}", RoleSessionName="again"),
    ]
    for attempt in attempts:
        with pytest.raises(ClientError) as refused:
            attempt()
        assert refused.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=site.bucket, Key="results/a/b.json")
    assert "Messages" not in sqs.receive_message(QueueUrl=delivery)


@pytest.mark.slow
def test_whenever_it_is_killed_nothing_is_lost_or_twice(site: Site, tmp_path: Path) -> None:
    """Each time it has delivered something more, and is at a moment of chance since then."""
    rng, stood = random.Random(16), 0
    files = site.send(FILES)
    site.premises.change(slow_ms=100)
    with (tmp_path / "log").open("wb") as log:
        for _ in range(KILLS):
            process = site.started(log)
            stood = site.until_more_stand(stood)
            time.sleep(rng.uniform(0, 0.4))
            process.kill()
            assert process.wait(SECONDS) == -signal.SIGKILL
        assert stood < FILES, "it was killed while there was something to do"
        site.premises.change(slow_ms=0)
        process = site.started(log)
        try:
            told = site.until_told(files)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
    assert sorted(site.rows()) == sorted((file, 1) for file in files)
    assert {one.lane for one in told if isinstance(one, Delivered)} == {"agent-local"}
    assert site.waiting() == 0
    assert site.premises.health()["peak"] == 1
