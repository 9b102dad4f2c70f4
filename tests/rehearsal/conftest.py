"""Two accounts on the session's emulator: things in one, and somebody in the other."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.local_cloud.runs import Run
from tools.rehearsal.account import Account
from tools.rehearsal.isolation import Target

OWNER, INTRUDER = "333333333333", "111111111111"


def account(endpoint: str, name: str, number: str, folder: Path) -> Account:
    """An account of that emulator."""
    return Account(name, number, "votes/terraform.tfstate", endpoint, Run(folder))


@pytest.fixture(scope="module")
def owner(emulator: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> Account:
    return account(emulator("sqs").meta.endpoint_url, "prod", OWNER, tmp_path_factory.mktemp("prod"))


@pytest.fixture(scope="module")
def intruder(emulator: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> Account:
    return account(emulator("sqs").meta.endpoint_url, "dev", INTRUDER, tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="module")
def target(owner: Account) -> Target:
    """An environment in the owner's account, with a thing of each kind that an intruder tries."""
    client = owner.client
    client("dynamodb").create_table(
        TableName="tallies",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "title_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "title_id", "KeyType": "HASH"}],
    )
    for bucket in ("rehearsed-quarantine", "rehearsed-state", "rehearsed-artifacts"):
        client("s3").create_bucket(Bucket=bucket)
    client("s3").put_object(Bucket="rehearsed-state", Key=owner.state_key, Body=b"{}")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": OWNER}}],
    }
    role = client("iam").create_role(RoleName="apply", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    outputs = {
        "region": "us-east-1",
        "queues": {name: _queues(owner, name) for name in ("ingest", "count.fifo")},
        "tables": {"tallies": "tallies"},
        "functions": {"probe": {"name": "probe", "arn": _function(owner, role)}},
        "buckets": ["rehearsed-quarantine"],
    }
    administered = {
        "state_bucket": "rehearsed-state",
        "artifact_bucket": "rehearsed-artifacts",
        "roles": {"apply": role},
    }
    return Target(owner.environment, OWNER, outputs, administered, owner.state_key)


def _queues(owner: Account, name: str) -> dict[str, str]:
    made: dict[str, str] = {}
    for kind, full in (("", name), ("dead_letter_", f"dlq-{name}")):
        attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        made |= {
            f"{kind}name": full,
            f"{kind}url": owner.client("sqs").create_queue(QueueName=full, Attributes=attributes)["QueueUrl"],
        }
    return made


def _function(owner: Account, role: str) -> str:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("probe.py", "def handler(event, context):\n    return {}\n")
    answer = owner.client("lambda").create_function(
        FunctionName="probe",
        Runtime="python3.13",
        Role=role,
        Handler="probe.handler",
        Code={"ZipFile": code.getvalue()},
    )
    return str(answer["FunctionArn"])
