"""The least that a person, or a screen on a wall, needs to look at a deployed environment.

It reads how many, how old and whether; never a row, a message, an object or a line of a log, and it
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tools.environment.names import folder_of, value_of
from tools.live.aws.place import Place
from tools.operations.mappings import mappings_of

Statement = dict[str, Any]


def policy(places: Sequence[Place], environment: str) -> dict[str, Any]:
    """An IAM policy for these pipelines of an environment, Terraform's outputs included."""
    return {"Version": "2012-10-17", "Statement": [*looking(places), *_outputs(environment)]}


def looking(places: Sequence[Place]) -> list[Statement]:
    """What the page itself calls."""
    return [
        _allow("Depths", ["sqs:GetQueueAttributes"], (arn for place in places for arn in _queues(place))),
        _allow("Mappings", ["lambda:GetEventSourceMapping"], (arn for place in places for arn in _mappings(place))),
        # AWS knows no resource for metrics
        _allow("Metrics", ["cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics"], ["*"]),
        _allow("Alarms", ["cloudwatch:DescribeAlarms"], [_arn(places[0], "cloudwatch", "alarm:*")]),
    ]


def _outputs(environment: str) -> list[Statement]:
    """What `terraform output` reads, by the environment's backend."""
    backend = folder_of(environment) / "backend.tf"
    bucket = f"arn:aws:s3:::{value_of(backend, 'bucket')}"
    return [
        _allow("Outputs", ["s3:GetObject"], [f"{bucket}/{value_of(backend, 'key')}"]),
        _allow("OutputsThere", ["s3:ListBucket"], [bucket]),
    ]


def _queues(place: Place) -> Iterable[str]:
    for queue in place.queues.values():
        yield from (_arn(place, "sqs", queue[name]) for name in ("name", "dead_letter_name"))


def _mappings(place: Place) -> Iterable[str]:
    there = mappings_of(place.deployment, place.ours.consumers)
    yield from (_arn(place, "lambda", f"event-source-mapping:{one.uuid}") for one in there)


def _arn(place: Place, service: str, resource: str) -> str:
    outputs = place.deployment.outputs
    return f"arn:aws:{service}:{outputs['region']}:{outputs['account_id']}:{resource}"


def _allow(sid: str, actions: list[str], resources: Iterable[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": sorted(resources)}
