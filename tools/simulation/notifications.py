"""S3's notifications: a bucket tells a queue of new objects, at least once and in no order.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html: "typically delivered
in seconds but can sometimes take a minute or longer", and designed to be delivered at least once.
"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from tools.simulation.aws.s3 import Object
from tools.simulation.deployed import Notification

if TYPE_CHECKING:
    from tools.simulation.world import World

SECOND = 1_000_000
SOON, LATE = 2 * SECOND, 90 * SECOND
TEST_EVENT = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "", "RequestId": "", "HostId": ""}


class Notifier:
    """Tells one queue of one bucket's objects.

    `silent` is the odds that an event never comes, `doubled` that one comes twice.
    """

    def __init__(self, world: "World", notification: Notification) -> None:
        self._world, self._notification = world, notification
        self.silent = self.doubled = 0.0
        self.waiting = self.told = self.lost = 0
        world.cloud.s3.created.append(self._created)

    def test(self) -> None:
        """What S3 sends when the notification is set up."""
        self._send(json.dumps({**TEST_EVENT, "Bucket": self._notification.bucket}))

    def _created(self, bucket: str, key: str, made: Object) -> None:
        if bucket != self._notification.bucket or not key.startswith(self._notification.prefix):
            return
        rng = self._world.rng
        if rng.random() < self.silent:
            self.lost += 1
            self._world.note(f"NO EVENT for {key}")
            return
        body = json.dumps({"Records": [_record(bucket, key, made)]})
        for _ in range(1 + (rng.random() < self.doubled)):
            self.waiting += 1
            later = rng.random() * (LATE if not self._world.plan.calm and rng.random() < 0.1 else SOON)
            self._world.stage.at(self._world.stage.now + int(later), lambda: self._tell(body))

    def _tell(self, body: str) -> None:
        self.waiting -= 1
        self.told += 1
        self._send(body)

    def _send(self, body: str) -> None:
        self._world.cloud.sqs.queues[self._notification.queue].send(body)


def _record(bucket: str, key: str, made: Object) -> dict[str, Any]:
    at = datetime.fromtimestamp(made.put_at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    stored = {"key": quote_plus(key, safe="/"), "size": len(made.body), "eTag": made.described["ETag"].strip('"')}
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": f"{at}.{made.put_at % SECOND // 1000:03}Z",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": bucket}, "object": {**stored, "sequencer": f"{made.put_at:020X}"}},
    }
