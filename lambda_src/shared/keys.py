"""Keys: secrets of an environment that it makes itself, a row each of a table for nothing else.

Nobody types one, and none is in a variable, a state, a zip or a log.
"""

import secrets
from typing import Any

from shared import dynamo

BYTES = 32


class Key:
    """The key called `name`; it is read once a worker.

    `client` is a DynamoDB client, `table` has the hash key `name`. The key is made by whoever
    `makes` it and comes first.
    """

    def __init__(self, client: Any, table: str, name: str, *, makes: bool = False) -> None:
        self._client, self._table, self._name, self._makes = client, table, name, makes
        self._key: bytes | None = None

    def get(self) -> bytes | None:
        """The key; None before it is made. Raises the client's errors.

        The read is strongly consistent: whoever has seen work of one that has the key has it too.
        """
        if self._key is None:
            self._key = self._read() or (self._made() if self._makes else None)
        return self._key

    def _made(self) -> bytes | None:
        row = {"name": {"S": self._name}, "key": {"B": secrets.token_bytes(BYTES)}}
        dynamo.unless_refused(  # as where another made it, or our own first try
            self._client.put_item,
            TableName=self._table,
            Item=row,
            ConditionExpression="attribute_not_exists(#name)",
            ExpressionAttributeNames={"#name": "name"},
        )
        return self._read()

    def _read(self) -> bytes | None:
        item = self._client.get_item(
            TableName=self._table, Key={"name": {"S": self._name}}, ConsistentRead=True
        ).get("Item")
        return bytes(item["key"]["B"]) if item else None
