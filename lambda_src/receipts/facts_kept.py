"""The documents of a file in their bucket: what was read of it, and what people corrected."""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from receipts import documents
from receipts.documents import Document
from receipts.ids import customer_key
from receipts.rows import FileRow
from shared import logs

_GONE = ("NoSuchKey", "404")
_THERE = ("PreconditionFailed", "412")


class Kept(NamedTuple):
    """The document of a revision, and whether it was there before."""

    document: Document
    was_there: bool


class Facts:
    """The bucket of documents. `s3` is a client, whose errors pass through as ClientError."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def get(self, row: FileRow, revision: int) -> Document | None:
        """The document of a file's revision; None where it is no longer kept.

        Raises documents.Unreadable and NewerVersion.
        """
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=_key_of(row, revision))
        except ClientError as error:
            if logs.kind_of(error) in _GONE:
                return None
            raise
        return documents.decode(answer["Body"].read(documents.MOST_BYTES))

    def put_once(self, row: FileRow, revision: int, document: Document) -> Kept | None:
        """Put the document of a revision where there is none: the one that stands there then.

        None where another is being put at this very moment.
        """
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=_key_of(row, revision),
                Body=documents.encode(document),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if logs.kind_of(error) == "ConditionalRequestConflict":
                return None
            if logs.kind_of(error) not in _THERE:
                raise
            there = self.get(row, revision)
            return None if there is None else Kept(there, was_there=True)
        return Kept(document, was_there=False)


def _key_of(row: FileRow, revision: int) -> str:
    return documents.key_of(customer_key(row.customer_id), row.file_id, revision)
