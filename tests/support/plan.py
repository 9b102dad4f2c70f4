"""Plans made offline, and moto's or the emulator's resources made from their values, so that no test drifts from Terraform."""

from __future__ import annotations

import atexit
import base64
import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from devcloud import terraform
from devcloud.planned import resources as resources
from devcloud.provider import serve
from devcloud.staging import staged

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ("receive", "process", "write", "tally", "results", "conservation", "probe")

_open = ExitStack()
atexit.register(_open.close)


@cache
def scratch() -> Path:
    """A folder of this test session, gone at its end."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-plan-"))
    _open.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def provider() -> Mapping[str, Any]:
    """The attached provider, without an emulator: it can plan. The value is for TF_REATTACH_PROVIDERS."""
    reattach: Mapping[str, Any] = _open.enter_context(serve(None))
    return reattach


@cache
def workspace() -> Path:
    """A copy of `terraform/`, beside which a test writes a configuration of its own."""
    folder = scratch() / "workspace"
    shutil.copytree(ROOT / "terraform", folder / "terraform", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    return folder


@cache
def packages() -> Path:
    """A variables file that names tiny zips, for plans where nobody ran `make package`."""
    folder = scratch() / "packages"
    folder.mkdir()
    named = {}
    for function in FUNCTIONS:
        path = folder / f"votes-{function}.zip"
        with zipfile.ZipFile(path, "w") as package:
            package.writestr(zipfile.ZipInfo(f"{function}.py"), "def handler(event, context): return None\n")
        digest = hashlib.sha256(path.read_bytes()).digest()
        named[f"votes-{function}"] = {"path": str(path), "hash": base64.b64encode(digest).decode()}
    file = folder / "packages.tfvars.json"
    file.write_text(json.dumps({"packages": named}))
    return file


@cache
def plan(target: str | Path, *var_files: Path) -> dict[str, Any]:
    """The plan, as `terraform show -json` gives it, of an environment ("dev") or of a folder within `workspace()`.

    Environments are planned with their own sizing and `packages()`, unless other `var_files` are given.
    Raises LocalCloudError with Terraform's own words where it refuses.
    """
    if isinstance(target, str):
        folder = staged(ROOT / "environments" / target, scratch() / f"{target}-{len(var_files)}")
        var_files = var_files or (packages(),)
    else:
        folder = target
    terraform.run(["init", "-input=false"], folder, provider())
    files = [f"-var-file={file}" for file in var_files]
    terraform.run(["plan", "-input=false", "-lock=false", "-out=planned", *files], folder, provider())
    shown: dict[str, Any] = json.loads(terraform.run(["show", "-json", "planned"], folder, provider()).stdout)
    return shown


def create_tables(planned: Mapping[str, Any], dynamodb: Any) -> dict[str, str]:
    """Make the planned tables with a DynamoDB client; returns their names by the last part of each ("votes", "journal" …)."""
    made = {}
    for table in resources(planned, "aws_dynamodb_table").values():
        keys = [{"AttributeName": table["hash_key"], "KeyType": "HASH"}]
        if table.get("range_key"):
            keys.append({"AttributeName": table["range_key"], "KeyType": "RANGE"})
        capacity: dict[str, Any] = {"BillingMode": table["billing_mode"]}
        if table["billing_mode"] == "PROVISIONED":
            capacity["ProvisionedThroughput"] = {"ReadCapacityUnits": table["read_capacity"], "WriteCapacityUnits": table["write_capacity"]}
        attributes = [{"AttributeName": a["name"], "AttributeType": a["type"]} for a in table["attribute"]]
        dynamodb.create_table(TableName=table["name"], KeySchema=keys, AttributeDefinitions=attributes, **capacity)
        for ttl in table.get("ttl", ()):
            if ttl.get("enabled"):
                wanted = {"Enabled": True, "AttributeName": ttl["attribute_name"]}
                dynamodb.update_time_to_live(TableName=table["name"], TimeToLiveSpecification=wanted)
        made[table["name"].rsplit("-", 1)[-1]] = table["name"]
    return made


QUEUE_ATTRIBUTES = {
    "visibility_timeout_seconds": "VisibilityTimeout",
    "delay_seconds": "DelaySeconds",
    "message_retention_seconds": "MessageRetentionPeriod",
    "max_message_size": "MaximumMessageSize",
    "deduplication_scope": "DeduplicationScope",
    "fifo_throughput_limit": "FifoThroughputLimit",
}


def create_queues(planned: Mapping[str, Any], sqs: Any) -> dict[str, str]:
    """Make the planned queues with their dead-letter queues; returns their URLs by short name ("ingest", "ingest-dlq", "count" …).

    Long polling is left out, so that a test's empty receive returns at once.
    """
    urls: dict[str, str] = {}
    arns: dict[str, str] = {}
    queues = resources(planned, "aws_sqs_queue").values()
    prefix = _common_prefix([queue["name"] for queue in queues])
    for queue in queues:
        attributes = {name: str(queue[key]) for key, name in QUEUE_ATTRIBUTES.items() if queue.get(key) is not None}
        if queue.get("fifo_queue"):
            attributes |= {"FifoQueue": "true", "ContentBasedDeduplication": str(bool(queue["content_based_deduplication"])).lower()}
        url = sqs.create_queue(QueueName=queue["name"], Attributes=attributes)["QueueUrl"]
        arns[queue["name"]] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        urls[queue["name"].removeprefix(prefix).removesuffix(".fifo")] = url
    for redrive in resources(planned, "aws_sqs_queue_redrive_policy").values():
        policy = json.loads(redrive["redrive_policy"])
        dead_letter = policy["deadLetterTargetArn"].rsplit(":", 1)[-1]
        source = dead_letter.removeprefix(prefix).removesuffix(".fifo").removesuffix("-dlq")
        sqs.set_queue_attributes(
            QueueUrl=urls[source], Attributes={"RedrivePolicy": json.dumps(policy | {"deadLetterTargetArn": arns[dead_letter]})}
        )
    return urls


def create_buckets(planned: Mapping[str, Any], s3: Any) -> dict[str, str]:
    """Make the planned buckets (in us-east-1); returns their names, the quarantine's as "quarantine", others by themselves."""
    names = [bucket["bucket"] for bucket in resources(planned, "aws_s3_bucket").values()]
    for name in names:
        s3.create_bucket(Bucket=name)
    return {"quarantine" if "-quarantine-" in name else name: name for name in names}


def environment(planned: Mapping[str, Any], function: str) -> dict[str, str]:
    """The environment variables that Terraform gives a function ("receive"), without those unknown until apply (URLs)."""
    for values in resources(planned, "aws_lambda_function").values():
        if values["function_name"].endswith(f"-{function}"):
            return {
                name: value
                for block in values["environment"]
                for name, value in (block.get("variables") or {}).items()
                if value is not None
            }
    raise LookupError(f"no function {function!r} in the plan: it has {sorted(resources(planned, 'aws_lambda_function'))}")


def _common_prefix(names: list[str]) -> str:
    """What all names share, up to its last '-'."""
    first, last = min(names), max(names)
    shared = next((i for i, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), min(len(first), len(last)))
    return first[: first[:shared].rfind("-") + 1]
