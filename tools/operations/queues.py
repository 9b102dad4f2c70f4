"""Queues as an operator sees them: how deep, how old."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from tools.common.loopback import SECONDS, fetch
from tools.operations.deployment import Deployment

DEPTHS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


@dataclass(frozen=True)
class Depth:
    """Messages that wait, that a function works on, and that are not due yet."""

    waiting: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.waiting + self.in_flight + self.delayed


def depth(sqs: Any, url: str) -> Depth:
    """How many messages a queue holds now (SQS says about how many)."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(DEPTHS))["Attributes"]
    return Depth(*(int(attributes.get(name, 0)) for name in DEPTHS))


def delay_seconds(sqs: Any, url: str) -> float:
    """How long a queue keeps each message back before it may be received."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
    return float(attributes.get("DelaySeconds", 0))


def oldest_seconds(deployment: Deployment, url: str, name: str) -> float | None:
    """Age of a queue's oldest message in seconds.

    None when it holds none, or nothing was measured in the last ten minutes.
    """
    if deployment.endpoint:
        return _oldest_on_emulator(deployment, url)
    now = datetime.now(UTC)
    points = deployment.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": name}],
        StartTime=now - timedelta(minutes=10),
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    return float(max(points, key=lambda point: point["Timestamp"])["Maximum"]) if points else None


def _oldest_on_emulator(deployment: Deployment, url: str) -> float | None:
    messages = chain.from_iterable(on_emulator(deployment, url).values())
    sent = [message["SentTimestamp"] for message in messages]
    return max(0.0, time.time() - min(sent)) if sent else None


def on_emulator(deployment: Deployment, url: str = "", *, seconds: float = SECONDS) -> dict[str, list[dict[str, Any]]]:
    """The messages of all of an emulator's queues, or of the one of that URL, by the queue's name.

    As it holds them, without touching one: "SentTimestamp" is in seconds since 1970.
    """
    query = f"?{urlencode({'QueueUrl': url})}" if url else ""
    address = f"{deployment.endpoint}/_ministack/sqs/messages{query}"
    accounts = json.loads(fetch(address, seconds=seconds, token=deployment.token))["messages"]
    regions = chain.from_iterable(account.values() for account in accounts.values())
    queues = chain.from_iterable(region.items() for region in regions)
    return {name.rsplit("/", 1)[-1]: messages for name, messages in queues}
