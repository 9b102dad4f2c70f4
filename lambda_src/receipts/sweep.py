"""sweep: sends again the pointers of what was received and is not read, or not even looked at.

A schedule calls it. A queue may lose its messages (a purge, 14 days, a dead letter); a row does
not. What is sent again may be there twice then, and is done once.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from receipts import accounting, messages
from receipts.accounting import EXPECTED, Line
from receipts.ledger import RESENT_US, Ledger
from receipts.messages import NotSent, Upload
from receipts.presigned import slot_of
from receipts.reasons import Reason
from receipts.rows import WAITING_SHARDS, Batch, FileRow, Outcome, Waiting
from receipts.settings import SweepSettings
from receipts.taken import message_of
from shared import clients, clock, fanout, logs, queues, settings
from shared.queues import OutgoingMessage

MOST_A_SHARD = 100  # rows that are taken up together
OUTCOMES_A_ROW = 500  # some 130 bytes each, of the 400 KB that a row may have

Json = dict[str, Any]
Result = TypeVar("Result")


class Sweep:
    """The function's work. `s3` and `sqs` are clients."""

    def __init__(self, config: SweepSettings, ledger: Ledger, s3: Any, sqs: Any) -> None:
        self._config, self._ledger, self._s3, self._sqs = config, ledger, s3, sqs

    def handle(self, context: Any) -> Json:
        """Sweep once: how many images and uploads were sent again, for who calls it by hand.

        What no time is left for is due at the next run still. Raises the first error of one row,
        batch or shard, once the others are done.
        """
        queues.out_of_time(context)
        errors: list[Exception] = []
        now, images, uploads = clock.now_us(), 0, 0
        for shard in range(WAITING_SHARDS):
            while not queues.out_of_time(context):
                sent = self._try(errors, self._images, (errors, shard, now)) or 0
                images += sent
                if sent < MOST_A_SHARD:
                    break
        for shard in range(WAITING_SHARDS):
            due = (Waiting.UPLOAD, shard, now, MOST_A_SHARD)
            for batch_id, _ in self._try(errors, self._ledger.due, due) or ():
                if not queues.out_of_time(context):
                    uploads += self._try(errors, self._uploads, (batch_id, now)) or 0
        done = {"ImagesSentAgain": images, "UploadsSentAgain": uploads}
        logs.count(done)
        logs.logger().info("swept", extra=done)
        if errors:
            raise errors[0]
        return done

    def _try(
        self, errors: list[Exception], work: Callable[..., Result], given: tuple[Any, ...]
    ) -> Result | None:
        """What it gives; None where it fails, which is kept: others must not wait behind it."""
        try:
            return work(*given)
        except Exception as error:
            logs.error("sweep", error)
            errors.append(error)
            return None

    def _images(self, errors: list[Exception], shard: int, now: int) -> int:
        """Send again what nobody has read: how many, a page of them at most. Raises NotSent."""
        due = self._ledger.due(Waiting.IMAGE, shard, now, MOST_A_SHARD)
        rows = fanout.each(lambda place: self._try(errors, self._row, place), due)
        unread = [row for row in rows if row is not None and _is_due(row, now)]
        if queues.send_all(self._sqs, self._config.image_queue_url, [*map(message_of, unread)]):
            raise NotSent("images")
        fanout.each(lambda row: self._ledger.sent_again(row, now), unread)
        return len(unread)

    def _row(self, batch_id: str, item: str) -> FileRow | None:
        return self._ledger.file(batch_id, item.removeprefix("file#"))

    def _uploads(self, batch_id: str, now: int) -> int:
        """Tell split again of a batch's uploads that came to nothing yet: how many.

        Until all that was announced has come to something, or can come no more.
        """
        batch = self._ledger.batch(batch_id)
        if batch is None:
            return 0
        found = accounting.sort(self._ledger.items(batch_id))
        lines = accounting.account(batch, found, now).lines
        expected = [line for line in lines if line.state == EXPECTED]
        stored = self._stored(batch_id) if expected else []
        missed = [one for one in stored if _is_missed(batch, found, one)]
        outgoing = [OutgoingMessage(messages.encode_upload(one)) for one in missed]
        if queues.send_all(self._sqs, self._config.intake_queue_url, outgoing):
            raise NotSent("uploads")
        if not missed and now > batch.closes_at:
            if batch.entries is not None:
                self._settle_gone(batch, expected)
            self._ledger.look_again(batch_id, None)
        else:
            self._ledger.look_again(batch_id, _next_look(batch, now) if expected else None)
        return len(missed)

    def _settle_gone(self, batch: Batch, expected: list[Line]) -> None:
        """Say of entries that are still expected that their archive has gone."""
        for start in range(0, len(expected), OUTCOMES_A_ROW):
            some = [_gone(line) for line in expected[start : start + OUTCOMES_A_ROW]]
            self._ledger.settle(batch, f"slot#gone#{some[0].place:04}", some)

    def _stored(self, batch_id: str) -> list[Upload]:
        """The uploads of a batch that are in the bucket."""
        asked = {"Bucket": self._config.uploads_bucket, "Prefix": f"in/{batch_id}/"}
        found: list[Upload] = []
        while True:  # S3 may end a page early
            page = self._s3.list_objects_v2(**asked)
            found += [_upload(asked["Bucket"], one) for one in page.get("Contents", ())]
            if "NextContinuationToken" not in page:
                return found
            asked["ContinuationToken"] = page["NextContinuationToken"]


def _upload(bucket: str, one: Json) -> Upload:
    return Upload(
        bucket=bucket,
        key=one["Key"],
        etag=one["ETag"],
        size=one["Size"],
        at=int(one["LastModified"].timestamp() * 1_000_000),
    )


def _is_due(row: FileRow, now: int) -> bool:
    """Whether a row is still due: the index may be a moment behind.

    What has been read since is due later, what was refused never.
    """
    return row.due_at is not None and row.due_at < now


def _is_missed(batch: Batch, found: accounting.Rows, upload: Upload) -> bool:
    place = slot_of(upload.key)
    if place is None:
        return False
    if batch.archive is not None:
        return place[1] is None  # its entries are not all done, or it would not be asked for
    return place[1] in found.announced and place[1] not in found.outcomes


def _next_look(batch: Batch, now: int) -> int:
    """When to look at a batch's uploads again.

    Each time later, for what split refuses to take for weeks is a person's affair.
    """
    return now + max(RESENT_US, (now - batch.created_at) // 2)


def _gone(line: Line) -> Outcome:
    """What became of an entry whose archive is no longer there."""
    detail = "the archive was deleted before this was taken out"
    return Outcome(line.place, line.names[0], reason=str(Reason.GONE), detail=detail)


@cache
def _worker() -> Sweep:
    config = settings.load(SweepSettings)
    ledger = Ledger(clients.client("dynamodb"), config.ledger_table)
    return Sweep(config, ledger, clients.client("s3"), clients.client("sqs"))


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(context)


settings.at_start(_worker)
