"""The emulator's own CloudTrail: the calls that the functions made to it.

One that a role does not allow is refused, and not in it.
"""

from __future__ import annotations

import hashlib
import json
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.common.errors import CommandError
from tools.common.loopback import fetch
from tools.operations.deployment import Deployment
from tools.simulation.aws.actions import Params, Where
from tools.simulation.aws.used import Used, used_by

SETTING = "cloudtrail._recording_enabled"
TOLD_AT_ONCE = 50


class Trail:
    """The calls recorded since it was made; the emulator keeps the newest 10,000."""

    def __init__(self, deployment: Deployment) -> None:
        self._where = Where(deployment.outputs["account_id"], deployment.outputs["region"])
        self._client = deployment.client("cloudtrail")
        self._client.meta.events.register("before-call.cloudtrail.LookupEvents", self._to_the_microsecond)
        self._keys = {name: list(_keys(deployment, name)) for name in deployment.outputs["functions"]}
        self._since = self._until = datetime.now(UTC)

    def used(self, *functions: str) -> set[Used]:
        """The rights that these functions used, or all.

        Of a mapping that was asked for, the record does not say which.
        """
        found: set[Used] = set()
        for function, service, operation, params in self.calls(*functions):
            if operation != "GetEventSourceMapping":
                found.update(used_by(function, service, operation, params, self._where))
        return found

    def calls(self, *functions: str) -> Iterator[tuple[str, str, str, Params]]:
        """Each call that these functions made, or all: function, service, operation, parameters."""
        for function in functions or self._keys:
            for key in self._keys[function]:
                yield from ((function, *_call(event)) for event in self._events(key))

    def _events(self, key: str) -> list[Mapping[str, Any]]:
        """What was signed with an access key, from the newest back."""
        found: dict[str, Mapping[str, Any]] = {}
        self._until = datetime.now(UTC) + timedelta(seconds=1)
        while True:
            events = self._client.lookup_events(
                LookupAttributes=[{"AttributeKey": "AccessKeyId", "AttributeValue": key}]
            )["Events"]
            fresh = {event["EventId"]: event for event in events if event["EventId"] not in found}
            found |= fresh
            if len(events) < TOLD_AT_ONCE:
                return list(found.values())
            if not fresh:
                raise CommandError(f"more than {TOLD_AT_ONCE} calls within a microsecond: they cannot be told apart")
            self._until = min(event["EventTime"] for event in events)

    def _to_the_microsecond(self, params: dict[str, Any], **_: Any) -> None:
        """Put the times into a request: botocore would send whole seconds, in which there are many
        calls.
        """
        times = {"StartTime": self._since.timestamp(), "EndTime": self._until.timestamp()}
        params["body"] = json.dumps(json.loads(params["body"]) | times).encode()


@contextmanager
def recording(deployment: Deployment) -> Iterator[Trail]:
    """Calls are recorded meanwhile."""
    _set(deployment, "true")
    try:
        yield Trail(deployment)
    finally:
        _set(deployment, "false")


def _set(deployment: Deployment, value: str) -> None:
    body = json.dumps({SETTING: value}).encode()
    answer = json.loads(fetch(f"{deployment.endpoint}/_ministack/config", body, token=deployment.token))
    if answer.get("applied") != {SETTING: value == "true"}:
        raise CommandError(f"the emulator does not record calls: it said {answer}")


def _call(event: Mapping[str, Any]) -> tuple[str, str, Params]:
    """Service, operation and parameters of a recorded call; what the record has elsewhere is put
    where the API has it.
    """
    service, operation = event["EventSource"].removesuffix(".amazonaws.com"), event["EventName"]
    params = dict(json.loads(event["CloudTrailEvent"])["requestParameters"])
    named = [one["ResourceName"] for one in event["Resources"]]
    if service == "s3" and named:
        params |= dict(zip(("Bucket", "Key"), named, strict=False))
    elif (service, operation) == ("lambda", "Invoke"):
        params["FunctionName"] = urllib.parse.unquote(named[0])
    elif (service, operation) == ("lambda", "GET.lambda"):
        # the only GET of a function's; the record leaves out of which mapping
        operation = "GetEventSourceMapping"
    return service, operation, params


def _keys(deployment: Deployment, name: str) -> Iterator[str]:
    """The access keys of a function, as the emulator derives them: one by how it is called."""
    function = deployment.outputs["functions"][name]
    for version in deployment.client("lambda").list_versions_by_function(FunctionName=function["name"])["Versions"]:
        arn = version["FunctionArn"].removesuffix(f":{version['Version']}")
        for called in {arn, f"{arn}:{version['Version']}", f"{arn}:{function['alias']}"}:
            yield "ASIA" + hashlib.sha256(f"{called}:{version['Role']}".encode()).hexdigest()[:16].upper()
