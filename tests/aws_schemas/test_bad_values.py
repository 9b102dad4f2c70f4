"""One bad value of each kind is planned by the stand-in provider and refused here, by name."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.plan import plan, workspace
from tools.aws_schemas import check
from tools.aws_schemas.refused import Refused

# the resource's name in bad.tf → attribute, value, and what AWS does instead
REFUSED = {
    "pattern": ("name", "every night", "takes text of 1 to 64 characters that matches ^[0-9a-zA-Z-_.]+$"),
    "range": ("message_retention_seconds", 59, "takes a whole number from 60 to 1209600"),
    "enum": ("retention_in_days", 31, "14 or 30 or 60"),
    "length": ("name", f"{1:065}", "of 1 to 64 characters"),
    "required": ("the resource", None, "needs Code (filename, image_uri, s3_bucket, s3_key"),
    "type": ("redrive_policy.maxReceiveCount", "five", "AWS takes a whole number"),
    "additional": ("redrive_policy", None, "knows no maxReceives"),
    "between_fields": ("read_capacity", 0, "from at least 1 (rule billingmode_provisioned_dependent)"),
    "documented": ("maximum_batching_window_in_seconds", 1, "takes 0 (rule queue-fifo)"),
    "inside_a_map": ("environment.variables", None, "takes a value other than _HANDLER or"),
    "action": ("policy.Statement[0].Action", "sqs:SendMessages", "knows no such action: sqs has SendMessage"),
    "condition_key": (
        "policy.Statement[0].Condition.StringEquals.iam:PermissionsBoundary",
        "arn:aws:iam::111111111111:role/r",
        "sets no such condition key for iam:ListRoles; it knows none but the global ones",
    ),
    "element": ("policy.Statement[0]", None, "knows no Conditions"),
}


@pytest.fixture(scope="module")
def folder() -> Path:
    made = workspace() / "bad"
    made.mkdir()
    shutil.copy(Path(__file__).with_name("bad.tf"), made)
    return made


@pytest.fixture(scope="module")
def refused(folder: Path) -> dict[str, list[Refused]]:
    found = defaultdict(list)
    for one in check.refused(plan(folder)):
        found[one.address.split(".")[1]].append(one)
    return found


def test_every_bad_value_is_refused_and_no_other(refused: dict[str, list[Refused]]) -> None:
    assert set(refused) == set(REFUSED)


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refusal_says_what_and_where(kind: str, refused: dict[str, list[Refused]], folder: Path) -> None:
    attribute, value, answer = REFUSED[kind]
    said = [check.said(one, plan(folder), folder) for one in refused[kind]]
    (text,) = [text for text in said if answer in text]
    first, *lines = text.splitlines()
    address = f".{kind}: {attribute} is "
    assert address in first
    assert value is None or f"{address}{json.dumps(value)}; AWS " in first
    assert any("bad.tf:" in line for line in lines)


def test_the_same_without_the_faults_is_taken(folder: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.tfvars.json"
    good.write_text(json.dumps({"good": True}))
    assert check.refused(plan(folder, good)) == []
