"""split: what was uploaded becomes one row and one message a picture.

An archive is planned by one invocation and taken apart by many; a file is looked at as it is.
"""

from functools import cache
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from receipts import archive, messages, presigned, rows
from receipts.expected import Expected
from receipts.ledger import Ledger
from receipts.messages import Range, Unreadable, Upload
from receipts.reasons import Reason, Refusal
from receipts.rows import Batch, Outcome, slot_name
from receipts.settings import SplitSettings
from receipts.taken import Place, Taking, put_away
from receipts.unpack import StoppedEarly, Unpack
from receipts.usage import Usage
from shared import clients, logs, quarantine, queues, settings
from shared.quarantine import Quarantine, QuarantineStore

REPLACED = {"PreconditionFailed", "412"}
GONE = {"NoSuchKey", "404"}

Json = dict[str, Any]


class Split:
    """The function's work; one a worker."""

    def __init__(
        self,
        config: SplitSettings,
        ledger: Ledger,
        usage: Usage,
        s3: Any,
        sqs: Any,
        store: QuarantineStore,
    ) -> None:
        self._config, self._ledger, self._store = config, ledger, store
        self._s3, self._sqs = s3, sqs
        self._taking = Taking(
            ledger,
            s3,
            sqs,
            store,
            documents_bucket=config.documents_bucket,
            image_queue_url=config.image_queue_url,
        )
        self._unpack = Unpack(ledger, usage, s3, sqs, self._taking, config.intake_queue_url)

    def handle(self, event: Json, context: Any) -> Json:
        """The partial batch response to an event of the intake queue."""
        queues.out_of_time(context)
        failed: list[Json] = []
        kept: list[Json] = []
        for record in event["Records"]:
            try:
                if queues.out_of_time(context):
                    raise StoppedEarly("before a message")
                self._message(record, context)
            except StoppedEarly:
                kept.append(record)
            except Exception as error:  # one message nobody foresaw must not fail the others
                cause = logs.cause_of(error)
                queue = self._config.intake_queue_url
                queues.failed("split", logs.kind_of(error), queue, [record], **cause)
                failed.append(record)
        if again := failed + kept:
            queues.back_off(self._sqs, self._config.intake_queue_url, again, context=context)
        return queues.failures(
            (one["messageId"] for one in failed), kept=[one["messageId"] for one in kept]
        )

    def _message(self, record: Json, context: Any) -> None:
        try:
            message = messages.decode_intake(record["body"])
        except Unreadable as error:
            sent_at = queues.sent_at_us(record)
            why = (str(error.reason), error.detail, sent_at)
            line = quarantine.line_of("intake", *why, body=record["body"])
            put_away(self._store, str(error.reason), sent_at, line)
            return
        if isinstance(message, Range):
            self._range(message, context)
            return
        for upload in message:
            self._upload(upload)

    def _range(self, message: Range, context: Any) -> None:
        batch = self._ledger.batch(message.batch_id)
        if batch is None:
            raise LookupError(f"there is no batch {message.batch_id}")
        try:
            taken = self._unpack.take(batch, message, self._config.uploads_bucket, context)
        except ClientError as error:
            if logs.kind_of(error) in GONE:
                self._unpack.gone(batch, message, self._config.uploads_bucket)
            elif not self._is_replaced(error, message.key):
                raise
            return
        logs.count({"EntriesTaken": taken})

    def _upload(self, upload: Upload) -> None:
        place = presigned.slot_of(upload.key)
        batch = self._ledger.batch(place[0]) if place else None
        at = Place(upload.bucket, upload.key, upload.etag)
        if place is None or batch is None or upload.bucket != self._config.uploads_bucket:
            detail = "the object belongs to no batch"
            line = quarantine.line_of("intake", Reason.NO_BATCH, detail, upload.at, **at._asdict())
            put_away(self._store, str(Reason.NO_BATCH), upload.at, line)
            return
        expected = self._expected(batch, place[1])
        refusal = _unexpected(batch, expected, upload)
        if refusal or expected is None:
            self._refuse(batch, place[1], upload, refusal or _no_slot(batch), expected)
            return
        try:
            if place[1] is None:
                self._unpack.plan(batch, at, upload.size, upload.at)
            else:
                self._file(batch, place[1], at, upload, expected)
        except ClientError as error:
            if logs.kind_of(error) in GONE and batch.entries is not None:
                return  # each entry says so for itself
            if logs.kind_of(error) in GONE:
                gone = Refusal(Reason.GONE, "the upload was deleted before it was looked at")
                self._refuse(batch, place[1], upload, gone, expected)
            elif not self._is_replaced(error, upload.key):
                raise

    def _expected(self, batch: Batch, slot: int | None) -> Expected | None:
        if slot is None:
            return batch.archive
        return self._ledger.expected(batch.batch_id, slot) if batch.archive is None else None

    def _file(self, batch: Batch, slot: int, at: Place, upload: Upload, expected: Expected) -> None:
        """Take a slot's object in, if it is what was announced."""
        answer = self._s3.get_object(Bucket=at.bucket, Key=at.key, IfMatch=at.etag)
        content = answer["Body"].read()
        if refusal := _other_than(expected, content, answer.get("ContentType", "")):
            self._refuse(batch, slot, upload, refusal, expected)
            return
        try:
            archive.kind_of(content)
        except archive.Refused as error:
            refused = Refusal(error.reason, error.detail)
            self._refuse(batch, slot, upload, refused, expected)
            return
        row = self._taking.receive(batch, content, at, expected.name)
        self._taking.send([row])
        outcome = Outcome(slot, expected.name, file_id=row.file_id)
        self._ledger.settle(batch, slot_name(slot), [outcome])
        logs.count({"FilesReceived": 1})

    def _refuse(
        self,
        batch: Batch,
        slot: int | None,
        upload: Upload,
        refusal: Refusal,
        expected: Expected | None,
    ) -> None:
        """Say in the account, and in quarantine, why an upload is not taken."""
        at = Place(upload.bucket, upload.key, upload.etag)
        name = expected.name if expected else upload.key.rsplit("/", 1)[-1]
        place = rows.ARCHIVE_PLACE if slot is None else slot
        outcome = self._taking.refuse(batch, at, refusal, name, place, upload.at)
        self._ledger.settle(batch, slot_name(slot), [outcome])

    @staticmethod
    def _is_replaced(error: ClientError, key: str) -> bool:
        """Whether another object stands there by now: its own event comes, or the sweep."""
        replaced = logs.kind_of(error) in REPLACED
        if replaced:
            logs.logger().warning("replaced while it was read", extra={"key": key})
        return replaced


def _no_slot(batch: Batch) -> Refusal:
    what = "an archive" if batch.archive else f"{batch.files} files"
    return Refusal(Reason.UNKNOWN_SLOT, f"the batch is of {what}: this is none of it")


def _unexpected(batch: Batch, expected: Expected | None, upload: Upload) -> Refusal | None:
    """Why an upload is refused before anybody looks at it, if so."""
    if expected is None:
        return _no_slot(batch)
    if upload.at > batch.closes_at:
        return Refusal(Reason.UPLOAD_EXPIRED, "it came long after its address had expired")
    if upload.size != expected.size:
        detail = f"it has {upload.size:,} bytes; {expected.size:,} were announced"
        return Refusal(Reason.BAD_SIZE, detail)
    return None


def _other_than(expected: Expected, content: bytes, content_type: str) -> Refusal | None:
    """Why an object is not what was announced, if so."""
    if sha256(content).hexdigest() != expected.sha256:
        return Refusal(Reason.BAD_CHECKSUM, "its SHA-256 is not the one that was announced")
    if content_type != expected.content_type:
        return Refusal(Reason.WRONG_TYPE, f"it was announced as {expected.content_type}")
    return None


@cache
def _worker() -> Split:
    config = settings.load(SplitSettings)
    dynamodb, s3 = clients.client("dynamodb"), clients.client("s3")
    return Split(
        config,
        Ledger(dynamodb, config.ledger_table),
        Usage(dynamodb, config.usage_table, config.limits),
        s3,
        clients.client("sqs"),
        Quarantine(s3, config.quarantine_bucket),
    )


def handler(event: Json, context: Any) -> Json:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
