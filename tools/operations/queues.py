"""Queues as an operator sees them: how deep, how old."""

from __future__ import annotations

import json
import time
import urllib.parse
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from tools.common.loopback import fetch
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
    query = urllib.parse.urlencode({"QueueUrl": url})
    answer = fetch(f"{deployment.endpoint}/_ministack/sqs/messages?{query}", token=deployment.token)
    accounts = json.loads(answer)["messages"]
    regions = chain.from_iterable(account.values() for account in accounts.values())
    queues = chain.from_iterable(region.values() for region in regions)
    sent = [message["SentTimestamp"] for message in chain.from_iterable(queues)]
    return max(0.0, time.time() - min(sent)) if sent else None
