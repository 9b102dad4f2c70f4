"""The trail of the state's and the artifacts' objects: where it is on, and that no role ends it."""

from __future__ import annotations

import json

import pytest

from tests.support.authority import EVERYTHING, authority
from tests.support.plan import plan, resources

PROD = "333333333333"
BUCKET = f"arn:aws:s3:::sluice-prod-trail-{PROD}"
TRAIL = f"arn:aws:cloudtrail:us-east-1:{PROD}:trail/sluice-prod-trail"

NEVER = [
    *[(f"cloudtrail:{action}", TRAIL) for action in ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors")],
    *[
        (f"s3:{action}", BUCKET)
        for action in ("DeleteBucket", "PutBucketPolicy", "DeleteBucketPolicy", "PutLifecycleConfiguration")
    ],
    *[
        (f"s3:{action}", f"{BUCKET}/AWSLogs/{PROD}/CloudTrail/x.json.gz")
        for action in ("GetObject", "PutObject", "DeleteObject", "DeleteObjectVersion")
    ],
    ("s3:PutObject", f"{BUCKET}/audit/rollback/x"),
]


@pytest.mark.parametrize(("action", "resource"), NEVER)
def test_no_role_reads_or_ends_the_trail(action: str, resource: str) -> None:
    iam = authority("prod")
    assert not iam.may("sluice-prod-plan", action, resource)
    assert not iam.may("sluice-prod-apply", action, resource)
    assert not iam.may("sluice-prod-apply", action, resource, given=EVERYTHING)


def test_it_has_the_objects_of_both_buckets_and_nothing_else() -> None:
    trail = resources(plan("prod/account"))["module.account.aws_cloudtrail.objects[0]"]
    (selector,) = trail["advanced_event_selector"]
    fields = {one["field"]: one.get("equals") or one.get("starts_with") for one in selector["field_selector"]}
    assert fields == {
        "eventCategory": ["Data"],
        "resources.type": ["AWS::S3::Object"],
        "resources.ARN": [f"arn:aws:s3:::sluice-prod-{bucket}-{PROD}/" for bucket in ("state", "artifacts")],
    }
    assert (trail["name"], trail["enable_log_file_validation"]) == ("sluice-prod-trail", True)


def test_cloudtrail_may_write_for_this_trail_alone() -> None:
    policy = resources(plan("prod/account"))["module.account.module.trail[0].aws_s3_bucket_policy.tls_only"]["policy"]
    allowed = [one for one in json.loads(policy)["Statement"] if one["Effect"] == "Allow"]
    assert [(one["Action"], one["Resource"]) for one in allowed] == [
        (["s3:GetBucketAcl"], [BUCKET]),
        (["s3:PutObject"], [f"{BUCKET}/AWSLogs/{PROD}/*"]),
    ]
    for one in allowed:
        assert one["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
        assert one["Condition"] == {"StringEquals": {"aws:SourceArn": TRAIL}}


@pytest.mark.parametrize(("name", "on"), [("dev", False), ("staging", False), ("prod", True)])
def test_prod_has_one(name: str, on: bool) -> None:
    assert any("aws_cloudtrail" in address for address in resources(plan(f"{name}/account"))) == on
