"""Queues as an operator sees them: how deep, how old."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from devcloud.runs import LocalCloudError
from operations.place import Place
from shared import queues
from votes import messages

DEPTHS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


@dataclass(frozen=True)
class Depth:
    """Messages that wait, that a function works on, and that are not due yet."""

    waiting: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        return self.waiting + self.in_flight + self.delayed


def depth(sqs: Any, url: str) -> Depth:
    """How many messages a queue holds now (SQS says about how many)."""
    said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(DEPTHS))["Attributes"]
    return Depth(*(int(said.get(name, 0)) for name in DEPTHS))


def oldest_seconds(place: Place, url: str, name: str) -> float | None:
    """Age of a queue's oldest message in seconds; None when it holds none, or nothing was measured in the last ten minutes."""
    if place.endpoint:
        query = urllib.parse.urlencode({"QueueUrl": url})
        with urllib.request.urlopen(f"{place.endpoint}/_ministack/sqs/messages?{query}", timeout=5) as response:  # noqa: S310 (loopback)
            accounts = json.load(response)["messages"]
        sent = [
            message["SentTimestamp"]
            for regions in accounts.values()
            for queues in regions.values()
            for held in queues.values()
            for message in held
        ]
        return max(0.0, time.time() - min(sent)) if sent else None
    now = datetime.now(UTC)
    found = place.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": name}],
        StartTime=now - timedelta(minutes=10),
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    return float(max(found, key=lambda point: point["Timestamp"])["Maximum"]) if found else None


def wake_tally(place: Place) -> None:
    """Send a tick, as write does after an append: what a person has appended is folded when the slot is over."""
    slot = int(time.time()) // int(place.outputs["settings"]["slot_seconds"])
    if queues.send_all(place.client("sqs"), place.outputs["queues"]["tick"]["url"], [messages.tick(slot)]):
        raise LocalCloudError("the tick was not sent, the line above says why; the schedule wakes tally within five minutes all the same")
