"""What each role allows, from a plan or as deployed, and what AWS itself does in a role's name
without a call of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tools.environment.planned import outputs, resources
from tools.iam.pipeline import Pipeline
from tools.simulation.aws.actions import Need, Where
from tools.simulation.aws.used import Used

Plan = Mapping[str, Any]


class Runtime(NamedTuple):
    """Rights that AWS uses in a function's role, though its code makes no such call; why, and where
    AWS says so.
    """

    user: str
    actions: tuple[str, ...]
    resource: Callable[[Plan, Pipeline, str], Iterable[str]]  # of a function ("write") in a plan
    why: str
    source: str


def _own_logs(planned: Plan, pipeline: Pipeline, function: str) -> Iterator[str]:
    where, name = place_of(planned, pipeline)
    yield where.arn("logs", f"log-group:/aws/lambda/{name}-{function}:*")


def _own_queues(planned: Plan, pipeline: Pipeline, function: str) -> Iterator[str]:
    for address, mapping in resources(planned, "aws_lambda_event_source_mapping").items():
        if address.startswith(f"module.{pipeline.name}.module.{function}."):
            yield mapping["event_source_arn"]


def _looked_for(planned: Plan, pipeline: Pipeline, function: str) -> Iterator[str]:
    allowed = planned_roles(planned, pipeline).get(function, set())
    got = {need.resource.split("/")[0] for need in allowed if need.action == "s3:GetObject"}
    yield from sorted(got & {need.resource for need in allowed if need.action == "s3:ListBucket"})


def _own_interfaces(planned: Plan, pipeline: Pipeline, function: str) -> Iterator[str]:
    address = f"module.{pipeline.name}.module.{function}.aws_lambda_function.this"
    made = resources(planned, "aws_lambda_function").get(address, {})
    if any(block.get("subnet_ids") for block in made.get("vpc_config") or ()):
        yield "*"


RUNTIME = (
    Runtime(
        "Lambda's pollers",
        ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
        _own_queues,
        "Lambda's pollers read the queue of an event source mapping with the function's role",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions",
    ),
    Runtime(
        "Lambda's logging",
        ("logs:CreateLogStream", "logs:PutLogEvents"),
        _own_logs,
        "Lambda writes what the function prints; its log group is there before",
        "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",
    ),
    Runtime(
        "Lambda's network interfaces",
        (
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        ),
        _own_interfaces,
        "Lambda makes a function's interfaces in a network with its role; the function's own code is denied the same",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions",
    ),
    Runtime(
        "S3's answer for a key that is not there",
        ("s3:ListBucket",),
        _looked_for,
        "S3 says `NoSuchKey` of an object that is not there only to who may list its bucket, and else `AccessDenied`",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html",
    ),
)


def place_of(planned: Plan, pipeline: Pipeline) -> tuple[Where, str]:
    """Where a plan deploys a pipeline, and the pipeline's name there."""
    planned_outputs = outputs(planned)
    table, full_name = next(iter(planned_outputs[pipeline.name]["tables"].items()))
    name: str = full_name.removesuffix(f"-{table}")
    return Where(planned_outputs["account_id"], planned_outputs["region"]), name


def runtime(planned: Plan, pipeline: Pipeline, function: str) -> set[Need]:
    """The rights that AWS uses in a function's role."""
    return {
        Need(action, resource)
        for one in RUNTIME
        for resource in one.resource(planned, pipeline, function)
        for action in one.actions
    }


def planned_roles(planned: Plan, pipeline: Pipeline) -> dict[str, set[Need]]:
    """What each role of a pipeline allows, by its module (see `module_of`); without those that are
    unknown before the apply.
    """
    found = {}
    for address, values in resources(planned, "aws_iam_role_policy").items():
        name = module_of(address, pipeline)
        if name and ("policy" in values or name not in pipeline.unknown_before_apply):
            found[name] = granted(values["policy"])
    return found


def module_of(address: str, pipeline: Pipeline) -> str:
    """The module of a pipeline that a resource is of: "write", "check probe", "conservation" (its
    function's) and "schedule conservation"; "" where it is of none.
    """
    keyed = r'(\w+)(?:\["(\w+)"\])?'
    match = re.match(rf"module\.{pipeline.name}\.module\.{keyed}(?:\.module\.(\w+)(?:\[0\])?)?\.aws_", address)
    module, key, inner = match.groups() if match else ("", "", "")
    return " ".join(part for part in (inner, module, key) if part and part != "function")


def granted(policy: str | Mapping[str, Any]) -> set[Need]:
    """The pairs of action and resource that a role's policy allows.

    Raises ValueError where it says anything else.
    """
    document = json.loads(policy) if isinstance(policy, str) else policy
    found: list[Need] = []
    for statement in document["Statement"]:
        if _denies_the_code(statement):
            continue
        if statement["Effect"] != "Allow" or set(statement) - {"Sid"} != {"Effect", "Action", "Resource"}:
            raise ValueError(
                f"only plain Allow statements can be compared with calls, and this is another: {json.dumps(statement)}"
            )
        found += [
            Need(action, resource) for action in _list(statement["Action"]) for resource in _list(statement["Resource"])
        ]
    if len(set(found)) < len(found):
        raise ValueError(f"allowed twice: {sorted(one for one in set(found) if found.count(one) > 1)}")
    return set(found)


def _denies_the_code(statement: Mapping[str, Any]) -> bool:
    """Whether a statement keeps from a function's own code what Lambda does with its role.

    It allows no call of ours, and what it denies none makes.
    """
    keys = {key for test in statement.get("Condition", {}).values() for key in test}
    return statement["Effect"] == "Deny" and keys == {"lambda:SourceFunctionArn"}


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def used_there(used: Iterable[Used], planned: Plan, pipeline: Pipeline, function: str) -> set[Need]:
    """The rights that a function used in the seeded histories, under the names that a plan has."""
    old, old_name = pipeline.where, pipeline.deployed.name
    new, new_name = place_of(planned, pipeline)
    found = set()
    for one in used:
        if one.who == function:
            resource = one.resource.replace(old_name, new_name).replace(old.account, new.account)
            found.add(Need(one.action, resource.replace(old.region, new.region)))
    return found


def differences(allowed: set[Need], used: set[Need], by_aws: set[Need]) -> list[str]:
    """What is allowed and not used, and what is used and not allowed; as lines for a person."""
    nobody = sorted(allowed - used - by_aws)
    missing = sorted((used | by_aws) - allowed)
    lines = [f"{action} on {resource} is allowed, and nothing calls it: take it away" for action, resource in nobody]
    return lines + [
        f"{action} on {resource} is called, and not allowed so: allow exactly that" for action, resource in missing
    ]
