"""The apply role can do what AWS's own schemas say that each resource type of ours needs; what it
cannot is not used, for a reason.

No call of the real provider is recorded here: the local cloud's provider is a stand-in, which calls
less. So this compares lists.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from tests.support.authority import authority
from tools.environment.names import DEPLOYED
from tools.iam import handlers

# What these handlers can do and ours never ask for, as patterns of actions, and why. Patterns
# ignore case, as IAM does.
UNUSED = {
    "codedeploy:*": "aliases are moved at once, not by CodeDeploy",
    "elasticfilesystem:*": "no function mounts a file system",
    "s3files:*": "no function mounts a file system",
    "firehose:*": "log groups deliver nowhere",
    "s3:REST.PUT.OBJECT": "log groups deliver nowhere",
    "kinesis:*": "no table streams",
    "dynamodb:*KinesisStreamingDestination": "no table streams",
    "dynamodb:*TableReplica": "no table is global",
    "dynamodb:*ResourcePolicy": "no table has a policy of its own",
    "dynamodb:*ContributorInsights": "no table has them",
    "dynamodb:*Item": "rows are the functions'",
    "dynamodb:Scan": "rows are the functions'",
    "dynamodb:ImportTable": "no table begins with an import",
    "dynamodb:DescribeImport": "no table begins with an import",
    "s3:GetObjectMetadata": "no table begins with an import",
    "logs:CreateLogStream": "no table begins with an import, and lines are the functions'",
    "logs:DescribeLogStreams": "no table begins with an import, and lines are the functions'",
    "logs:PutLogEvents": "no table begins with an import, and lines are the functions'",
    "kms:*": "no environment has a customer's key: "
    "with one, its key policy or a statement of the administrator's allows these",
    "iam:AttachRolePolicy": "roles have inline policies only",
    "iam:DetachRolePolicy": "roles have inline policies only",
    "iam:DeleteRolePermissionsBoundary": "the role's own boundary denies it",
    "lambda:*CodeSigningConfig": "zips are pinned by their hash",
    "lambda:*ProvisionedConcurrencyConfig": "no alias has provisioned concurrency",
    "lambda:*RuntimeManagementConfig": "Lambda's own default stands",
    "lambda:AssociateRuntimeAlias": "Lambda's own default stands",
    "lambda:*ScalingConfig": "functions run on Lambda's own capacity",
    "lambda:PassCapacityProvider": "functions run on Lambda's own capacity",
    "lambda:GetLayerVersion": "no function has layers",
    "application-autoscaling:*ScheduledAction*": "no schedule of capacities",
    "logs:*DataProtectionPolicy": "log groups have none: no voter's id is in a line",
    "logs:*IndexPolic*": "log groups have none",
    "logs:DeleteResourcePolicy": "the account's log policy stays when an API ends",
    "logs:PutBearerTokenAuthentication": "nobody writes lines with tokens",
    "logs:PutLogGroupDeletionProtection": "retention is what is promised of lines",
    "s3tables:*": "no tables in buckets",
    "s3:*Metadata*TableConfiguration": "no tables in buckets",
    "s3:*AnalyticsConfiguration": "no bucket has it",
    "s3:*InventoryConfiguration": "no bucket has it",
    "s3:*MetricsConfiguration": "no bucket has it",
    "s3:*IntelligentTieringConfiguration": "no bucket has it",
    "s3:PutAccelerateConfiguration": "no bucket has it",
    "s3:*Replication*": "no bucket is replicated",
    "s3:*Website": "no bucket is a site",
    "s3:DeleteBucketCors": "IAM knows that call as s3:PutBucketCORS",
    "ec2:*SubnetCidrBlock": "no subnet has IPv6",
    "ec2:*VpcEncryptionControl*": "no network holds what is in it to TLS: functions speak nothing else",
    "ec2:ModifyVpcTenancy": "no network is for machines",
    "ec2:DescribeInstances": "no network is for machines",
    "ec2:UpdateSecurityGroupRuleDescriptions*": "rules are types of their own: ec2:ModifySecurityGroupRules",
    "ec2:*InternetGateway*": "no network leads to the internet",
    "ec2:DescribeTags": "tags are read with what they are of",
    "directconnect:CreateDirectConnectGatewayAssociationProposal": "the gateway is of the network's own account",
    "sts:AssumeRole": "the gateway is of the network's own account",
    "rolesanywhere:*AttributeMapping": "a certificate's attributes are told as AWS tells them",
    "iam:GetPolicy": "a profile narrows its role by no managed policy: the role's own is narrow",
    "secretsmanager:GetRandomPassword": "a person puts a secret's value",
    "secretsmanager:GetSecretValue": "a person puts a secret's value",
    "secretsmanager:Re*Region*": "no secret is in two regions",
    "vpc-lattice:*": "no endpoint is of a service network",
    "vpce:AllowMultiRegion": "no endpoint leads to another region",
    "s3:PutBucketLogging": "a bucket's own access log is an account's choice",
    "s3:*ObjectLockConfiguration": "no bucket locks objects",
    "s3:PutBucketAbac": "no rights by tags",
    "s3:Put*Acl": "ownership is the bucket's: there are no ACLs",
    "s3:DeleteBucketEncryption": "IAM knows that call as s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "IAM knows that call as s3:PutLifecycleConfiguration",
    "amplify:*": "a web ACL is a load balancer's",
    "apigateway:SetWebACL": "a web ACL is a load balancer's",
    "apprunner:*": "a web ACL is a load balancer's",
    "appsync:*": "a web ACL is a load balancer's",
    "bedrock-agentcore:*": "a web ACL is a load balancer's",
    "ec2:*VerifiedAccessInstanceWebAcl*": "a web ACL is a load balancer's",
    "cognito-idp:*": "a web ACL is a load balancer's, and a listener verifies tokens, and signs nobody in",
    "wafv2:*PermissionPolicy": "no rule group is shared with another account",
    "payments:GetConnectedAccount": "no rule asks anybody to pay",
    "elasticloadbalancing:ModifyCapacityReservation": "a person reserves units, before a premiere",
    "elasticloadbalancing:ModifyIpPools": "a load balancer's addresses are AWS's own",
    "ec2:DescribeIpamPools": "a load balancer's addresses are AWS's own",
    "cloudfront:CreateDistributionWithTags": "IAM knows that call as cloudfront:CreateDistribution and TagResource",
    "cloudfront:GetDistributionConfig": "cloudfront:GetDistribution answers that too",
    "cloudfront:UpdateDistributionWithStagingConfig": "no distribution is a rehearsal of another",
    "cloudfront:*ConnectionGroup": "no distribution has tenants",
    "cloudfront:GetVpcOrigin": "a page comes out of a bucket",
}


def needed() -> dict[str, list[str]]:
    """Each action, and what needs it."""
    found: dict[str, list[str]] = {}
    for name, by_handler in handlers.read().items():
        for handler, actions in by_handler.items():
            for action in actions:
                found.setdefault(action, []).append(f"{name} {handler}")
    return found


def allowed(environment: str) -> set[str]:
    """The actions that the apply role's policies name."""
    role, found = f"sluice-{environment}-apply", authority(environment)
    documents = [*found.inline[role], *(found.managed[name] for name in found.attached[role])]
    statements = [one for document in documents for one in document["Statement"] if one["Effect"] == "Allow"]
    return {
        action
        for one in statements
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }


def matches(action: str, pattern: str) -> bool:
    """As IAM compares them."""
    return fnmatchcase(action.lower(), pattern.lower())


@pytest.mark.parametrize("environment", DEPLOYED)
def test_what_a_resource_type_needs_the_apply_role_can_do_or_nothing_of_ours_asks_for(environment: str) -> None:
    can = allowed(environment)
    lacking = {action: who for action, who in needed().items() if not any(matches(action, pattern) for pattern in can)}
    unexplained = {
        action: who for action, who in lacking.items() if not any(matches(action, pattern) for pattern in UNUSED)
    }
    assert unexplained == {}, (
        "allow these in terraform/modules/account/calls.tf, or say here why nothing of ours asks for them"
    )
    idle = [pattern for pattern in UNUSED if not any(matches(action, pattern) for action in lacking)]
    assert idle == [], "nothing is lacking that these explain: take them away"


def test_the_file_has_every_type_that_is_planned() -> None:
    assert set(handlers.types().values()) == set(handlers.read()), "run `python -m tools.iam.handlers`"
