"""A name means a thing by region and account too, as the rules of policies/ go by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policies.sluice_pipeline.plan import NotYetKnown, Plan, identifies, read

QUEUE, FUNCTION, BUCKET = "aws_sqs_queue", "aws_lambda_function", "aws_s3_bucket"
ARN = "arn:aws:sqs:{}:{}:jobs".format
HERE, THERE = "us-east-1", "eu-west-1"
OURS, THEIRS = "111111111111", "222222222222"


def planned(*values: dict[str, Any], kind: str = QUEUE, providers: Any = None, key: str = "aws") -> Plan:
    """Queues q0, q1, … with these values."""
    known = [{"address": f"{kind}.q{n}", "type": kind, "name": f"q{n}", "mode": "managed"} for n in range(len(values))]
    return Plan(
        {
            "planned_values": {
                "root_module": {"resources": [one | {"values": v} for one, v in zip(known, values, strict=True)]}
            },
            "configuration": {
                "provider_config": providers or {},
                "root_module": {"resources": [one | {"provider_config_key": key, "expressions": {}} for one in known]},
            },
        }
    )


@pytest.mark.parametrize(
    ("value", "asks", "means"),
    [
        ("jobs", HERE, "q0"),
        ("jobs", THERE, "q1"),
        (ARN(HERE, OURS), THERE, "q0"),
        (ARN(THERE, OURS), HERE, "q1"),
        ("https://sqs.eu-west-1.amazonaws.com/111111111111/jobs", HERE, "q1"),
        ("https://us-east-1.queue.amazonaws.com/111111111111/jobs", THERE, "q0"),
        (ARN("ap-south-1", OURS), HERE, None),
        ("arn:aws:sns:us-east-1:111111111111:jobs", HERE, None),
        ("jobs", "ap-south-1", None),
        ("jobs", None, None),  # either of them
        (ARN("*", "*"), HERE, None),
        ("", HERE, None),
    ],
)
def test_the_queue_of_the_region(value: str, asks: str | None, means: str | None) -> None:
    plan = planned({"name": "jobs", "region": HERE}, {"name": "jobs", "region": THERE})
    if means is None:
        with pytest.raises(NotYetKnown, match=r"x, which is (no aws_sqs_queue of this plan|aws_sqs_queue.q0 or )"):
            plan.meant(value, QUEUE, asks, "x")
    else:
        assert plan.meant(value, QUEUE, asks, "x").address == f"{QUEUE}.{means}"


def test_the_queue_of_the_account() -> None:
    plan = planned({"name": "jobs", "arn": ARN(HERE, OURS)}, {"name": "jobs", "arn": ARN(HERE, THEIRS)})
    assert plan.meant(ARN(HERE, THEIRS), QUEUE, HERE, "x").address == f"{QUEUE}.q1"
    with pytest.raises(NotYetKnown, match=r"q0 or aws_sqs_queue\.q1"):
        plan.meant("jobs", QUEUE, HERE, "x")


def test_the_region_of_a_provider() -> None:
    providers = {"aws.eu": {"expressions": {"region": {"constant_value": THERE}}}}
    (queue,) = planned({"name": "jobs"}, providers=providers, key="aws.eu").resources.values()
    assert queue.region == THERE
    assert not identifies(ARN(HERE, OURS), queue)
    (unsaid,) = planned({"name": "jobs"}).resources.values()
    assert identifies(ARN(HERE, OURS), unsaid), "nothing speaks against it"


def test_functions_and_buckets() -> None:
    (function,) = planned({"function_name": "jobs", "region": HERE}, kind=FUNCTION).resources.values()
    arn = "arn:aws:lambda:us-east-1:111111111111:function:jobs"
    assert identifies(arn, function)
    assert identifies("111111111111:function:jobs", function, HERE)
    assert not identifies("111111111111:function:jobs", function, THERE)
    assert not identifies(arn.replace(HERE, THERE), function)
    (bucket,) = planned({"bucket": "jobs", "region": HERE}, kind=BUCKET).resources.values()
    assert identifies("arn:aws:s3:::jobs", bucket)
    assert not identifies(ARN(HERE, OURS), bucket)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_plan_in_the_encodings_that_editors_write(tmp_path: Path, encoding: str) -> None:
    document = {"planned_values": {"root_module": {"resources": []}}, "variables": {"a": "ü→"}}
    file = tmp_path / "plan.json"
    file.write_bytes(json.dumps(document, ensure_ascii=False).encode(encoding))
    assert read(str(file)).resources == {}
    big = tmp_path / "big.json"
    big.write_bytes(b"\xfe\xff" + json.dumps(document).encode("utf-16-be"))
    assert read(str(big)).resources == {}
