"""How each lane is: its last heartbeat, a row of the ledger for whoever looks after it."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from receipts import rows
from receipts.delivery.messages import Heartbeat, encode
from shared import dynamo
from shared.dynamo import number
from shared.versions import require_known

PARTITION = "#lanes"  # in place of a batch
KEPT_SECONDS = 90 * 86_400

Item = dict[str, Any]


class Heartbeats:
    """The lanes' rows. `client` is a DynamoDB client, whose errors pass through as ClientError."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def note(self, beat: Heartbeat) -> None:
        """Keep a heartbeat, unless a later one of its lane is kept."""
        dynamo.unless_refused(
            self._client.put_item,
            TableName=self._table,
            Item={
                **rows.key(PARTITION, beat.lane),
                "v": number(rows.VERSION),
                "heard_at": number(beat.at),
                "beat": {"S": encode(beat)},
                "ttl": number(beat.at // 1_000_000 + KEPT_SECONDS),
            },
            ConditionExpression="attribute_not_exists(heard_at) OR heard_at < :at",
            ExpressionAttributeValues={":at": number(beat.at)},
        )

    def last(self) -> Iterator[Heartbeat]:
        """The last heartbeat of each lane, by its name; those of a later release are left out."""
        found = self._client.query(
            TableName=self._table,
            KeyConditionExpression="batch_id = :lanes",
            ConsistentRead=True,
            ExpressionAttributeValues={":lanes": {"S": PARTITION}},
        )["Items"]
        for item in found:
            require_known("a lane's row", int(item["v"]["N"]), rows.VERSION)
            try:
                yield Heartbeat.model_validate_json(item["beat"]["S"])
            except ValidationError:
                continue
