"""That an account sees its own things only, and that another account's are refused to it.

Functions over clients; they return problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from tools.rehearsal.inventory import Client, Inventory

# What AWS answers to a call on another account's things: not allowed, or nothing of that name here.
# Any other answer proves nothing.
REFUSALS = frozenset(
    {
        "403",
        "404",
        "AccessDenied",
        "AccessDeniedException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
Attempt = tuple[str, Callable[[], Any]]


@dataclass(frozen=True)
class Target:
    """An environment in its account, as far as somebody outside can know it.

    The account's number, and names and addresses from its outputs.
    """

    name: str
    number: str
    outputs: dict[str, Any]  # of the environment
    account: dict[str, Any]  # of environments/<name>/account
    state_key: str

    @property
    def holds(self) -> Inventory:
        """What its account's lists must show, of the kinds whose names the outputs tell."""
        queues = self.outputs["queues"].values()
        names = {queue["name"] for queue in queues} | {queue["dead_letter_name"] for queue in queues}
        buckets = set(self.outputs["buckets"])
        buckets |= {
            self.account[name] for name in ("state_bucket", "artifact_bucket", "trail_bucket") if name in self.account
        }
        return {
            "queues": frozenset(names),
            "tables": frozenset(self.outputs["tables"].values()),
            "functions": frozenset(function["name"] for function in self.outputs["functions"].values()),
            "buckets": frozenset(buckets),
        }


def lists_only_its_own(target: Target, shown: Inventory) -> list[str]:
    """Hold what an account's own lists show against what is in it."""
    problems = []
    for kind, own in target.holds.items():
        if strange := shown[kind] - own:
            problems.append(f"{target.name} sees {kind} that are not its own: {', '.join(sorted(strange))}")
        if missing := own - shown[kind]:
            problems.append(f"{target.name} does not see its own {kind}: {', '.join(sorted(missing))}")
    return problems


def is_refused(name: str, client: Client, target: Target) -> tuple[int, list[str]]:
    """Try, with the clients of `name`, what an intruder would: how many calls, and the problems."""
    problems, tried = [], 0
    for what, call in attempts(client, target):
        tried += 1
        try:
            call()
        except ClientError as error:
            if error.response["Error"]["Code"] not in REFUSALS:
                problems.append(f"{name} tried {what} of {target.name} and got an answer that proves nothing: {error}")
        else:
            problems.append(f"{name} can reach into {target.name}: {what} was carried out")
    return tried, problems


def attempts(client: Client, target: Target) -> Iterator[Attempt]:
    """Calls by the names, addresses and ARNs of the target's things, each with its words."""
    yield from _queues(client("sqs"), target)
    yield from _tables(client("dynamodb"), target)
    for function in target.outputs["functions"].values():
        yield (
            f"lambda:GetFunction {function['name']}",
            partial(client("lambda").get_function, FunctionName=function["arn"]),
        )
        yield (
            f"lambda:InvokeFunction {function['name']}",
            partial(client("lambda").invoke, FunctionName=function["arn"], Payload=b"{}"),
        )
    for bucket in target.holds["buckets"]:
        yield f"s3:ListBucket {bucket}", partial(client("s3").list_objects_v2, Bucket=bucket)
        yield f"s3:PutObject {bucket}", partial(client("s3").put_object, Bucket=bucket, Key="intruder", Body=b"")
    yield (
        "s3:GetObject of the state",
        partial(client("s3").get_object, Bucket=target.account["state_bucket"], Key=target.state_key),
    )
    for arn in target.account["roles"].values():
        yield f"sts:AssumeRole {arn}", partial(client("sts").assume_role, RoleArn=arn, RoleSessionName="intruder")


def _queues(sqs: Any, target: Target) -> Iterator[Attempt]:
    for queue in target.outputs["queues"].values():
        for name, url in ((queue["name"], queue["url"]), (queue["dead_letter_name"], queue["dead_letter_url"])):
            group = {"MessageGroupId": "0", "MessageDeduplicationId": "intruder"} if name.endswith(".fifo") else {}
            yield f"sqs:GetQueueUrl {name}", partial(sqs.get_queue_url, QueueName=name)
            yield (
                f"sqs:GetQueueUrl {name} by owner",
                partial(sqs.get_queue_url, QueueName=name, QueueOwnerAWSAccountId=target.number),
            )
            yield (
                f"sqs:GetQueueAttributes {name}",
                partial(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["All"]),
            )
            yield f"sqs:SendMessage {name}", partial(sqs.send_message, QueueUrl=url, MessageBody="{}", **group)
            yield f"sqs:ReceiveMessage {name}", partial(sqs.receive_message, QueueUrl=url)


def _tables(dynamodb: Any, target: Target) -> Iterator[Attempt]:
    # any key will do: whether a table is found does not depend on it
    key = {"title_id": {"S": "intruder"}}
    for table in target.outputs["tables"].values():
        arn = f"arn:aws:dynamodb:{target.outputs['region']}:{target.number}:table/{table}"
        for named, by in ((table, ""), (arn, " by ARN")):
            yield f"dynamodb:DescribeTable {table}{by}", partial(dynamodb.describe_table, TableName=named)
            yield f"dynamodb:Scan {table}{by}", partial(dynamodb.scan, TableName=named, Limit=1)
            yield f"dynamodb:GetItem {table}{by}", partial(dynamodb.get_item, TableName=named, Key=key)
            yield f"dynamodb:PutItem {table}{by}", partial(dynamodb.put_item, TableName=named, Item=key)
