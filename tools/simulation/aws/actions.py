"""The IAM actions that a call of a service needs, on which resources, as AWS's Service
Authorization Reference lists them.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
A call that is not listed here is an error: look it up there, then add it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Params = Mapping[str, Any]

# A batch is allowed by the action for one: IAM knows none of the batches' names (API reference of
# SQS's AddPermission).
_SQS = {
    "SendMessage": "SendMessage",
    "SendMessageBatch": "SendMessage",
    "ReceiveMessage": "ReceiveMessage",
    "DeleteMessage": "DeleteMessage",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibility": "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    "GetQueueAttributes": "GetQueueAttributes",
}
# Conditions and returned values of a write ask for nothing more.
_DYNAMODB_ONE_TABLE = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "DescribeTable"}
_DYNAMODB_BATCHES = {"BatchGetItem", "BatchWriteItem"}
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html: by statement,
# whatever operation carries it.
_PARTIQL = {"SELECT": "PartiQLSelect", "INSERT": "PartiQLInsert", "UPDATE": "PartiQLUpdate", "DELETE": "PartiQLDelete"}
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_S3_OBJECT = {
    "PutObject": "PutObject",
    "GetObject": "GetObject",
    "HeadObject": "GetObject",
    "DeleteObject": "DeleteObject",
}
_S3_BUCKET = {"ListObjectsV2": "ListBucket", "HeadBucket": "ListBucket"}
_LOGS = {"FilterLogEvents"}
_METRICS = {"GetMetricData", "GetMetricStatistics"}
_TEXTRACT = {"AnalyzeExpense"}
_SECRETS = {"GetSecretValue", "PutSecretValue"}


class Where(NamedTuple):
    """Where calls are made, for what a request does not say of a resource."""

    account: str
    region: str = "us-east-1"
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource here."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


class Need(NamedTuple):
    """An action on a resource, which is written as a policy grants it: an object as its prefix, a
    log stream as its group's.
    """

    action: str
    resource: str


class UnknownCall(LookupError):
    """Nobody has looked up which action a call needs."""


def needs(service: str, operation: str, params: Params, where: Where) -> set[Need]:
    """What a caller must be allowed for this call. Raises UnknownCall."""
    found = set(_needs(service, operation, params, where))
    if not found:
        raise UnknownCall(
            f"{service}.{operation}: look up its action and resource, and add it to tools/simulation/aws/actions.py"
        )
    return found


def _needs(service: str, operation: str, params: Params, where: Where) -> Iterator[Need]:
    match service:
        case "sqs" if operation in _SQS:
            yield Need(f"sqs:{_SQS[operation]}", where.arn("sqs", params["QueueUrl"].rsplit("/", 1)[-1]))
        case "dynamodb":
            yield from _dynamodb(operation, params, where)
        case "s3":
            yield from _s3(operation, params, where)
        case "logs" if operation in _LOGS:
            yield Need(f"logs:{operation}", where.arn("logs", f"log-group:{params['logGroupName']}:*"))
        case "secretsmanager" if operation in _SECRETS:
            yield Need(f"secretsmanager:{operation}", params["SecretId"])
        case "textract" if operation in _TEXTRACT:
            yield Need(f"textract:{operation}", "*")  # it knows no resource
        case "cloudwatch" if operation in _METRICS:
            yield Need(f"cloudwatch:{operation}", "*")  # it knows no resource
        case "cloudwatch" if operation == "DescribeAlarms":
            yield Need(f"cloudwatch:{operation}", where.arn("cloudwatch", "alarm:*"))
        case "lambda":
            yield from _lambda(operation, params, where)


def _dynamodb(operation: str, params: Params, where: Where) -> Iterator[Need]:
    if operation in _DYNAMODB_ONE_TABLE:
        index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
        yield Need(f"dynamodb:{operation}", where.arn("dynamodb", f"table/{params['TableName']}{index}"))
    elif operation in _DYNAMODB_BATCHES:
        for table in params["RequestItems"]:
            yield Need(f"dynamodb:{operation}", where.arn("dynamodb", f"table/{table}"))
    elif operation in {"ExecuteStatement", "BatchExecuteStatement"}:
        for one in params.get("Statements", [params]):
            table = re.search(r'(?:FROM|INTO|UPDATE)\s+"([^"]+)"', one["Statement"], re.IGNORECASE)
            verb = _PARTIQL.get(one["Statement"].split()[0].upper())
            if table is None or verb is None:
                raise UnknownCall(f"this PartiQL statement is not understood: {one['Statement'][:200]}")
            yield Need(f"dynamodb:{verb}", where.arn("dynamodb", f"table/{table[1]}"))


def _s3(operation: str, params: Params, where: Where) -> Iterator[Need]:
    bucket = f"arn:{where.partition}:s3:::{params['Bucket']}"
    if operation in _S3_OBJECT:
        yield Need(f"s3:{_S3_OBJECT[operation]}", f"{bucket}/{_prefix(params['Key'])}")
    elif operation in _S3_BUCKET:
        yield Need(f"s3:{_S3_BUCKET[operation]}", bucket)
    elif operation == "DeleteObjects":
        for one in params["Delete"]["Objects"]:
            yield Need("s3:DeleteObject", f"{bucket}/{_prefix(one['Key'])}")
    elif operation == "CopyObject":
        source = params["CopySource"]
        from_bucket, _, key = (
            source.lstrip("/").partition("/") if isinstance(source, str) else (source["Bucket"], "/", source["Key"])
        )
        yield Need("s3:GetObject", f"arn:{where.partition}:s3:::{from_bucket}/{_prefix(key)}")
        yield Need("s3:PutObject", f"{bucket}/{_prefix(params['Key'])}")
    if {"Tagging", "ACL"} & params.keys():
        raise UnknownCall(
            f"{operation} with Tagging or ACL needs an action more than s3:{operation}: "
            "add it to tools/simulation/aws/actions.py"
        )


def _prefix(key: str) -> str:
    """What a policy grants of a bucket: all under a first folder."""
    return key.split("/")[0] + "/*"


def _lambda(operation: str, params: Params, where: Where) -> Iterator[Need]:
    if operation == "Invoke":
        name = params["FunctionName"]
        yield Need(
            "lambda:InvokeFunction", name if name.startswith("arn:") else where.arn("lambda", f"function:{name}")
        )
    elif operation in {"GetEventSourceMapping", "UpdateEventSourceMapping"}:
        yield Need(f"lambda:{operation}", where.arn("lambda", f"event-source-mapping:{params['UUID']}"))
    elif operation == "ListEventSourceMappings":
        yield Need("lambda:ListEventSourceMappings", "*")
