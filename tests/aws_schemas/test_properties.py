"""A planned resource in CloudFormation's words, with the way back to its attributes."""

from __future__ import annotations

from typing import Any

import pytest

from tools.aws_schemas import mapping, properties
from tools.aws_schemas.data_files import published

BUCKET, POLICY = "aws_s3_bucket_lifecycle_configuration", "aws_sqs_queue_redrive_policy"


def _made(kind: str, after: dict[str, Any], unknown: dict[str, Any] | None = None) -> properties.Properties:
    schema = published("types")[mapping.cloudformation(kind)]["schema"]
    return properties.of(kind, after, unknown or {}, schema)


@pytest.mark.parametrize(
    ("kind", "after", "document"),
    [
        ("aws_sqs_queue", {"visibility_timeout_seconds": 30, "delay_seconds": None}, {"VisibilityTimeout": 30}),
        ("aws_sqs_queue", {"tags": {"a": "b"}, "tags_all": {"c": "d"}}, {"Tags": [{"Key": "c", "Value": "d"}]}),
        ("aws_cloudwatch_metric_alarm", {"dimensions": {"Q": "q"}}, {"Dimensions": [{"Name": "Q", "Value": "q"}]}),
        ("aws_cloudwatch_log_group", {"retention_in_days": 0, "name": "l"}, {"LogGroupName": "l"}),
        ("aws_lambda_function", {"reserved_concurrent_executions": -1, "s3_key": "f"}, {"Code": {"S3Key": "f"}}),
        ("aws_budgets_budget", {"limit_amount": "12.5"}, {"Budget": {"BudgetLimit": {"Amount": 12.5}}}),
        (POLICY, {"redrive_policy": '{"maxReceiveCount":5}'}, {"RedrivePolicy": {"maxReceiveCount": 5}}),
        (POLICY, {"redrive_policy": "no JSON"}, {"RedrivePolicy": "no JSON"}),
        (
            BUCKET,
            {"rule": [{"expiration": [{"days": 2}], "filter": [{"object_size_less_than": 9}]}]},
            {"LifecycleConfiguration": {"Rules": [{"ExpirationInDays": 2, "ObjectSizeLessThan": "9"}]}},
        ),
        (
            "aws_dynamodb_table",
            {"range_key": "n", "hash_key": "id", "ttl": [{"enabled": True}]},
            {
                "KeySchema": [
                    {"KeyType": "HASH", "AttributeName": "id"},
                    {"KeyType": "RANGE", "AttributeName": "n"},
                ],
                "TimeToLiveSpecification": {"Enabled": True},
            },
        ),
        (
            "aws_budgets_budget",
            {"notification": [{"subscriber_email_addresses": ["a@b", "c@d"]}]},
            {
                "NotificationsWithSubscribers": [
                    {
                        "Subscribers": [
                            {"SubscriptionType": "EMAIL", "Address": "a@b"},
                            {"SubscriptionType": "EMAIL", "Address": "c@d"},
                        ]
                    }
                ]
            },
        ),
    ],
)
def test_values_are_spelt_as_cloudformation_does(kind: str, after: dict[str, Any], document: dict[str, Any]) -> None:
    made = _made(kind, after)
    assert made.document == document
    assert made.uncovered == set()


def test_a_place_leads_back_to_its_attribute() -> None:
    made = _made(BUCKET, {"rule": [{"id": "a"}, {"expiration": [{"days": 2}]}]})
    rules = ("LifecycleConfiguration", "Rules")
    assert made.attribute((*rules, 1, "ExpirationInDays")) == "rule.expiration.days"
    assert made.attribute((*rules, 1)) == "rule[1]"
    assert made.attribute(("LifecycleConfiguration",)).split(", ")[0] == "rule"


def test_what_is_not_known_is_no_value_but_is_told() -> None:
    made = _made("aws_sqs_queue", {"name": "q"}, {"kms_master_key_id": True, "fifo_queue": False})
    assert made.document == {"QueueName": "q"}
    assert made.unknown == {("KmsMasterKeyId",)}


def test_what_has_no_property_is_told() -> None:
    assert _made("aws_route_table", {"propagating_vgws": ["v"]}).uncovered == {"propagating_vgws"}
