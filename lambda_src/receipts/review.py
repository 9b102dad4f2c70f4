"""review: what a person has to look at in a batch, and closing it with what they say.

A closed review is a new fact beside what was read: its document is put once, then the row is
changed, then it is sent to be delivered. Whoever comes second, at once or after a crash, finishes
what the first began, and is told if they said something else.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic_core import to_json

from receipts import corrections, documents
from receipts.corrections import Closing
from receipts.customers import batch_of
from receipts.deliveries import Deliveries, is_to_review
from receipts.delivery.messages import Delivery
from receipts.delivery.pointers import Pointers
from receipts.documents import Document, ReceiptPart
from receipts.facts_kept import Facts
from receipts.ids import is_file_id, rfc3339
from receipts.ledger import Ledger
from receipts.rows import Batch, FileRow, read_file
from receipts.settings import ReviewSettings
from shared import clients, clock, fanout, http, logs, settings
from shared.http import HttpError
from shared.versions import NewerVersion
from shared.visible import shown

MOST_BYTES = 262_144  # of a body
IF_LARGER = "name the fields that are wrong alone"
FILES_A_PAGE = 25
PAGE_BYTES = 4_000_000  # of an answer, which may have 6 MB
MOST_SHOWN = 500  # receipts of a file
ROUNDS = 5  # of closing a review whose row changes meanwhile
PASSING = (ClientError, BotoCoreError, NewerVersion)
UNAVAILABLE = HttpError(
    503,
    "ledger-unavailable",
    "reviews cannot be read or closed now: send the same request again",
    headers={"retry-after": "5"},
)

Json = dict[str, Any]


class Reviews:
    """The function's work. `facts` are the documents, `pointers` send what is to be delivered."""

    def __init__(
        self,
        config: ReviewSettings,
        ledger: Ledger,
        deliveries: Deliveries,
        facts: Facts,
        pointers: Pointers,
    ) -> None:
        self._config, self._ledger, self._deliveries = config, ledger, deliveries
        self._facts, self._pointers = facts, pointers

    def handle(self, event: Json) -> Json:
        """The answer to an HTTP request; whatever came in, never an exception."""
        return http.answered("review", lambda: self._asked(event), PASSING, UNAVAILABLE)

    def _asked(self, event: Json) -> Json:
        parameters = event.get("pathParameters") or {}
        path = f"/v1/batches/{parameters.get('batch_id')}/review"
        if "file_id" not in parameters:
            http.require(event, "GET", path)
            batch = batch_of(event, self._config, self._ledger)
            answer = self._open(batch, event.get("queryStringParameters") or {})
        else:
            file_id = str(parameters["file_id"])
            http.require(event, "POST", f"{path}/{file_id}")
            batch = batch_of(event, self._config, self._ledger)
            closing = corrections.read(http.json_text(event, MOST_BYTES, IF_LARGER))
            answer = self._close(batch, file_id, closing)
        logs.logger().info("answered", extra={"status": 200})
        return http.reply(200, answer)

    def _open(self, batch: Batch, asked: Mapping[str, str]) -> Json:
        """A page of the files that a person has to look at."""
        after = asked.get("after", "")
        if after and not is_file_id(after):
            message = f"after must be the next of another answer; got {shown(after)}"
            raise HttpError(400, "bad-cursor", message)
        items = self._ledger.items(batch.batch_id)
        rows = [read_file(item) for item in items if item["item"]["S"].startswith("file#")]
        found = sorted((row for row in rows if is_to_review(row)), key=lambda row: row.file_id)
        left = [row for row in found if row.file_id > after]
        shown_rows = left[:FILES_A_PAGE]
        told: list[Json] = []
        size = 0
        for one in fanout.each(self._told, shown_rows):
            size += len(to_json(one))
            if told and size > PAGE_BYTES:
                break
            told.append(one)
        is_last = len(told) == len(left)
        return {
            "batch_id": batch.batch_id,
            "to_review": len(found),
            "files": told,
            "next": None if is_last else told[-1]["file_id"],
        }

    def _told(self, row: FileRow) -> Json:
        """A file for review, with the receipts in which something is marked."""
        revision = len(row.revisions) - 1
        said: Json = {"file_id": row.file_id, "name": row.name, "state": row.state}
        said |= {"revision": revision, "reason": row.reason, "detail": row.detail}
        try:
            document = self._facts.get(row, revision)
        except documents.Unreadable as error:
            logs.error("review", error)
            document = None
        if document is None:
            said["detail"] = "its document is no longer kept"
        parts = document.receipts if document else []
        marked = [part for part in parts if part.review or row.reason is not None]
        said |= {"receipts": [_part(part) for part in marked[:MOST_SHOWN]], "of": len(parts)}
        return {name: value for name, value in said.items() if value is not None}

    def _close(self, batch: Batch, file_id: str, closing: Closing) -> Json:
        """Close a file's review. Raises HttpError, and what the services do."""
        for _ in range(ROUNDS):
            row = self._ledger.file(batch.batch_id, file_id) if is_file_id(file_id) else None
            if row is None:
                raise HttpError(404, "no-such-file", f"the batch has no file {shown(file_id)}")
            if not is_to_review(row):
                return self._closed_before(row, closing)
            now = clock.now_us()
            made = corrections.closed(
                self._document(row, len(row.revisions) - 1), closing, rfc3339(now)
            )
            kept = self._facts.put_once(row, len(row.revisions), made)
            if kept is None:
                continue
            if not self._deliveries.close_review(row, len(kept.document.receipts), now):
                continue  # its fact was delivered meanwhile, or somebody else closes it
            self._send(row)
            if kept.was_there and kept.document.receipts != made.receipts:
                raise _closed_otherwise(row, kept.document)
            logs.count({"ReviewsClosed": 1})
            return _closed(row, len(row.revisions), kept.document)
        raise UNAVAILABLE

    def _closed_before(self, row: FileRow, closing: Closing) -> Json:
        """The answer where nothing is to review: the same for the same. Raises HttpError 409."""
        if row.reviewed_at is None:
            message = "nothing in this file is for review: its account says what it is"
            raise HttpError(409, "not-for-review", message)
        revision = len(row.revisions) - 1
        there = self._document(row, revision)
        try:
            made = corrections.closed(self._document(row, revision - 1), closing, there.read_at)
        except HttpError:
            raise _closed_otherwise(row, there) from None
        if made.receipts != there.receipts:
            raise _closed_otherwise(row, there)
        return _closed(row, revision, there)

    def _document(self, row: FileRow, revision: int) -> Document:
        """The document of a revision. Raises HttpError 409 where there is none any more."""
        try:
            found = self._facts.get(row, revision)
        except documents.Unreadable as error:
            logs.error("review", error)
            found = None
        if found is None:
            message = "what was read of this file is no longer kept: send the file again"
            raise HttpError(409, "document-gone", message)
        return found

    def _send(self, row: FileRow) -> None:
        """Let the fact be delivered; what is not sent now, the sweep sends."""
        fact = Delivery(
            batch_id=row.batch_id,
            customer_id=row.customer_id,
            file_id=row.file_id,
            revision=len(row.revisions),
        )
        self._pointers.send([fact])


def _part(part: ReceiptPart) -> Json:
    """A receipt as the answer tells it."""
    told = part.model_dump()
    fields = {name: told[name] for name in corrections.FIELDS}
    return {
        "receipt": part.index,
        "page": part.page,
        "review": part.review,
        "fields": fields,
        "taxes": told["taxes"],
        "possible_duplicate_of": told["possible_duplicate_of"],
    }


def _values(document: Document) -> list[Json]:
    return [
        {"receipt": part.index} | {name: getattr(part, name).value for name in corrections.FIELDS}
        for part in document.receipts[:MOST_SHOWN]
    ]


def _closed(row: FileRow, revision: int, document: Document) -> Json:
    return {
        "batch_id": row.batch_id,
        "file_id": row.file_id,
        "review": "closed",
        "revision": revision,
        "receipts": _values(document),
    }


def _closed_otherwise(row: FileRow, document: Document) -> HttpError:
    details = {"file_id": row.file_id, "closed_at": document.read_at, "receipts": _values(document)}
    message = "somebody else has closed this review, with what details say: that stands"
    return HttpError(409, "already-closed", message, details)


@cache
def _worker() -> Reviews:
    config = settings.load(ReviewSettings)
    dynamodb = clients.client("dynamodb")
    return Reviews(
        config,
        Ledger(dynamodb, config.ledger_table),
        Deliveries(dynamodb, config.ledger_table),
        Facts(clients.client("s3"), config.documents_bucket),
        Pointers(clients.client("sqs"), config),
    )


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(event)


settings.at_start(_worker)
