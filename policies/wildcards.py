"""CKV_SLUICE_14: a role may do what its code calls, on what it calls it on."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sluice_pipeline.plan import NotConcerned, Plan, Resource
from sluice_pipeline.rule import Rule
from sluice_pipeline.statements import listed, statements

KINDS = {
    "aws_iam_policy": "policy",
    "aws_iam_role_policy": "policy",
    "aws_iam_user_policy": "policy",
    "aws_iam_group_policy": "policy",
    "aws_sqs_queue_policy": "policy",
    "aws_s3_bucket_policy": "policy",
}

# Lambda's own calls for a function in a network, with the function's role.
_INTERFACES = "AWS knows no resource for all of these; deny them to the code itself by lambda:SourceFunctionArn."

# Actions that may be allowed on every resource, and why. Any other needs a
# `checkov:skip=CKV_SLUICE_14: reason` beside its resource.
ANY_RESOURCE = {
    "cloudwatch:PutMetricData": "AWS knows no resource for it; a condition on cloudwatch:namespace narrows it.",
    "dynamodb:BatchExecuteStatement": "No action of AWS: it allows nothing there; the emulator asks for it, on all.",
    "ec2:AssignPrivateIpAddresses": _INTERFACES,
    "ec2:CreateNetworkInterface": _INTERFACES,
    "ec2:DeleteNetworkInterface": _INTERFACES,
    "ec2:DescribeNetworkInterfaces": _INTERFACES,
    "ec2:DescribeSubnets": _INTERFACES,
    "ec2:UnassignPrivateIpAddresses": _INTERFACES,
    "lambda:ListEventSourceMappings": "AWS knows no resource for it; it only reads.",
    "sqs:ListQueues": "AWS knows no resource for it; it only reads.",
    "sts:GetCallerIdentity": "AWS knows no resource for it, and needs no right.",
    "textract:AnalyzeExpense": "AWS knows no resource for it; it reads what it is handed, or an object it may get.",
    "xray:PutTraceSegments": "AWS knows no resource for it.",
    "xray:PutTelemetryRecords": "AWS knows no resource for it.",
}


class Wildcards(Rule):
    def __init__(self) -> None:
        super().__init__(14, "No wildcard action or resource is allowed without a written reason", list(KINDS))

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:  # noqa: ARG002 - a rule may see the plan
        document = resource.document(KINDS[resource.kind])
        if document is None:
            raise NotConcerned
        for statement in statements(document, "Allow"):
            yield from _too_wide(statement)


def _too_wide(statement: Mapping[str, Any]) -> Iterator[str]:
    for key in ("NotAction", "NotResource"):
        if key in statement:
            yield f"Name what is allowed instead of {key}, which allows all else."
    actions = [str(action) for action in listed(statement.get("Action"))]
    for action in actions:
        if "*" in action or "?" in action:
            yield f"Name the actions that are called instead of {action}."
    reasoned = bool(actions) and all(action in ANY_RESOURCE for action in actions)
    for resource in (str(r) for r in listed(statement.get("Resource"))):
        if _is_any(resource) and not reasoned:
            yield f"Name the resource instead of {resource}, which {', '.join(actions)} may be called on."


def _is_any(resource: str) -> bool:
    """Whether an ARN names no one thing: `*`, or nothing but a type before its first star.

    `arn:aws:s3:::bucket/*` names its bucket.
    """
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return "*" in resource
    named = parts[5] if parts[2] == "s3" else re.sub(r"^[A-Za-z0-9-]+[:/]", "", parts[5])
    return named.startswith(("*", "?"))


check = Wildcards()
