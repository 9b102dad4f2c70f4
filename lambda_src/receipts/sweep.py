"""sweep: sends again the pointers of what waits: uploads, images, and facts to be delivered.

A schedule calls it. A queue may lose its messages (a purge, 14 days, a dead letter); a row does
not. What is sent again may be there twice then, and is done once.

A database may be away for weeks, and a pointer that is sent again each few hours would be there a
hundred times then. So while the delivery queue holds pointers, facts are left to them, until its
retention comes near; when it is as good as empty, what still waits was lost.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from aws_lambda_powertools.metrics import MetricUnit

from receipts import accounting, messages
from receipts.accounting import EXPECTED, Line
from receipts.deliveries import waiting_facts, waits_since
from receipts.delivery.pointers import Pointers
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
FEW = 100  # pointers on the delivery queue: as good as none
# Of the 14 days that a queue keeps a message: a fact that waits for longer is sent again, whatever
# is on the queue.
PATIENT_US = 7 * 86_400 * 1_000_000

Json = dict[str, Any]
Result = TypeVar("Result")


class Sweep:
    """The function's work. `s3` and `sqs` are clients."""

    def __init__(self, config: SweepSettings, ledger: Ledger, s3: Any, sqs: Any) -> None:
        self._config, self._ledger, self._s3, self._sqs = config, ledger, s3, sqs
        self._pointers = Pointers(sqs, config)

    def handle(self, context: Any) -> Json:
        """Sweep once: how many of each were sent again, for who calls it by hand.

        What no time is left for is due at the next run still. Raises the first error of one row,
        batch or shard, once the others are done.
        """
        queues.out_of_time(context)
        errors: list[Exception] = []
        now, uploads = clock.now_us(), 0
        images = self._all(errors, context, self._images, now, now)
        for shard in range(WAITING_SHARDS):
            due = (Waiting.UPLOAD, shard, now, MOST_A_SHARD)
            for batch_id, _ in self._try(errors, self._ledger.due, due) or ():
                if not queues.out_of_time(context):
                    uploads += self._try(errors, self._uploads, (batch_id, now)) or 0
        facts = 0
        if self._config.delivery_queue_url is not None:
            before = self._try(errors, self._lost_before, (now,))
            if before is not None:
                facts = self._all(errors, context, self._facts, before, now)
        self._try(errors, self._measure, (now,))
        done = {"ImagesSentAgain": images, "UploadsSentAgain": uploads, "FactsSentAgain": facts}
        logs.count(done)
        logs.logger().info("swept", extra=done)
        if errors:
            raise errors[0]
        return done

    def _all(
        self,
        errors: list[Exception],
        context: Any,
        send: Callable[[list[Exception], int, int, int], int],
        before: int,
        now: int,
    ) -> int:
        """Send again what was due before then, in each shard for as long as there is time."""
        count = 0
        for shard in range(WAITING_SHARDS):
            while not queues.out_of_time(context):
                sent = self._try(errors, send, (errors, shard, before, now)) or 0
                count += sent
                if sent < MOST_A_SHARD:
                    break
        return count

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

    def _images(self, errors: list[Exception], shard: int, before: int, now: int) -> int:
        """Send again what nobody has read: how many, a page of them at most. Raises NotSent."""
        unread = self._due(errors, Waiting.IMAGE, shard, before)
        if queues.send_all(self._sqs, self._config.image_queue_url, [*map(message_of, unread)]):
            raise NotSent("images")
        fanout.each(lambda row: self._ledger.sent_again(row, now), unread)
        return len(unread)

    def _facts(self, errors: list[Exception], shard: int, before: int, now: int) -> int:
        """Send again what is not delivered: of how many files, a page at most. Raises NotSent."""
        due = self._due(errors, Waiting.DELIVERY, shard, before)
        files = [row for row in due if waiting_facts(row)]  # the index may be a moment behind
        if self._pointers.send([fact for row in files for fact in waiting_facts(row)]):
            raise NotSent("facts")
        fanout.each(lambda row: self._ledger.sent_again(row, now), files)
        return len(files)

    def _lost_before(self, now: int) -> int:
        """Pointers of what was due before then are not on the delivery queue any more."""
        asked = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        url = self._config.delivery_queue_url
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"]
        return now if sum(int(found[name]) for name in asked) < FEW else now - PATIENT_US

    def _measure(self, now: int) -> None:
        """Say how long the first in each shard has waited for its delivery, or for a person."""
        for name, what in (("UndeliveredAge", Waiting.DELIVERY), ("ReviewAge", Waiting.REVIEW)):
            ages = []
            for shard in range(WAITING_SHARDS):
                for place in self._ledger.due(what, shard, now + PATIENT_US, 1):
                    row = self._row(*place)
                    since = waits_since(row) if row is not None else None
                    ages += [(now - since) / 1_000_000] if since is not None else []
            logs.measure(name, MetricUnit.Seconds, [max(ages)] if ages else [])

    def _due(
        self, errors: list[Exception], what: Waiting, shard: int, before: int
    ) -> list[FileRow]:
        """The files that wait for that and were due before then, a page of them at most."""
        due = self._ledger.due(what, shard, before, MOST_A_SHARD)
        rows = fanout.each(lambda place: self._try(errors, self._row, place), due)
        return [row for row in rows if row is not None and _is_due(row, before)]

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
