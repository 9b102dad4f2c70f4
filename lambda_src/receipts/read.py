"""read: makes sure that a file is a picture, has it read, and keeps what was read of it.

The document is put before the ledger says so, and only where there is none: whatever comes again
finds it, and the reader is not asked a second time. Its pointer is sent last, to be delivered: one
that is not sent is the sweep's.
"""

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from receipts import documents, image, messages
from receipts.decodes import Decodes
from receipts.delivery.messages import Delivery
from receipts.delivery.pointers import Pointers
from receipts.documents import Document, SameReceipt
from receipts.fields import Receipt
from receipts.ids import customer_key, file_id_of
from receipts.image import ImageRefused, Prepared
from receipts.ledger import Ledger, ReadResult
from receipts.messages import Unreadable
from receipts.reader import Later, Reader
from receipts.reasons import Reason, Refusal
from receipts.rows import FileRow, State
from receipts.settings import ReadSettings
from receipts.usage import First, Usage
from shared import clients, clock, logs, queues, settings
from shared.quarantine import Quarantine, QuarantineStore, line_of
from shared.visible import visible

SOONEST_SECONDS, LATEST_SECONDS = 4, 300  # until a message comes again; 1,000 receives are 2 days
_GONE = ("NoSuchKey", "404")
_CHANGED = ("PreconditionFailed", "412")
_THERE = (*_CHANGED, "ConditionalRequestConflict")

Json = dict[str, Any]


class Read:
    """The function's work; one a worker."""

    def __init__(
        self,
        config: ReadSettings,
        aws: tuple[Any, Any, Any],
        reader: Reader,
        store: QuarantineStore,
    ) -> None:
        self._config, self._reader, self._store = config, reader, store
        self._sqs, self._s3, dynamodb = aws
        self._ledger = Ledger(dynamodb, config.ledger_table)
        self._decodes = Decodes(dynamodb, config.ledger_table)
        self._usage = Usage(dynamodb, config.usage_table, config.limits)
        self._pointers = Pointers(self._sqs, config)

    def handle(self, event: Json, context: Any) -> Json:
        """The partial batch response to an event of the image queue.

        A busy reader ends the batch: its other messages would only be refused as well.
        """
        queues.out_of_time(context)
        done: Counter[str] = Counter()
        failed: list[Json] = []
        later: list[Json] = []
        read: list[Delivery] = []
        for record in event["Records"]:
            if later or queues.out_of_time(context):
                later.append(record)
                continue
            try:
                done[self._one(record, context, read)] += 1
            except Later as wait:
                later.append(record)
                logs.logger().info("delayed", extra={"kind": wait.kind})
                done["Delayed"] += 1
            except Exception as error:  # one file nobody foresaw must not fail the others
                failed.append(record)
                self._report(record, error)
        self._pointers.send(read)
        self._back_off(failed + later, context)
        logs.count({f"Images{outcome}": n for outcome, n in done.items()})
        return queues.failures(
            (record["messageId"] for record in failed),
            kept=(record["messageId"] for record in later),
        )

    def _back_off(self, records: list[Json], context: Any) -> None:
        if records:
            queues.back_off(
                self._sqs,
                self._config.image_queue_url,
                records,
                base=SOONEST_SECONDS,
                cap=LATEST_SECONDS,
                context=context,
            )

    def _report(self, record: Json, error: Exception) -> None:
        cause = logs.cause_of(error)
        kind = logs.kind_of(error)
        queues.failed("read", kind, self._config.image_queue_url, [record], **cause)

    def _one(self, record: Json, context: Any, read: list[Delivery]) -> str:
        """What became of a message's file: "Read", "ForReview", "Quarantined" or "Again".

        What is read, now or before, is added to those to deliver.
        """
        try:
            message = messages.decode_image(record["body"])
        except Unreadable as error:
            return self._quarantine_message(record, error.reason, error.detail)
        row = self._ledger.file(message.batch_id, message.file_id)
        if row is None or row.customer_id != message.customer_id:
            detail = "the ledger knows no such file of that customer"
            return self._quarantine_message(record, Reason.NO_BATCH, detail)
        if row.state != State.RECEIVED:
            read += [_pointer(row)] if _is_read(row) else []
            return "Again"
        key = documents.key_of(customer_key(row.customer_id), row.file_id)
        try:
            document = self._document(key) or self._read(row, key, record, context)
        except ImageRefused as refused:
            return self._quarantine(row, refused)
        outcome = self._settle(row, key, document)
        if outcome != "Again":
            read.append(_pointer(row))
        elif (now := self._ledger.file(row.batch_id, row.file_id)) and _is_read(now):
            read.append(_pointer(row))  # by another, or by us; and nobody has refused it meanwhile
        return outcome

    def _read(self, row: FileRow, key: str, record: Json, context: Any) -> Document:
        """Read the file and put its document. Raises ImageRefused, or Later."""
        receives = int(record["attributes"].get("ApproximateReceiveCount", 1))
        content = self._content(row)
        with self._decodes.marked(row.batch_id, row.file_id, receives):
            prepared = image.prepare(content)
        self._charge(row, prepared)
        found = self._reader.receipts(prepared.pages, receives, lambda: queues.out_of_time(context))
        return self._put(key, self._made(row, prepared, found))

    def _content(self, row: FileRow) -> bytes:
        """The file's bytes, which are those that the ledger knows. Raises ImageRefused."""
        where = {"Bucket": row.bucket, "Key": row.key}
        try:
            try:
                answer = self._s3.get_object(**where, IfMatch=row.etag)
            except ClientError as error:
                if logs.kind_of(error) not in _CHANGED:
                    raise
                answer = self._s3.get_object(**where)  # put again: it may be the same
        except ClientError as error:
            if logs.kind_of(error) in _GONE:
                raise ImageRefused("bytes-gone", "its bytes are no longer kept") from error
            raise
        if answer["ContentLength"] > image.MOST_BYTES:
            detail = f"it has {answer['ContentLength']:,} bytes; at most {image.MOST_BYTES:,}"
            raise ImageRefused(Reason.TOO_LARGE, detail)
        content: bytes = answer["Body"].read()
        if file_id_of(content) != row.file_id:
            raise ImageRefused(Reason.BAD_CHECKSUM, "its bytes are others than were received")
        return content

    def _charge(self, row: FileRow, prepared: Prepared) -> None:
        """Count the pixels against what the customer may send in a day. Raises ImageRefused."""
        pixels = sum(page.width * page.height for page in prepared.pages)
        if not self._ledger.claim_pixels(row.batch_id, row.file_id, pixels):
            return
        over = self._usage.charge_pixels(row.customer_id, row.received_at, pixels)
        if over:
            detail = f"{over.unit}: at most {over.most:,} a day, {over.used:,} are used"
            raise ImageRefused(Reason.OVER_LIMIT, detail)

    def _made(self, row: FileRow, prepared: Prepared, found: list[Receipt]) -> Document:
        first = prepared.pages[0]
        same = [self._seen_before(row, receipt) for receipt in found]
        return Document(
            batch_id=row.batch_id,
            customer_id=row.customer_id,
            file_id=row.file_id,
            names=[visible(row.name)[: documents.MOST_NAME]],
            read_at=_moment(clock.now_us()),
            reader=self._config.reader,
            pages=len(prepared.pages),
            width=first.width,
            height=first.height,
            notes=list(prepared.notes),
            receipts=documents.receipts_of(found, same),
        )

    def _seen_before(self, row: FileRow, receipt: Receipt) -> SameReceipt | None:
        mark = documents.fingerprint(receipt)
        if mark is None:
            return None
        mine = First(row.file_id, row.batch_id)
        first = self._usage.first_with(row.customer_id, mark, mine, row.received_at)
        if first.file_id == row.file_id:
            return None
        return SameReceipt(file_id=first.file_id, batch_id=first.batch_id)

    def _put(self, key: str, document: Document) -> Document:
        """Keep the document, or take the one that another worker has put. Raises Later."""
        try:
            self._s3.put_object(
                Bucket=self._config.documents_bucket,
                Key=key,
                Body=documents.encode(document),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if logs.kind_of(error) not in _THERE:
                raise
            there = self._document(key)
            if there is None:
                raise Later("ConditionalRequestConflict") from error
            return there
        return document

    def _document(self, key: str) -> Document | None:
        try:
            answer = self._s3.get_object(Bucket=self._config.documents_bucket, Key=key)
        except ClientError as error:
            if logs.kind_of(error) in _GONE:
                return None
            raise
        return documents.decode(answer["Body"].read(documents.MOST_BYTES))

    def _settle(self, row: FileRow, key: str, document: Document) -> str:
        result = ReadResult(
            result_key=key,
            receipts=len(document.receipts),
            is_for_review=document.is_for_review,
            read_at=clock.now_us(),
            same_as=document.batch_id if document.batch_id != row.batch_id else None,
        )
        if not self._ledger.read(row.batch_id, row.file_id, result):
            return "Again"
        return "ForReview" if result.is_for_review else "Read"

    def _quarantine(self, row: FileRow, refused: ImageRefused) -> str:
        why = (refused.reason, refused.detail)
        line = line_of(
            "image",
            *why,
            row.received_at,
            batch_id=row.batch_id,
            file_id=row.file_id,
            name=row.name,
            bucket=row.bucket,
            key=row.key,
        )
        self._store.put(refused.reason, row.received_at, [line])
        if not self._ledger.quarantine(row.batch_id, row.file_id, Refusal(*why), clock.now_us()):
            return "Again"
        logs.count_by("Quarantined", "reason", {str(refused.reason): 1})
        return "Quarantined"

    def _quarantine_message(self, record: Json, reason: Reason, detail: str) -> str:
        """Keep a message that tells of no file that there is: no account can name it."""
        sent_at = queues.sent_at_us(record)
        line = line_of("image", reason, detail, sent_at, body=record["body"])
        self._store.put(reason, sent_at, [line])
        logs.count_by("Quarantined", "reason", {str(reason): 1})
        return "Quarantined"


def _is_read(row: FileRow) -> bool:
    return row.state in (State.READ, State.REVIEW)


def _pointer(row: FileRow) -> Delivery:
    """The pointer of what was read of a file."""
    return Delivery(batch_id=row.batch_id, customer_id=row.customer_id, file_id=row.file_id)


def _moment(at_us: int) -> str:
    """RFC 3339 of microseconds since the epoch."""
    at = datetime.fromtimestamp(at_us // 1_000_000, UTC).replace(microsecond=at_us % 1_000_000)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


@cache
def _worker() -> Read:
    config = settings.load(ReadSettings)
    s3 = clients.client("s3")
    aws = (clients.client("sqs"), s3, clients.client("dynamodb"))
    reader = Reader(clients.client("textract"), config.hints)
    return Read(config, aws, reader, Quarantine(s3, config.quarantine_bucket))


def handler(event: Json, context: Any) -> Json:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
