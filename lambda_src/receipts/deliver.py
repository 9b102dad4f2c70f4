"""deliver: runs a lane for as long as its tick's invocation may, and hands over to the next.

A lane is one message group, so one invocation at a time, so one connection: the cap is the number
of lanes, exactly.
"""

import os
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from receipts.delivery import credentials, lane, messages, postgres
from receipts.delivery.credentials import Login, Secret, Source
from receipts.delivery.inbox import Inbox
from receipts.delivery.lane import Ended, Lane
from receipts.delivery.messages import Tick
from receipts.delivery.pace import left_off
from receipts.delivery.port import Database
from receipts.delivery.work import Documents
from receipts.messages import NotSent
from receipts.settings import DeliverSettings
from shared import clients, clock, logs, queues, settings

AWAY_SECONDS = 60  # until a lane whose database is away connects again
# An older tick has a younger one behind it, wake's at least. Without this a lane that is held up
# would come to its oldest tick just before that expires, and connect for each.
STALE_SECONDS = 90

Json = dict[str, Any]
Open = Callable[[Login, str, str], Database]  # by a login, for a lane, to a table


class Deliver:
    """The function's work; one a worker. `aws` are clients of SQS and S3.

    `source` says who deliver is to the database; `open_connection` connects.
    """

    def __init__(
        self,
        config: DeliverSettings,
        aws: tuple[Any, Any],
        source: Source,
        open_connection: Open = postgres.connect,
    ) -> None:
        self._config, self._source, self._open = config, source, open_connection
        self._sqs, s3 = aws
        self._documents = Documents(s3, config.documents_bucket)
        self._served: dict[int, int] = {}  # by lane: ticks that were sent before then are done with

    def handle(self, event: Json, context: Any) -> Json:
        """The partial batch response to ticks.

        A tick is kept while its database is away: its group waits for it, and so does the lane.
        """
        queues.out_of_time(context)
        failed: list[Json] = []
        kept: list[Json] = []
        for record in event["Records"]:
            try:
                if not self._tick(record, context):
                    kept.append(record)
            except Exception as error:
                cause = logs.cause_of(error)
                url = self._config.lane_queue_url
                queues.failed("deliver", logs.kind_of(error), url, [record], **cause)
                failed.append(record)
        for record in failed + kept:
            self._put_off(record)
        return queues.failures(_ids(failed), kept=_ids(kept))

    def _tick(self, record: Json, context: Any) -> bool:
        """Run a tick's lane; whether the tick is done with."""
        tick = messages.decode_tick(record["body"])
        if self._is_stale(tick, record):
            return True
        budget, began_us = self._config.pace, clock.now_us()
        pace = left_off(tick.rows, tick.rest_ms, budget)
        ended = self._lane(tick.lane).run(
            pace,
            lambda: queues.out_of_time(context),
            is_expected=not messages.is_of_minute(record),
        )
        seen = {"lane": tick.lane, "why": ended.why, "rows_a_transaction": ended.pace.rows}
        logs.logger().info("lane ended", extra=seen)
        if ended.why == lane.AWAY:
            return False
        if ended.why == lane.TIME:
            self._hand_over(tick, record, ended)
        if ended.why == lane.IDLE:
            return True  # it did not wait for what other ticks are sent for
        # what ended because nothing came has seen all but the slot's last ones
        unseen_us = budget.linger_seconds * 1_000_000 if ended.why == lane.EMPTY else 0
        took_us = clock.now_us() - began_us
        self._served[tick.lane] = _received_at_us(record) + took_us - unseen_us
        return True

    def _is_stale(self, tick: Tick, record: Json) -> bool:
        """Whether another has done, or will do, what the tick was sent for.

        Ticks pile up behind a run, one a slot: each would connect for nothing.
        """
        sent_at = queues.sent_at_us(record)
        if sent_at < _received_at_us(record) - STALE_SECONDS * 1_000_000:
            return True
        return tick.rows is None and sent_at < self._served.get(tick.lane, 0)

    def _lane(self, number: int) -> Lane:
        name = f"lambda-{number}"
        return Lane(
            name,
            Inbox(self._sqs, self._config.delivery_queue_url, self._config.delivered_queue_url),
            self._documents,
            partial(credentials.connect, self._source, self._connection_of(name)),
            self._config.pace,
            os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "local"),
        )

    def _connection_of(self, name: str) -> Callable[[Login], Database]:
        return lambda login: self._open(login, name, self._config.database_table)

    def _put_off(self, record: Json) -> None:
        """Let a tick come again in a minute, whatever it failed for: each try is a connection.

        Best effort: without it the tick comes when its visibility runs out, which is later.
        """
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._config.lane_queue_url,
                ReceiptHandle=record["receiptHandle"],
                VisibilityTimeout=AWAY_SECONDS,
            )
        except (ClientError, BotoCoreError) as error:
            logs.error("deliver", error)

    def _hand_over(self, tick: Tick, record: Json, ended: Ended) -> None:
        """Ask for the next run, at the pace of this one. Raises NotSent: the tick comes again.

        One of a tick, however often that comes.
        """
        after = Tick(lane=tick.lane, rows=ended.pace.rows, rest_ms=ended.pace.rest_ms)
        outgoing = messages.tick(after, f"after-{record['messageId']}")
        if queues.send_all(self._sqs, self._config.lane_queue_url, [outgoing]):
            raise NotSent("the next tick")


def _received_at_us(record: Json) -> int:
    """When the queue gave out a tick (µs), or before that; by its clock, which sent it too.

    A worker's may be minutes fast, and would take each tick for an old one. A tick that came
    before was put off for AWAY_SECONDS each time.
    """
    first = int(record["attributes"]["ApproximateFirstReceiveTimestamp"])
    times_before = int(record["attributes"]["ApproximateReceiveCount"]) - 1
    return first * 1_000 + times_before * AWAY_SECONDS * 1_000_000


def _ids(records: list[Json]) -> list[str]:
    return [record["messageId"] for record in records]


@cache
def _worker() -> Deliver:
    config = settings.load(DeliverSettings)
    secret = Secret(clients.client("secretsmanager"), config.database_secret)
    return Deliver(config, (clients.client("sqs"), clients.client("s3")), secret)


def handler(event: Json, context: Any) -> Json:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
