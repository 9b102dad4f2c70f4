"""The account is ready for what reads images, is paced, or reaches something private: its roles and
boundary allow that, on the pipelines' own.
"""

from __future__ import annotations

import pytest

from tests.support.authority import EVERYTHING, authority, judged
from tools.environment.names import account_of

DEV = account_of("dev")
ROLE = f"arn:aws:iam::{DEV}:role/"
STATE = f"arn:aws:s3:::sluice-dev-state-{DEV}"
FUNCTION = f"arn:aws:lambda:us-east-1:{DEV}:function:sluice-dev-harvest-pace"
SECRET = f"arn:aws:secretsmanager:us-east-1:{DEV}:secret:sluice-dev-harvest-key-AbCdEf"
MAPPING = f"arn:aws:lambda:us-east-1:{DEV}:event-source-mapping:0"
PAGE, DISTRIBUTION = f"arn:aws:s3:::sluice-dev-votes-page-{DEV}", f"arn:aws:cloudfront::{DEV}:distribution/E1"
SCHEDULE = f"arn:aws:scheduler:us-east-1:{DEV}:schedule/default/sluice-dev-harvest-next"
# Calls of a pipeline's functions, and the keys that AWS tells with them.
WITHIN = [
    ("textract:AnalyzeExpense", "*", {}),
    ("secretsmanager:GetSecretValue", SECRET, {}),
    ("secretsmanager:PutSecretValue", SECRET, {}),  # a token that is good once is kept before it is used
    ("lambda:UpdateEventSourceMapping", MAPPING, {"lambda_FunctionArn": f"{FUNCTION}:live"}),
    ("ec2:CreateNetworkInterface", f"arn:aws:ec2:us-east-1:{DEV}:subnet/subnet-1", {}),
    ("scheduler:CreateSchedule", SCHEDULE, {}),
    ("iam:PassRole", f"{ROLE}sluice-dev-harvest-schedule", {"iam_PassedToService": "scheduler.amazonaws.com"}),
    ("dynamodb:GetRecords", f"arn:aws:dynamodb:us-east-1:{DEV}:table/sluice-dev-receipts-files/stream/1", {}),
    ("dynamodb:Query", f"arn:aws:dynamodb:us-east-1:{DEV}:table/sluice-dev-receipts-files/index/by-hash", {}),
    ("xray:PutTraceSegments", "*", {}),
]
# The same on what is not a pipeline's.
BEYOND = [
    ("secretsmanager:GetSecretValue", SECRET.replace("sluice-dev-harvest", "payroll"), {}),
    ("secretsmanager:PutSecretValue", SECRET.replace("sluice-dev-harvest", "payroll"), {}),
    ("secretsmanager:DeleteSecret", SECRET, {}),
    ("lambda:UpdateEventSourceMapping", MAPPING, {"lambda_FunctionArn": FUNCTION.replace("sluice-dev", "payroll")}),
    ("scheduler:CreateSchedule", SCHEDULE.replace("sluice-dev", "payroll"), {}),
    ("iam:PassRole", f"{ROLE}sluice-dev-apply", {"iam_PassedToService": "scheduler.amazonaws.com"}),
    ("iam:PassRole", f"{ROLE}sluice-dev-harvest-schedule", {"iam_PassedToService": "lambda.amazonaws.com"}),
    ("ec2:RunInstances", "*", {}),
]


@pytest.mark.parametrize(("action", "resource", "context"), WITHIN)
def test_what_a_pipelines_role_can_do_where_its_policy_says_so(
    action: str, resource: str, context: dict[str, str]
) -> None:
    assert judged([EVERYTHING], authority("dev").managed["sluice-dev-boundary"], action, resource, context)


@pytest.mark.parametrize(("action", "resource", "context"), BEYOND)
def test_what_of_these_is_not_a_pipelines_stays_out_of_reach(
    action: str, resource: str, context: dict[str, str]
) -> None:
    assert not judged([EVERYTHING], authority("dev").managed["sluice-dev-boundary"], action, resource, context)


@pytest.mark.parametrize(
    ("action", "resource", "context", "can"),
    [
        ("s3:PutBucketNotification", "arn:aws:s3:::sluice-dev-receipts-1", {}, True),
        ("s3:PutBucketCORS", "arn:aws:s3:::sluice-dev-receipts-1", {}, True),
        ("s3:PutBucketNotification", STATE, {}, False),
        ("secretsmanager:CreateSecret", SECRET, {}, True),
        ("secretsmanager:GetSecretValue", SECRET, {}, False),
        ("ec2:CreateVpcEndpoint", f"arn:aws:ec2:us-east-1:{DEV}:vpc/vpc-1", {}, True),
        ("ec2:CreateRoute", f"arn:aws:ec2:us-east-1:{DEV}:route-table/rtb-1", {}, True),
        ("ec2:CreateVpnConnection", f"arn:aws:ec2:us-east-1:{DEV}:vpn-connection/vpn-1", {}, False),
        ("ec2:GetVpnConnectionDeviceSampleConfiguration", "*", {}, False),
        ("rolesanywhere:CreateProfile", f"arn:aws:rolesanywhere:us-east-1:{DEV}:profile/p", {}, True),
        ("rolesanywhere:CreateTrustAnchor", f"arn:aws:rolesanywhere:us-east-1:{DEV}:trust-anchor/a", {}, False),
        ("ec2:CreateInternetGateway", f"arn:aws:ec2:us-east-1:{DEV}:internet-gateway/igw-1", {}, False),
        ("ec2:DescribeSubnets", "*", {"ec2_Region": "us-east-1"}, True),
        ("ec2:DescribeSubnets", "*", {"ec2_Region": "eu-west-1"}, False),
        ("sns:Unsubscribe", "*", {}, False),
        ("cloudfront:CreateDistribution", "*", {}, True),
        ("cloudfront:UpdateDistribution", DISTRIBUTION, {}, True),
        ("cloudfront:GetDistribution", DISTRIBUTION, {}, True),
        ("cloudfront:UpdateDistribution", DISTRIBUTION.replace(DEV, "444444444444"), {}, False),
        ("cloudfront:CreateFunction", f"arn:aws:cloudfront::{DEV}:function/f", {}, False),
        ("s3:PutObject", f"{PAGE}/vote.js", {}, True),
        ("s3:DeleteObjectVersion", f"{PAGE}/vote.js", {}, True),
        ("s3:PutObject", f"arn:aws:s3:::sluice-dev-votes-quarantine-{DEV}/votes-page-{DEV}/vote.js", {}, False),
        ("s3:GetObject", f"arn:aws:s3:::sluice-dev-receipts-{DEV}/x-page-{DEV}/1", {}, False),
    ],
)
def test_the_apply_role_makes_what_is_to_come_and_reads_no_secret(
    action: str, resource: str, context: dict[str, str], can: bool
) -> None:
    assert authority("dev").may("sluice-dev-apply", action, resource, **context) == can


def test_a_page_is_made_by_applying_alone() -> None:
    """A pull request's plan reads what everybody may, and changes no file of it."""
    iam = authority("dev")
    assert iam.may("sluice-dev-plan", "s3:GetObject", f"{PAGE}/vote.js")
    for call in ("s3:PutObject", "s3:DeleteObject"):
        assert not iam.may("sluice-dev-plan", call, f"{PAGE}/vote.js")
    assert not iam.may("sluice-dev-plan", "cloudfront:UpdateDistribution", DISTRIBUTION)
