"""Files that end the worker which decodes them: found by a mark that nobody takes away.

A file is marked only when its message has come often, so that others cost no write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from receipts import rows
from receipts.sniff import ImageRefused
from shared.dynamo import number

MARKED_FROM = 4  # receives: a throttled or late one comes so often too, and is only marked
MOST_TRIES = 3


class Decodes:
    """Marks in the ledger, in the file's own row."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    @contextmanager
    def marked(self, batch_id: str, file_id: str, receives: int) -> Iterator[None]:
        """Decode in this block.

        Raises ImageRefused where that has ended the worker, or its memory, MOST_TRIES times.
        """
        if receives < MARKED_FROM:
            yield
            return
        tries = self._mark(batch_id, file_id)
        if tries > MOST_TRIES:
            raise ImageRefused("unreadable", f"decoding it ended the worker {MOST_TRIES} times")
        try:
            yield
        except MemoryError:
            raise
        except BaseException:
            self._unmark(batch_id, file_id)
            raise
        self._unmark(batch_id, file_id)

    def _mark(self, batch_id: str, file_id: str) -> int:
        item = self._client.update_item(
            TableName=self._table,
            Key=rows.key(batch_id, rows.file_item(file_id)),
            UpdateExpression="ADD decodes :one",
            ConditionExpression="attribute_exists(batch_id)",
            ExpressionAttributeValues={":one": number(1)},
            ReturnValues="ALL_NEW",
        )["Attributes"]
        return int(item["decodes"]["N"])

    def _unmark(self, batch_id: str, file_id: str) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=rows.key(batch_id, rows.file_item(file_id)),
            UpdateExpression="REMOVE decodes",
            ConditionExpression="attribute_exists(batch_id)",
        )
