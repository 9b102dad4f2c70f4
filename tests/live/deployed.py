"""Pipelines as deployed, with their queues, metrics and alarms in moto, and each call recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from tools.live.aws.command import places_of
from tools.live.aws.meter import Meter
from tools.live.aws.place import Place
from tools.live.aws.source import AwsSource
from tools.operations.deployment import Deployment
from tools.simulation.aws.actions import Need, Where, needs

ACCOUNT, REGION = "123456789012", "us-east-1"  # moto's
WHERE = Where(ACCOUNT, REGION)
NOW = 1_795_780_830.0  # half a minute past noon, 2026-11-26 or so
MINUTE = NOW // 60 * 60 - 120  # the one that the page tells of
MADE: dict[str, tuple[dict[str, str], str]] = {  # functions by queue, and more functions
    "votes": ({"ingest": "process", "count.fifo": "write", "tick.fifo": "tally"}, "receive results conservation"),
    "harvest": ({"turn.fifo": "pace", "parcel": "work", "store": "store"}, "start runs"),
}


@cache
def _session() -> Any:
    """One for all tests: it reads the services' descriptions, which takes a while."""
    import boto3

    return boto3.Session(region_name=REGION)


class Environment:
    """An environment in moto, which must be on; `off`: the functions whose mapping is off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.off: set[str] = set()
        self.now, self.meter = NOW, Meter()
        given = Deployment.client

        def client(deployment: Deployment, service: str) -> Any:
            made = given(deployment, service)
            made.meta.events.register("provide-client-params.*.*", self._record)
            made.meta.events.register("before-call.lambda.GetEventSourceMapping", self._mapping)
            return made

        self.there = [Deployment("prod", self._outputs(name), None, {}, pipeline=name) for name in MADE]
        monkeypatch.setattr(Deployment, "client", client)
        monkeypatch.setattr(Deployment, "_session", property(lambda _: _session()))
        monkeypatch.setattr("time.time", lambda: self.now)
        self.places: list[Place] = places_of(self.there, "", self.meter)

    def source(self) -> AwsSource:
        """A source of them all."""
        return AwsSource(self.places, self.meter, lambda: self.now)

    def put(self, namespace: str, name: str, dimension: tuple[str, str], value: float, at: float = MINUTE) -> None:
        """A point of a metric."""
        dimensions = [{"Name": dimension[0], "Value": dimension[1]}]
        point = {
            "MetricName": name,
            "Dimensions": dimensions,
            "Value": value,
            "Timestamp": datetime.fromtimestamp(at, UTC),
        }
        self._boto("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[point])

    def send(self, pipeline: str, queue: str, *, dead: bool = False) -> None:
        """A message onto a queue, or onto its dead letters."""
        outputs = next(one.outputs for one in self.there if one.pipeline == pipeline)["queues"][queue]
        self._boto("sqs").send_message(QueueUrl=outputs["dead_letter_url" if dead else "url"], MessageBody="{}")

    def used(self) -> set[Need]:
        """The rights that the recorded calls used."""
        return {need for call in self.calls for need in needs(*call, WHERE)}

    def asked(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of each call of an operation."""
        return [params for _, name, params in self.calls if name == operation]

    def _record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append((model.service_model.service_name, model.name, dict(params)))

    def _mapping(self, params: Mapping[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        function = params["url_path"].rsplit("0", 1)[-1]
        state = "Disabled" if function in self.off else "Enabled"
        return type("Answer", (), {"status_code": 200}), {"State": state}

    @staticmethod
    def _boto(service: str) -> Any:
        return _session().client(service)

    def _outputs(self, pipeline: str) -> dict[str, Any]:
        consumers, more = MADE[pipeline]
        name, sqs, queues = f"sluice-prod-{pipeline}", self._boto("sqs"), {}
        for queue in consumers:
            short, dot, end = queue.partition(".")
            full, dead = f"{name}-{queue}", f"{name}-{short}-dlq{dot}{end}"
            how = {"FifoQueue": "true"} if dot else {}
            url, dead_url = (sqs.create_queue(QueueName=one, Attributes=how)["QueueUrl"] for one in (full, dead))
            queues[short] = {"url": url, "name": full, "dead_letter_url": dead_url, "dead_letter_name": dead}
        functions = [*consumers.values(), *more.split()]
        return {
            "region": REGION,
            "account_id": ACCOUNT,
            "queues": queues,
            "functions": {one: {"name": f"{name}-{one}"} for one in functions},
            "mappings": {one: one.rjust(36, "0") for one in consumers.values()},
            "alarms": [f"{name}-fold-lag"],
            "settings": {"latency_seconds": 60},
        }
