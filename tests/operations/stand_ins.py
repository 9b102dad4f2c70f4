"""AWS as an operator's command meets it after an apply: functions, alarms, versions.

All of it is the test's to set.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tools.operations.deployment import Deployment

Json = dict[str, Any]
FUNCTIONS = ("receive", "process", "write", "tally", "results", "vote", "rank", "conservation", "probe")
BEGAN = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Lambda:
    """Functions by name.

    `answers`: what each answers when it is called; `versions` and `aliases`: what is published and
    live.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Json], Json]] = {}
        self.versions: dict[str, dict[int, datetime]] = {name: {1: BEGAN} for name in FUNCTIONS}
        self.aliases: dict[str, str] = dict.fromkeys(FUNCTIONS, "1")
        self.moves: list[tuple[str, str]] = []
        self.moved_by_another: set[str] = set()

        self.off: set[str] = set()  # mappings, by function

    def get_event_source_mapping(self, *, UUID: str) -> Json:
        state = "Disabled" if UUID in self.off else "Enabled"
        return {"State": state, "LastModified": BEGAN, "LastProcessingResult": "OK"}

    def update_event_source_mapping(self, *, UUID: str, Enabled: bool) -> Json:
        (self.off.discard if Enabled else self.off.add)(UUID)
        return {}

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Json:
        name = FunctionName.split(":")[0]
        answer = self.answers[name](json.loads(Payload))
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **failed}

    def get_alias(self, *, FunctionName: str, Name: str) -> Json:
        assert Name == "live"
        return {
            "FunctionVersion": self.aliases[FunctionName],
            "RevisionId": f"revision of {self.aliases[FunctionName]}",
        }

    def update_alias(
        self, *, FunctionName: str, Name: str, FunctionVersion: str, RoutingConfig: Json, RevisionId: str
    ) -> Json:
        if FunctionName in self.moved_by_another or RevisionId != f"revision of {self.aliases[FunctionName]}":
            raise ClientError({"Error": {"Code": "PreconditionFailedException", "Message": "revision"}}, "UpdateAlias")
        assert RoutingConfig == {"AdditionalVersionWeights": {}}
        self.aliases[FunctionName] = FunctionVersion
        self.moves.append((FunctionName, FunctionVersion))
        return {}

    def get_paginator(self, operation: str) -> Lambda:
        assert operation == "list_versions_by_function"
        return self

    def paginate(self, *, FunctionName: str) -> list[Json]:
        """A page for $LATEST and each version."""
        stamps = [("$LATEST", BEGAN), *((str(n), at) for n, at in self.versions[FunctionName].items())]
        return [
            {"Versions": [{"Version": version, "LastModified": f"{at:%Y-%m-%dT%H:%M:%S}.000+0000"}]}
            for version, at in stamps
        ]


class Logs:
    """Log groups by name: events, of which a filter gives all that are not too old."""

    def __init__(self) -> None:
        self.events: dict[str, list[Json]] = {}

    def get_paginator(self, operation: str) -> Logs:
        assert operation == "filter_log_events"
        return self

    def paginate(self, *, logGroupName: str, startTime: int, filterPattern: str = "") -> list[Json]:
        events = self.events.get(logGroupName, [])
        return [{"events": [event for event in events if event["timestamp"] >= startTime]}]


class CloudWatch:
    """Alarms: names of those that ring."""

    def __init__(self) -> None:
        self.ringing: set[str] = set()
        self.changed = BEGAN

    def describe_alarms(self, *, AlarmNames: list[str], StateValue: str, MaxRecords: int) -> Json:
        assert StateValue == "ALARM"
        assert len(AlarmNames) <= MaxRecords == 100
        about = {
            "StateReason": "so it is",
            "AlarmConfigurationUpdatedTimestamp": self.changed,
            "EvaluationPeriods": 3,
            "Period": 60,
        }
        return {"MetricAlarms": [{"AlarmName": name, **about} for name in AlarmNames if name in self.ringing]}


class FakeDeployment(Deployment):
    """A deployment whose clients are stand-ins, by service, in its outputs."""

    def client(self, service: str) -> Any:
        return self.outputs["clients"][service]


def functions() -> Json:
    """As the outputs have them."""
    return {name: {"name": name, "alias": "live", "arn": f"{name}:live", "log_group": name} for name in FUNCTIONS}
