"""A call that AWS's own model refuses is not made, though the emulator would take it."""

from __future__ import annotations

import re
from typing import Any

import botocore.session
import pytest

from tools.common.paths import ROOT
from tools.offline_provider import RefusedError
from tools.offline_provider.connection import Connection
from tools.offline_provider.parameters import readable, violations

FUNCTION: dict[str, Any] = {
    "FunctionName": "f",
    "Role": "arn:aws:iam::000000000000:role/f",
    "Code": {"S3Bucket": "abc"},
}
MAPPING: dict[str, Any] = {"FunctionName": "f", "EventSourceArn": "arn:aws:sqs:us-east-1:000000000000:q"}
TARGET = {"Arn": "arn:aws:lambda:us-east-1:000000000000:function:f", "RoleArn": "arn:aws:iam::000000000000:role/f"}
SCHEDULE: dict[str, Any] = {"Name": "s", "ScheduleExpression": "rate(1 minute)", "FlexibleTimeWindow": {"Mode": "OFF"}}
FITTING = {
    ("lambda", "CreateFunction"): FUNCTION | {"Timeout": 900, "MemorySize": 128},
    ("lambda", "CreateEventSourceMapping"): MAPPING | {"BatchSize": 10000},
    ("scheduler", "CreateSchedule"): SCHEDULE | {"Target": TARGET},
}


@pytest.mark.parametrize(
    ("call", "parameters"), FITTING.items(), ids=lambda one: one[1] if isinstance(one, tuple) else ""
)
def test_what_fits_is_let_through(call: tuple[str, str], parameters: dict[str, Any]) -> None:
    assert _violations(*call, parameters) == []


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "said"),
    [
        (
            "lambda",
            "CreateFunction",
            FUNCTION | {"Handler": "two words"},
            "Handler is 'two words'; AWS takes what matches",
        ),
        ("lambda", "CreateFunction", FUNCTION | {"MemorySize": 64}, "MemorySize is 64; AWS takes at least 128"),
        (
            "lambda",
            "CreateEventSourceMapping",
            MAPPING | {"BatchSize": 10001},
            "BatchSize is 10001; AWS takes at most 10000",
        ),
        (
            "lambda",
            "CreateFunction",
            FUNCTION | {"Architectures": ["arm"]},
            "Architectures[0] is 'arm'; AWS takes x86_64",
        ),
        (
            "lambda",
            "CreateFunction",
            FUNCTION | {"Environment": {"Variables": {"Q": "1"}}},
            "the key 'Q' of Environment.Variables is 'Q'; AWS takes what matches",
        ),
        (
            "lambda",
            "CreateFunction",
            FUNCTION | {"Description": "d" * 257},
            "Description has 257 characters; AWS takes",
        ),
        (
            "lambda",
            "CreateFunction",
            FUNCTION | {"Architectures": ["arm64", "arm64"]},
            "Architectures has 2 elements; AWS takes at most 1",
        ),
        (
            "scheduler",
            "CreateSchedule",
            SCHEDULE | {"Target": TARGET | {"RetryPolicy": {"MaximumEventAgeInSeconds": 59}}},
            "Target.RetryPolicy.MaximumEventAgeInSeconds is 59; AWS takes at least 60",
        ),
    ],
)
def test_what_the_model_refuses_is_named(service: str, operation: str, parameters: dict[str, Any], said: str) -> None:
    (found,) = _violations(service, operation, parameters)
    assert said in found


def test_a_refused_call_is_not_made() -> None:
    nowhere = Connection("us-east-1", "000000000000", "http://127.0.0.1:9", credentials=_KEYS)
    with pytest.raises(RefusedError) as caught:
        nowhere.client("scheduler").create_schedule_group(Name="two words")
    assert "AWS refuses this CreateScheduleGroup: Name is 'two words'" in caught.value.summary


def test_patterns_that_python_cannot_read_are_known() -> None:
    """Java's classes of letters: in tags, which the stand-in only records, and in these."""
    text = "".join(path.read_text() for path in (ROOT / "tools/offline_provider/resources").glob("*.py"))
    session, unreadable = botocore.session.get_session(), set()
    for service in set(re.findall(r'client\("(\w+)"\)', text)):
        model = session.get_service_model(service)
        shapes = [model.shape_for(name) for name in model.shape_names]
        unreadable |= {shape.name for shape in shapes if _is_unreadable(shape.metadata.get("pattern", ""))}
    assert {name for name in unreadable if "tag" not in name.lower()} == {
        *("AutoScalingPolicyName", "AutoScalingRoleArn", "BudgetName", "ResourceType")
    }


def _is_unreadable(pattern: str) -> bool:
    return bool(pattern) and readable(pattern) is None


_KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def _violations(service: str, operation: str, parameters: dict[str, Any]) -> list[str]:
    model = botocore.session.get_session().get_service_model(service)
    return violations(model.operation_model(operation), parameters)
