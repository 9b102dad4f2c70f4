"""What a plan of the pipeline needs, its apply role can do; and the boundary leaves the pipeline's
own roles all that they are allowed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.support.authority import EVERYTHING, authority, judged
from tests.support.plan import plan, resources
from tools.environment.names import DEPLOYED

Call = tuple[str, str, dict[str, str]]

_FUNCTION = "arn:aws:lambda:{own}:function:{function_name}"
_MAPPED = {"lambda_FunctionArn": "arn:aws:lambda:{own}:function:sluice-{name}-votes-write:live"}
_TABLES = {"application-autoscaling_service_namespace": "dynamodb"}
_BOUNDED = {"iam_PermissionsBoundary": "arn:aws:iam::{account}:policy/sluice-{name}-boundary"}

# By type: the resource, what the provider calls on it, and the condition keys that AWS tells with
# that.
NEEDED: dict[str, list[Call]] = {
    "aws_sqs_queue": [
        (
            "arn:aws:sqs:{own}:{name}",
            "sqs:CreateQueue sqs:SetQueueAttributes sqs:GetQueueAttributes sqs:TagQueue sqs:DeleteQueue",
            {},
        )
    ],
    "aws_apigatewayv2_authorizer": [
        ("arn:aws:apigateway:us-east-1::/apis/a/authorizers", "apigateway:POST", {}),
        ("arn:aws:apigateway:us-east-1::/apis/a/authorizers/b", "apigateway:PATCH apigateway:DELETE", {}),
    ],
    "aws_dynamodb_table": [
        (
            "arn:aws:kms:{own}:key/a",
            "kms:DescribeKey kms:CreateGrant",
            {"kms_ViaService": "dynamodb.us-east-1.amazonaws.com"},
        ),
        (
            "arn:aws:dynamodb:{own}:table/{name}",
            "dynamodb:CreateTable dynamodb:DescribeTable dynamodb:UpdateTable dynamodb:DeleteTable",
            {},
        ),
        (
            "arn:aws:dynamodb:{own}:table/{name}",
            "dynamodb:UpdateTimeToLive dynamodb:UpdateContinuousBackups dynamodb:TagResource",
            {},
        ),
    ],
    "aws_appautoscaling_target": [
        (
            "arn:aws:application-autoscaling:{own}:scalable-target/0",
            "application-autoscaling:RegisterScalableTarget",
            _TABLES,
        ),
        ("arn:aws:application-autoscaling:{own}:scalable-target/0", "application-autoscaling:TagResource", {}),
        (
            "arn:aws:iam::{account}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/x",
            "iam:CreateServiceLinkedRole",
            {"iam_AWSServiceName": "dynamodb.application-autoscaling.amazonaws.com"},
        ),
    ],
    "aws_appautoscaling_policy": [
        (
            "arn:aws:application-autoscaling:{own}:scalable-target/0",
            "application-autoscaling:PutScalingPolicy",
            _TABLES,
        ),
        ("*", "application-autoscaling:DescribeScalingPolicies", {}),
    ],
    "aws_lambda_function": [
        (
            _FUNCTION,
            "lambda:CreateFunction lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration lambda:PublishVersion",
            {},
        ),
        (_FUNCTION, "lambda:GetFunction lambda:ListVersionsByFunction lambda:TagResource lambda:DeleteFunction", {}),
    ],
    "aws_lambda_alias": [
        (
            "arn:aws:lambda:{own}:function:{function_name}",
            "lambda:CreateAlias lambda:GetAlias lambda:UpdateAlias lambda:DeleteAlias",
            {},
        )
    ],
    "aws_lambda_permission": [
        (_FUNCTION + ":live", "lambda:AddPermission lambda:GetPolicy lambda:RemovePermission", {})
    ],
    "aws_lambda_function_event_invoke_config": [
        (
            _FUNCTION,
            (
                "lambda:PutFunctionEventInvokeConfig lambda:GetFunctionEventInvokeConfig "
                "lambda:DeleteFunctionEventInvokeConfig"
            ),
            {},
        )
    ],
    "aws_lambda_function_recursion_config": [
        (_FUNCTION, "lambda:PutFunctionRecursionConfig lambda:GetFunctionRecursionConfig", {})
    ],
    "aws_lambda_event_source_mapping": [
        ("*", "lambda:CreateEventSourceMapping", _MAPPED),
        (
            "arn:aws:lambda:{own}:event-source-mapping:0",
            "lambda:UpdateEventSourceMapping lambda:DeleteEventSourceMapping",
            _MAPPED,
        ),
        ("arn:aws:lambda:{own}:event-source-mapping:0", "lambda:TagResource", {}),
    ],
    "aws_apigatewayv2_api": [
        ("arn:aws:apigateway:us-east-1::/apis", "apigateway:POST", {}),
        (
            "arn:aws:iam::{account}:role/aws-service-role/ops.apigateway.amazonaws.com/x",
            "iam:CreateServiceLinkedRole",
            {"iam_AWSServiceName": "ops.apigateway.amazonaws.com"},
        ),
        (
            "arn:aws:apigateway:us-east-1::/apis/a/stages/$default",
            "apigateway:GET apigateway:PATCH apigateway:DELETE",
            {},
        ),
        ("arn:aws:apigateway:us-east-1::/tags/arn", "apigateway:POST", {}),
    ],
    "aws_cloudwatch_log_group": [
        (
            "arn:aws:logs:{own}:log-group:{name}",
            "logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource logs:DeleteLogGroup logs:AssociateKmsKey",
            {},
        ),
        ("*", "logs:DescribeLogGroups logs:CreateLogDelivery", {}),
    ],
    "aws_cloudwatch_metric_alarm": [
        ("arn:aws:cloudwatch:{own}:alarm:{alarm_name}", "cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms", {})
    ],
    "aws_cloudwatch_dashboard": [
        (
            "arn:aws:cloudwatch::{account}:dashboard/{dashboard_name}",
            "cloudwatch:PutDashboard cloudwatch:GetDashboard",
            {},
        )
    ],
    "aws_scheduler_schedule": [
        ("arn:aws:scheduler:{own}:schedule/default/{name}", "scheduler:CreateSchedule scheduler:DeleteSchedule", {})
    ],
    "aws_s3_bucket": [
        (
            "arn:aws:s3:::{bucket}",
            "s3:CreateBucket s3:GetBucketVersioning s3:PutBucketPolicy s3:PutEncryptionConfiguration",
            {},
        ),
        (
            "arn:aws:s3:::{bucket}",
            "s3:PutLifecycleConfiguration s3:PutBucketPublicAccessBlock s3:PutBucketOwnershipControls s3:DeleteBucket",
            {},
        ),
        ("arn:aws:s3:::{bucket}", "s3:PutBucketNotification s3:PutBucketCORS", {}),
    ],
    "aws_iam_role": [
        (
            "arn:aws:iam::{account}:role/{name}",
            "iam:CreateRole iam:PutRolePolicy iam:DeleteRolePolicy iam:PutRolePermissionsBoundary",
            _BOUNDED,
        ),
        ("arn:aws:iam::{account}:role/{name}", "iam:GetRole iam:UpdateAssumeRolePolicy iam:TagRole iam:DeleteRole", {}),
        ("arn:aws:iam::{account}:role/{name}", "iam:PassRole", {"iam_PassedToService": "lambda.amazonaws.com"}),
        ("arn:aws:iam::{account}:role/{name}", "iam:PassRole", {"iam_PassedToService": "scheduler.amazonaws.com"}),
    ],
}
_SEEN = {"ec2_Region": "us-east-1"}


def _of_network(kind: str, calls: str, seen: str) -> list[Call]:
    """What is done to a thing of a network, whose id AWS draws, and what is asked of it."""
    return [(f"arn:aws:ec2:{{own}}:{kind}/x", calls, {}), ("*", seen, _SEEN)]


_RULES = (
    "ec2:AuthorizeSecurityGroupIngress ec2:AuthorizeSecurityGroupEgress ec2:RevokeSecurityGroupIngress "
    "ec2:RevokeSecurityGroupEgress ec2:ModifySecurityGroupRules ec2:CreateTags"
)
# What lies behind functions that reach something private.
NEEDED |= {
    "aws_secretsmanager_secret": [
        (
            "arn:aws:secretsmanager:{own}:secret:{name}-a1b2c3",
            (
                "secretsmanager:CreateSecret secretsmanager:DescribeSecret secretsmanager:UpdateSecret "
                "secretsmanager:DeleteSecret secretsmanager:TagResource secretsmanager:GetResourcePolicy"
            ),
            {},
        )
    ],
    "aws_vpc": _of_network(
        "vpc",
        "ec2:CreateVpc ec2:ModifyVpcAttribute ec2:DeleteVpc ec2:CreateTags",
        "ec2:DescribeVpcs ec2:DescribeVpcAttribute",
    ),
    "aws_subnet": _of_network("subnet", "ec2:CreateSubnet ec2:DeleteSubnet ec2:CreateTags", "ec2:DescribeSubnets"),
    "aws_route_table": _of_network(
        "route-table", "ec2:CreateRouteTable ec2:DeleteRouteTable ec2:CreateTags", "ec2:DescribeRouteTables"
    ),
    "aws_route_table_association": _of_network(
        "route-table", "ec2:AssociateRouteTable ec2:DisassociateRouteTable", "ec2:DescribeRouteTables"
    ),
    "aws_route": _of_network(
        "route-table", "ec2:CreateRoute ec2:ReplaceRoute ec2:DeleteRoute", "ec2:DescribeRouteTables"
    ),
    "aws_vpn_gateway_attachment": _of_network(
        "vpn-gateway", "ec2:AttachVpnGateway ec2:DetachVpnGateway", "ec2:DescribeVpnGateways"
    ),
    "aws_vpc_endpoint": _of_network(
        "vpc-endpoint",
        "ec2:CreateVpcEndpoint ec2:ModifyVpcEndpoint ec2:DeleteVpcEndpoints ec2:CreateTags",
        "ec2:DescribeVpcEndpoints ec2:DescribePrefixLists",
    ),
    "aws_security_group": _of_network(
        "security-group",
        "ec2:CreateSecurityGroup ec2:DeleteSecurityGroup ec2:CreateTags",
        "ec2:DescribeSecurityGroups ec2:DescribeNetworkInterfaces",
    ),
    "aws_default_security_group": _of_network(
        "security-group",
        "ec2:RevokeSecurityGroupIngress ec2:RevokeSecurityGroupEgress ec2:CreateTags",
        "ec2:DescribeSecurityGroups",
    ),
    "aws_vpc_security_group_ingress_rule": _of_network("security-group", _RULES, "ec2:DescribeSecurityGroupRules"),
    "aws_vpc_security_group_egress_rule": _of_network("security-group-rule", _RULES, "ec2:DescribeSecurityGroupRules"),
}
# Settings of a resource above, by its calls.
OF_ANOTHER = {
    *(f"aws_sqs_queue_{part}" for part in ("policy", "redrive_policy", "redrive_allow_policy")),
    *(f"aws_apigatewayv2_{part}" for part in ("integration", "route", "stage")),
    *(
        f"aws_s3_bucket_{part}"
        for part in (
            *("lifecycle_configuration", "ownership_controls", "policy", "public_access_block"),
            *("notification", "cors_configuration"),
        )
    ),
    *(
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_iam_role_policy",
        "terraform_data",
    ),
}


@pytest.mark.parametrize("name", DEPLOYED)
def test_the_apply_role_can_make_change_and_end_all_that_a_plan_holds(name: str) -> None:
    iam, own = authority(name), f"us-east-1:{authority(name).account}"
    denied, kinds = [], set()
    for address, values in resources(plan(name)).items():
        kind = re.findall(r"(?:^|\.)(aws_\w+|terraform_data)\.", address)[-1]
        kinds.add(kind)
        for pattern, calls, context in NEEDED.get(kind, ()):
            arn = pattern.format(own=own, account=iam.account, **values)
            keys = {key: text.format(own=own, name=name, account=iam.account) for key, text in context.items()}
            denied += [(call, arn) for call in calls.split() if not iam.may(f"sluice-{name}-apply", call, arn, **keys)]
    assert denied == []
    assert kinds - set(NEEDED) == OF_ANOTHER


@pytest.mark.parametrize("name", DEPLOYED)
def test_every_role_of_the_pipeline_carries_the_boundary_and_keeps_all_that_it_is_allowed(name: str) -> None:
    iam = authority(name)
    boundary = iam.managed[f"sluice-{name}-boundary"]
    roles = resources(plan(name), "aws_iam_role").values()
    assert {role["permissions_boundary"] for role in roles} == {
        f"arn:aws:iam::{iam.account}:policy/sluice-{name}-boundary"
    }
    own = f"us-east-1:{iam.account}"
    calls = [
        *_allowed(name),
        ("lambda:GetEventSourceMapping", f"arn:aws:lambda:{own}:event-source-mapping:0"),
        ("logs:FilterLogEvents", f"arn:aws:logs:{own}:log-group:/aws/lambda/sluice-{name}-votes-write:*"),
        ("logs:PutLogEvents", f"arn:aws:logs:{own}:log-group:/aws/lambda/sluice-{name}-votes-conservation:*"),
    ]
    assert len(calls) > 40
    assert [call for call in calls if not judged([EVERYTHING], boundary, *call, {})] == []


def _allowed(name: str) -> Iterator[tuple[str, str]]:
    """Action and resource of every call that an environment's functions and schedules may make."""
    for policy in resources(plan(name), "aws_iam_role_policy").values():
        for statement in json.loads(policy.get("policy", '{"Statement": []}'))[
            "Statement"
        ]:  # one names a mapping: unknown until apply
            for resource in statement["Resource"]:
                yield from ((action, resource) for action in statement["Action"])
