"""The emulator's own CloudTrail: the calls that the functions made to it. One that a role does not allow is refused, and not in it."""

from __future__ import annotations

import hashlib
import json
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.place import Place
from tests.iam.actions import Params, Where
from tests.iam.used import Used, used_by

SETTING = "cloudtrail._recording_enabled"
TOLD_AT_ONCE = 50


class Trail:
    """The calls recorded since it was made; the emulator keeps the newest 10,000."""

    def __init__(self, place: Place) -> None:
        self._where = Where(place.outputs["account_id"], place.outputs["region"])
        self._client = place.client("cloudtrail")
        self._client.meta.events.register("before-call.cloudtrail.LookupEvents", self._to_the_microsecond)
        self._keys = {name: list(_keys(place, name)) for name in place.outputs["functions"]}
        self._since = self._until = datetime.now(UTC)

    def used(self, *functions: str) -> set[Used]:
        """The rights that these functions used, or all. Of a mapping that was asked for, the record does not say which."""
        found: set[Used] = set()
        for function in functions or self._keys:
            for key in self._keys[function]:
                for service, operation, params in map(_call, self._events(key)):
                    if operation != "GetEventSourceMapping":
                        found.update(used_by(function, service, operation, params, self._where))
        return found

    def _events(self, key: str) -> list[Mapping[str, Any]]:
        """What was signed with an access key, from the newest back."""
        found: dict[str, Mapping[str, Any]] = {}
        self._until = datetime.now(UTC) + timedelta(seconds=1)
        while True:
            events = self._client.lookup_events(LookupAttributes=[{"AttributeKey": "AccessKeyId", "AttributeValue": key}])["Events"]
            fresh = {event["EventId"]: event for event in events if event["EventId"] not in found}
            found |= fresh
            if len(events) < TOLD_AT_ONCE:
                return list(found.values())
            assert fresh, f"more than {TOLD_AT_ONCE} calls within a microsecond"
            self._until = min(event["EventTime"] for event in events)

    def _to_the_microsecond(self, params: dict[str, Any], **_: Any) -> None:
        """Put the times into a request: botocore would send whole seconds, in which there are many calls."""
        times = {"StartTime": self._since.timestamp(), "EndTime": self._until.timestamp()}
        params["body"] = json.dumps(json.loads(params["body"]) | times).encode()


@contextmanager
def recording(place: Place) -> Iterator[Trail]:
    """Calls are recorded meanwhile."""
    _set(place, "true")
    try:
        yield Trail(place)
    finally:
        _set(place, "false")


def _set(place: Place, value: str) -> None:
    request = urllib.request.Request(f"{place.endpoint}/_ministack/config", data=json.dumps({SETTING: value}).encode())
    with urllib.request.urlopen(request, timeout=5) as response:
        assert json.load(response)["applied"] == {SETTING: value == "true"}


def _call(event: Mapping[str, Any]) -> tuple[str, str, Params]:
    """Service, operation and parameters of a recorded call; what the record has elsewhere is put where the API has it."""
    service, operation = event["EventSource"].removesuffix(".amazonaws.com"), event["EventName"]
    params = dict(json.loads(event["CloudTrailEvent"])["requestParameters"])
    named = [one["ResourceName"] for one in event["Resources"]]
    if service == "s3" and named:
        params |= dict(zip(("Bucket", "Key"), named, strict=False))
    elif (service, operation) == ("lambda", "Invoke"):
        params["FunctionName"] = urllib.parse.unquote(named[0])
    elif (service, operation) == ("lambda", "GET.lambda"):
        operation = "GetEventSourceMapping"  # the only GET of a function's; the record leaves out of which mapping
    return service, operation, params


def _keys(place: Place, name: str) -> Iterator[str]:
    """The access keys of a function, as the emulator derives them: one by how it is called."""
    function = place.outputs["functions"][name]
    for version in place.client("lambda").list_versions_by_function(FunctionName=function["name"])["Versions"]:
        arn = version["FunctionArn"].removesuffix(f":{version['Version']}")
        for called in {arn, f"{arn}:{version['Version']}", f"{arn}:{function['alias']}"}:
            yield "ASIA" + hashlib.sha256(f"{called}:{version['Role']}".encode()).hexdigest()[:16].upper()
