"""Taking files in: from bytes that came to a row of the ledger and a message for `read`.

Each step may be repeated: the object and the row are named by the content, and a message is a
pointer that `read` may get twice.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from receipts import messages
from receipts.ids import file_id_of
from receipts.ledger import Ledger
from receipts.messages import Image, NotSent
from receipts.reasons import Refusal
from receipts.rows import Batch, FileRow, Outcome, State
from shared import clock, logs, quarantine, queues
from shared.quarantine import QuarantineStore
from shared.queues import OutgoingMessage

CONTENT_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tiff": "image/tiff",
    "heic": "image/heic",
    "pdf": "application/pdf",
}


class Place(NamedTuple):
    """Where an object's bytes are."""

    bucket: str
    key: str
    etag: str


class Taking:
    """Takes files into the ledger, and refuses others with their reason."""

    def __init__(
        self,
        ledger: Ledger,
        s3: Any,
        sqs: Any,
        store: QuarantineStore,
        *,
        documents_bucket: str,
        image_queue_url: str,
    ) -> None:
        self._ledger, self._s3, self._sqs, self._store = ledger, s3, sqs, store
        self._bucket, self._queue_url = documents_bucket, image_queue_url

    def keep(self, batch: Batch, content: bytes, kind: str, name: str) -> FileRow:
        """The row of a file that came in an archive: its bytes become an object of their own.

        What is there already is not put again.
        """
        file_id = file_id_of(content)
        if there := self._ledger.file(batch.batch_id, file_id):
            return there
        key = f"images/{batch.batch_id}/{file_id}"
        etag = self._s3.put_object(
            Bucket=self._bucket, Key=key, Body=content, ContentType=CONTENT_TYPES[kind]
        )["ETag"]
        return self.receive(batch, content, Place(self._bucket, key, etag), name)

    def receive(self, batch: Batch, content: bytes, at: Place, name: str) -> FileRow:
        """The row of a file whose bytes are at that place."""
        row = FileRow(
            batch_id=batch.batch_id,
            customer_id=batch.customer_id,
            file_id=file_id_of(content),
            state=State.RECEIVED,
            name=name,
            bucket=at.bucket,
            key=at.key,
            etag=at.etag,
            size=len(content),
            received_at=clock.now_us(),
        )
        return self._ledger.receive(row, batch.ttl)

    def send(self, rows: list[FileRow]) -> None:
        """Send the files that nobody has read yet to be read, each once. Raises NotSent."""
        unread = {row.file_id: row for row in rows if row.state is State.RECEIVED}
        if queues.send_all(self._sqs, self._queue_url, [message_of(r) for r in unread.values()]):
            raise NotSent("images")

    def refuse(
        self, batch: Batch, at: Place, refusal: Refusal, name: str, place: int, came_at: int
    ) -> Outcome:
        """What became of a file that is refused, once it is in quarantine."""
        line = quarantine.line_of(
            "intake",
            refusal.reason,
            refusal.detail,
            came_at,
            batch_id=batch.batch_id,
            customer_id=batch.customer_id,
            name=name,
            place=place,
            bucket=at.bucket,
            key=at.key,
        )
        put_away(self._store, str(refusal.reason), came_at, line)
        return Outcome(place, name, reason=str(refusal.reason), detail=refusal.detail)


def put_away(store: QuarantineStore, reason: str, came_at: int, line: Mapping[str, Any]) -> None:
    """Put what the intake will never take into quarantine, and count it, for an alarm too."""
    store.put(reason, came_at, [line])
    logs.count_by("Quarantined", "reason", {reason: 1})
    logs.count({"IntakeQuarantined": 1})


def message_of(row: FileRow) -> OutgoingMessage:
    """The message that points at a file."""
    image = Image(
        batch_id=row.batch_id,
        customer_id=row.customer_id,
        file_id=row.file_id,
        bucket=row.bucket,
        key=row.key,
        etag=row.etag,
        name=row.name,
    )
    return OutgoingMessage(messages.encode(image))
