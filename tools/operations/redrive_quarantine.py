"""Sending quarantined input back to be judged again.

What is still refused is quarantined again, under the very name it had (an object is named by its
content), and that may happen before a redrive comes to delete it. So a redrive takes an object
first: it copies it to `quarantine/redriving/<run>/` and deletes it under the old name; then sends
all of it; then deletes its own copy, which nobody else writes. Whatever is put in between stays. A
redrive that broke off leaves its copy, which the next one takes like any other: a repeat is
harmless.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from shared import fanout
from tools.common.text import counted, visible
from tools.operations import quarantine
from tools.operations.dead_letters import span_text, utc_text
from tools.operations.deployment import Deployment
from tools.operations.pipeline import MessageToSend, Pipeline
from tools.operations.redrive import Pace

LATEST_US = 253_402_300_800_000_000  # the year 10000
MOST_NAME = 100  # characters
MOST_READ = 1_000  # objects that a look reads; all are counted
OWN_NAME = re.compile(r"^quarantine/(?:redriving/[^/]+/)?")


class QuarantinedObject(NamedTuple):
    """An object of quarantine: its key and its text."""

    key: str
    text: str


def read(deployment: Deployment, s3: Any, keys: Sequence[str]) -> list[QuarantinedObject]:
    """The objects that are still there."""

    def get(key: str) -> QuarantinedObject | None:
        try:
            answer = s3.get_object(Bucket=deployment.outputs["quarantine_bucket"], Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        return QuarantinedObject(key, answer["Body"].read().decode("utf-8", "replace"))

    return [one for one in fanout.each(get, keys) if one is not None]


def by_reason(objects: Sequence[QuarantinedObject], pipeline: Pipeline) -> str:
    """A paragraph for each reason and source, and a line in it for each day, the latest first."""
    days: dict[tuple[str, str], dict[str, list[tuple[str, dict[str, Any]]]]] = defaultdict(lambda: defaultdict(list))
    for one in objects:
        for line in quarantine.parsed(one.text):
            day = utc_text(_received_ms(line)).split()[0]
            days[quarantine.reason_of(one.key), str(line.get("source", "?"))][day].append((one.key, line))
    return "\n\n".join(_paragraph(*named, days[named], pipeline) for named in sorted(days))


def _paragraph(
    reason: str, source: str, days: Mapping[str, list[tuple[str, dict[str, Any]]]], pipeline: Pipeline
) -> str:
    named = visible(reason, MOST_NAME)
    lines = [f"{named}, from {visible(source, MOST_NAME)}", f"  REASON={named}"]
    for day in sorted(days, reverse=True):
        some = days[day]
        distinct = {pipeline.identity_of(line) for _, line in some}
        times = [_received_ms(line) for _, line in some]
        objects = counted(len({key for key, _ in some}), "object")
        lines += [f"  {span_text(min(times), max(times))}", f"    {objects}, {counted(len(some), 'line')}"]
        lines[-1] += f", {len(distinct):,} distinct {pipeline.items}"
    return "\n".join(lines)


def _received_ms(line: Mapping[str, Any]) -> float:
    """When a line's input came in ms since 1970; 0 where it does not say so."""
    at = line.get("received_at")
    return at / 1000 if isinstance(at, int) and 0 <= at < LATEST_US else 0.0


class Redrive:
    """One run of sending back: `run` names it, `audit` takes a line a message."""

    def __init__(
        self,
        deployment: Deployment,
        pipeline: Pipeline,
        s3: Any,
        sqs: Any,
        *,
        run: str,
        pace: Pace,
        audit: Callable[..., None],
    ) -> None:
        self._s3, self._sqs, self._deployment = s3, sqs, deployment
        self._bucket: str = deployment.outputs["quarantine_bucket"]
        self._queues: dict[str, Any] = deployment.outputs["queues"]
        self._pipeline, self._run, self._pace, self._audit = pipeline, run, pace, audit
        self.messages = self.objects = 0

    def send(self, one: QuarantinedObject) -> None:
        """Take an object, send all of it back, and forget it.

        Raises Unsendable, and then it stays where it is.
        """
        messages = self._pipeline.messages_of(one.text)
        name = OWN_NAME.sub("", one.key)
        copy = f"{quarantine.PREFIX}redriving/{self._run}/{name}"
        self._s3.copy_object(Bucket=self._bucket, Key=copy, CopySource={"Bucket": self._bucket, "Key": one.key})
        self._s3.delete_object(Bucket=self._bucket, Key=one.key)
        if self._pipeline.before_redrive is not None:
            self._pipeline.before_redrive(self._deployment, one.text)
        for message in messages:
            self._pace.wait()
            url = self._queues[message.queue]["url"]
            addressing = self._addressing(url, one.key, message)
            sent = self._sqs.send_message(QueueUrl=url, MessageBody=message.body, **addressing)
            self.messages += 1
            self._audit(
                queue="quarantine",
                object=name,
                lines=f"{message.first}-{message.last}",
                message=sent["MessageId"],
                to=message.queue,
                cause=quarantine.reason_of(one.key),
                **{self._pipeline.items: message.items},
            )
        self._s3.delete_object(Bucket=self._bucket, Key=copy)
        self.objects += 1

    def _addressing(self, url: str, key: str, message: MessageToSend) -> dict[str, str]:
        """A group of its own, and an id that no other run has.

        SQS would drop a repeat, and then it would be nowhere.
        """
        if not url.endswith(".fifo"):
            return {}
        identity = hashlib.sha256(f"{self._run} {key} {message.first}".encode()).hexdigest()
        return {"MessageGroupId": "quarantine", "MessageDeduplicationId": identity}
