"""The apply role can do what a promotion does once it has applied, for every pipeline: smoke, soak,
and going back.
"""

from __future__ import annotations

import pytest

from tests.support.authority import authority

DEV = "111111111111"
STATE, ARTIFACTS = f"arn:aws:s3:::sluice-dev-state-{DEV}", f"arn:aws:s3:::sluice-dev-artifacts-{DEV}"
JOURNAL = f"arn:aws:dynamodb:us-east-1:{DEV}:table/sluice-dev-votes-journal"
QUEUE = f"arn:aws:sqs:us-east-1:{DEV}:sluice-dev-votes-ingest"
QUARANTINE = f"arn:aws:s3:::sluice-dev-votes-quarantine-{DEV}/quarantine/x"

# What a promotion and a rollback do with an apply, or in its place.
APPLYING: list[tuple[str, str]] = [
    *[(f"s3:{action}Object", f"{STATE}/votes/terraform.tfstate.tflock") for action in ("Get", "Put", "Delete")],
    ("s3:GetObject", f"{ARTIFACTS}/packages/0.zip"),
    ("s3:PutObject", f"{STATE}/votes/terraform.tfstate"),
    *[
        ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{DEV}:function:sluice-dev-votes-{name}:live")
        for name in ("conservation", "probe", "receive")
    ],
    *[
        ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{DEV}:function:sluice-dev-{name}:live")
        for name in ("receipts-accept", "receipts-account", "harvest-start", "harvest-runs")
    ],
    ("dynamodb:GetItem", JOURNAL),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{DEV}:table/sluice-dev-harvest-accounts"),
    *[
        (f"dynamodb:{action}", f"arn:aws:dynamodb:us-east-1:{DEV}:table/sluice-dev-{name}-ledger")
        for action in ("GetItem", "Query")
        for name in ("receipts", "harvest")
    ],
    ("dynamodb:Query", f"arn:aws:dynamodb:us-east-1:{DEV}:table/sluice-dev-receipts-ledger/index/waiting"),
    ("s3:ListBucket", f"arn:aws:s3:::sluice-dev-receipts-documents-{DEV}"),
    ("sqs:GetQueueAttributes", QUEUE),
    *[(f"cloudwatch:{action}", "*") for action in ("DescribeAlarms", "GetMetricStatistics")],
    *[
        (f"lambda:{action}", f"arn:aws:lambda:us-east-1:{DEV}:function:sluice-dev-votes-write")
        for action in ("UpdateAlias", "ListVersionsByFunction")
    ],
    ("s3:ListBucket", QUARANTINE.partition("/")[0]),
    *[
        (f"s3:{action}", f"{QUARANTINE.partition('/')[0]}/audit/rollback/1.jsonl")
        for action in ("GetObject", "PutObject")
    ],
]


@pytest.mark.parametrize(("action", "resource"), APPLYING)
def test_the_apply_role_tries_what_it_applied_and_goes_back(action: str, resource: str) -> None:
    assert authority("dev").may("sluice-dev-apply", action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", f"arn:aws:s3:::sluice-dev-receipts-documents-{DEV}/results/x/y.json"),
        ("dynamodb:Scan", f"arn:aws:dynamodb:us-east-1:{DEV}:table/sluice-dev-receipts-ledger"),
        ("dynamodb:Query", JOURNAL),
        ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{DEV}:function:sluice-dev-receipts-read:live"),
    ],
)
def test_and_no_more(action: str, resource: str) -> None:
    assert not authority("dev").may("sluice-dev-apply", action, resource)
