"""Plans made offline, and moto's or the emulator's resources made from their values, so that no
test drifts from Terraform.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.once import FOLDER, once
from tools.common.paths import ROOT
from tools.environment import offline_plan
from tools.environment.offline_plan import provider, scratch
from tools.environment.planned import function_variables as environment
from tools.environment.planned import of_pipeline, resources
from tools.environment.staging import staged
from tools.environment.zips import functions_of

__all__ = ["ROOT", "environment", "packages", "plan", "plan_of", "provider", "resources", "scratch"]

FUNCTIONS = functions_of("votes")
# dev by way of another entrance, with all that it can have
CERTIFICATE = "arn:aws:acm:us-east-1:111111111111:certificate/12345678-1234-1234-1234-123456789012"
ENTRANCES: Mapping[str, dict[str, Any]] = {
    "alb": {"entrance": "alb", "domain": {"name": "vote.example.com", "certificate_arn": CERTIFICATE}},
    "function_url": {"entrance": "function_url"},
}
BALANCER = {
    "network": {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001", "subnet-00000002"]},
    "waf": {"requests": 600},
}
RESERVED = "${merge(local.votes.sizing, { receive = { memory_mb = 256, reserved_concurrency = 10 } })}"


@cache
def packages() -> Path:
    """The placeholder zips, the same ones in every process of a test run."""
    folder = Path(os.environ[FOLDER]) / "packages"

    def make() -> str:
        shutil.copytree(offline_plan.packages().parent, folder)
        file = folder / offline_plan.packages().name
        file.write_text(file.read_text().replace(str(offline_plan.packages().parent), str(folder)))
        return str(file)

    return Path(once("packages", make))


@cache
def plan(target: str | Path, *var_files: Path) -> dict[str, Any]:
    """`offline_plan.plan`, an environment's made once a test run."""
    if isinstance(target, Path) or var_files:
        return offline_plan.plan(target, *var_files)
    made: dict[str, Any] = once(f"plan-{target}", lambda: offline_plan.plan(target, packages()))
    return made


@cache
def plan_of(pipeline: str, target: str) -> dict[str, Any]:
    """An environment's plan, with one pipeline alone ("votes")."""
    return of_pipeline(plan(target), pipeline)


@cache
def by_entrance(entrance: str, *, reserved: bool = True) -> dict[str, Any]:
    """dev's plan of votes alone, by one of `ENTRANCES`, with ten of receive reserved or none."""
    votes = {"alb": BALANCER} | ({"sizing": RESERVED} if reserved else {})
    changed = {"locals": {"votes_entrance": ENTRANCES[entrance]}, "module": {"votes": votes}}

    def make() -> dict[str, Any]:
        folder = scratch() / f"{entrance}-{reserved}"
        return offline_plan.plan(staged(ROOT / "environments/dev", folder, changed, pipelines=("votes",)), packages())

    made: dict[str, Any] = once(f"plan-by-{entrance}-{reserved}", make)
    return made


@cache
def workspace() -> Path:
    """A copy of `terraform/` and `web/`, beside which a test writes a configuration of its own."""
    folder = scratch() / "workspace"
    shutil.copytree(
        ROOT / "terraform", folder / "terraform", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*")
    )
    shutil.copytree(ROOT / "web", folder / "web")
    return folder


def create_tables(planned: Mapping[str, Any], dynamodb: Any) -> dict[str, str]:
    """Make the planned tables with a DynamoDB client; returns their names by the last part of each
    ("votes", "journal" …).
    """
    made = {}
    for table in resources(planned, "aws_dynamodb_table").values():
        keys = [{"AttributeName": table["hash_key"], "KeyType": "HASH"}]
        if table.get("range_key"):
            keys.append({"AttributeName": table["range_key"], "KeyType": "RANGE"})
        capacity: dict[str, Any] = {"BillingMode": table["billing_mode"]}
        if table["billing_mode"] == "PROVISIONED":
            capacity["ProvisionedThroughput"] = {
                "ReadCapacityUnits": table["read_capacity"],
                "WriteCapacityUnits": table["write_capacity"],
            }
        attributes = [{"AttributeName": a["name"], "AttributeType": a["type"]} for a in table["attribute"]]
        if indexes := [_index(one) for one in table.get("global_secondary_index") or ()]:
            capacity["GlobalSecondaryIndexes"] = indexes
        dynamodb.create_table(TableName=table["name"], KeySchema=keys, AttributeDefinitions=attributes, **capacity)
        for ttl in table.get("ttl", ()):
            if ttl.get("enabled"):
                wanted = {"Enabled": True, "AttributeName": ttl["attribute_name"]}
                dynamodb.update_time_to_live(TableName=table["name"], TimeToLiveSpecification=wanted)
        made[table["name"].rsplit("-", 1)[-1]] = table["name"]
    return made


def _index(planned: Mapping[str, Any]) -> dict[str, Any]:
    keys = [{"AttributeName": planned["hash_key"], "KeyType": "HASH"}]
    if planned.get("range_key"):
        keys.append({"AttributeName": planned["range_key"], "KeyType": "RANGE"})
    projection: dict[str, Any] = {"ProjectionType": planned["projection_type"]}
    if planned.get("non_key_attributes"):
        projection["NonKeyAttributes"] = list(planned["non_key_attributes"])
    return {"IndexName": planned["name"], "KeySchema": keys, "Projection": projection}


QUEUE_ATTRIBUTES = {
    "visibility_timeout_seconds": "VisibilityTimeout",
    "delay_seconds": "DelaySeconds",
    "message_retention_seconds": "MessageRetentionPeriod",
    "max_message_size": "MaximumMessageSize",
    "deduplication_scope": "DeduplicationScope",
    "fifo_throughput_limit": "FifoThroughputLimit",
}


def create_queues(planned: Mapping[str, Any], sqs: Any) -> dict[str, str]:
    """Make the planned queues with their dead-letter queues; returns their URLs by short name
    ("ingest", "ingest-dlq", "count" …).

    Long polling is left out, so that a test's empty receive returns at once.
    """
    urls: dict[str, str] = {}
    arns: dict[str, str] = {}
    queues = resources(planned, "aws_sqs_queue").values()
    prefix = _common_prefix([queue["name"] for queue in queues])
    for queue in queues:
        attributes = {name: str(queue[key]) for key, name in QUEUE_ATTRIBUTES.items() if queue.get(key) is not None}
        if queue.get("fifo_queue"):
            attributes |= {
                "FifoQueue": "true",
                "ContentBasedDeduplication": str(bool(queue["content_based_deduplication"])).lower(),
            }
        url = sqs.create_queue(QueueName=queue["name"], Attributes=attributes)["QueueUrl"]
        arns[queue["name"]] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        urls[queue["name"].removeprefix(prefix).removesuffix(".fifo")] = url
    for redrive in resources(planned, "aws_sqs_queue_redrive_policy").values():
        policy = json.loads(redrive["redrive_policy"])
        dead_letter = policy["deadLetterTargetArn"].rsplit(":", 1)[-1]
        source = dead_letter.removeprefix(prefix).removesuffix(".fifo").removesuffix("-dlq")
        sqs.set_queue_attributes(
            QueueUrl=urls[source],
            Attributes={"RedrivePolicy": json.dumps(policy | {"deadLetterTargetArn": arns[dead_letter]})},
        )
    return urls


def create_buckets(planned: Mapping[str, Any], s3: Any) -> dict[str, str]:
    """Make the planned buckets (in us-east-1); returns their names, the quarantine's as
    "quarantine", others by themselves.
    """
    names = [bucket["bucket"] for bucket in resources(planned, "aws_s3_bucket").values()]
    for name in names:
        s3.create_bucket(Bucket=name)
    return {"quarantine" if "-quarantine-" in name else name: name for name in names}


def _common_prefix(names: list[str]) -> str:
    """What all names share, up to its last '-'."""
    first, last = min(names), max(names)
    shared = next(
        (i for i, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), min(len(first), len(last))
    )
    return first[: first[:shared].rfind("-") + 1]
