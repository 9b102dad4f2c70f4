"""The ledger: what has become of every batch and of every file in it.

A row is the truth. Each change is one conditional write, so that a repeat of any step changes
nothing, and a late one undoes nothing. `client` is a DynamoDB client throughout; its errors pass
through as ClientError.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from receipts import rows
from receipts.expected import Expected
from receipts.reasons import Refusal
from receipts.revisions import WAITS, Review
from receipts.rows import Batch, FileRow, Item, Outcome, State, Waiting
from shared import dynamo
from shared.dynamo import number

INDEX = "waiting"  # rows that a sweep has to look at, by what they wait for and when that is due
RESENT_US = 15 * 60 * 1_000_000  # until an image that nobody has read is sent again …
MOST_RESENT_US = 6 * 3600 * 1_000_000  # … doubling, up to this
_NOT_THERE = "attribute_not_exists(batch_id)"


class ReadResult(NamedTuple):
    """What reading came to.

    `result_key` is the result object's in the bucket of documents; `same_as` is the batch in which
    this content was read, if that was another; `read_at` is in microseconds.
    """

    result_key: str
    receipts: int
    is_for_review: bool
    read_at: int
    same_as: str | None = None


class Ledger:
    """The table of batches and files."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def batch(self, batch_id: str) -> Batch | None:
        """A batch; None where there is none. Raises NewerVersion."""
        item = self._item(batch_id, "#batch")
        return rows.read_batch(item) if item else None

    def open_batch(self, batch: Batch) -> Batch:
        """The batch that stands under this id: this one, or the one that was there before."""
        there = dynamo.unless_refused(
            self._client.put_item,
            TableName=self._table,
            Item=rows.batch_item(batch),
            ConditionExpression=_NOT_THERE,
        )
        return batch if there else (self.batch(batch.batch_id) or batch)

    def forget_batch(self, batch_id: str) -> None:
        """Take a batch away that was never ready: its token is free again."""
        dynamo.unless_refused(
            self._client.delete_item,
            TableName=self._table,
            Key=rows.key(batch_id, "#batch"),
            ConditionExpression="attribute_not_exists(ready)",
        )

    def put_manifest(self, batch: Batch, first: int, files: Sequence[Expected]) -> None:
        """Write the files from number `first` on: the same each time, for a batch never changes."""
        self._client.put_item(TableName=self._table, Item=rows.manifest_item(batch, first, files))

    def ready(self, batch: Batch, expires_at: int) -> bool:
        """Let uploads come until then, and the sweep look after them; False if the batch is gone.

        A repeat moves the end.
        """
        return self._update(
            batch.batch_id,
            "#batch",
            "SET ready = :ready, expires_at = :expires_at, waiting = :waiting, due_at = :due_at",
            "content = :content",
            ready={"BOOL": True},
            expires_at=number(expires_at),
            waiting={"S": rows.waiting_for(Waiting.UPLOAD, batch.batch_id)},
            due_at=number(expires_at),
            content={"S": batch.content},
        )

    def expected(self, batch_id: str, index: int) -> Expected | None:
        """The file of that number in a batch's manifest; None where there is none."""
        item = self._item(batch_id, rows.manifest_name(index))
        return rows.read_manifest(item).get(index) if item else None

    def planned(self, batch_id: str, entries: int, ranges: int) -> None:
        """Note how many entries an archive holds, and in how many ranges they are taken out."""
        self._update(
            batch_id,
            "#batch",
            "SET entries = :entries, ranges = :ranges",
            "attribute_not_exists(entries)",
            entries=number(entries),
            ranges=number(ranges),
        )

    def outcomes(self, batch_id: str, item: str) -> list[Outcome]:
        """What became of an upload or of the entries of a range so far; empty if nothing yet."""
        found = self._item(batch_id, item)
        return rows.read_outcomes(found) if found else []

    def settle(self, batch: Batch, item: str, outcomes: Sequence[Outcome]) -> bool:
        """Write what became of an upload or of a range's entries.

        More outcomes replace fewer, and as many with fewer refusals: a late worker takes nothing
        back, and what was refused once may come rightly later. False if nothing was written.
        """
        made = rows.outcomes_item(batch, item, outcomes)
        return dynamo.unless_refused(
            self._client.put_item,
            TableName=self._table,
            Item=made,
            ConditionExpression=(
                f"{_NOT_THERE} OR done < :done OR (done = :done AND refused > :refused)"
            ),
            ExpressionAttributeValues={":done": made["done"], ":refused": made["refused"]},
        )

    def receive(self, row: FileRow, ttl: int) -> FileRow:
        """The row of a file that came: this one, or the one that was there before.

        Under an id there is only ever the same content.
        """
        due = row._replace(due_at=row.received_at + RESENT_US)
        new = dynamo.unless_refused(
            self._client.put_item,
            TableName=self._table,
            Item=rows.new_file_item(due, ttl),
            ConditionExpression=_NOT_THERE,
        )
        return due if new else (self.file(row.batch_id, row.file_id) or due)

    def file(self, batch_id: str, file_id: str) -> FileRow | None:
        """A file of a batch; None where there is none. Raises NewerVersion."""
        item = self._item(batch_id, rows.file_item(file_id))
        return rows.read_file(item) if item else None

    def claim_pixels(self, batch_id: str, file_id: str, pixels: int) -> bool:
        """Note a file's pixels before they are charged; False if that was done, or it is gone."""
        return self._update(
            batch_id,
            rows.file_item(file_id),
            "SET pixels = :pixels",
            "attribute_exists(batch_id) AND attribute_not_exists(pixels)",
            pixels=number(pixels),
        )

    def read(self, batch_id: str, file_id: str, result: ReadResult) -> bool:
        """Note that a file was read, and let it wait for its delivery.

        False where it was not waiting to be read: then nothing changes.
        """
        state = State.REVIEW if result.is_for_review else State.READ
        more = {"same_as": {"S": result.same_as}} if result.same_as is not None else {}
        more |= {"review": {"S": Review.OPEN}} if result.is_for_review else {}
        return self._leave_received(
            batch_id,
            file_id,
            state={"S": state},
            result_key={"S": result.result_key},
            receipts=number(result.receipts),
            facts=number(result.receipts),
            read_at=number(result.read_at),
            revisions={"S": WAITS},
            waiting={"S": rows.waiting_for(Waiting.DELIVERY, file_id)},
            due_at=number(result.read_at + RESENT_US),
            sent=number(0),
            **more,
        )

    def quarantine(self, batch_id: str, file_id: str, refusal: Refusal, at: int) -> bool:
        """Note that a file cannot be read, and why; False where it was not waiting to be read.

        `at` is in microseconds.
        """
        return self._leave_received(
            batch_id,
            file_id,
            state={"S": State.QUARANTINED},
            reason={"S": str(refusal.reason)},
            detail={"S": refusal.detail},
            read_at=number(at),
        )

    def items(self, batch_id: str) -> Iterator[Item]:
        """All rows of a batch, by one query in pages: the account is made of them."""
        asked: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "batch_id = :batch_id",
            "ExpressionAttributeValues": {":batch_id": {"S": batch_id}},
            "ConsistentRead": True,
        }
        while True:
            page = self._client.query(**asked)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def due(self, what: Waiting, shard: int, before: int, most: int) -> list[tuple[str, str]]:
        """Keys (batch_id, item) of rows that wait and were due before then (µs), oldest first.

        From the index, which may be a moment behind: read a row before acting on it.
        """
        page = self._client.query(
            TableName=self._table,
            IndexName=INDEX,
            KeyConditionExpression="waiting = :waiting AND due_at < :before",
            ExpressionAttributeValues={
                ":waiting": {"S": f"{what}#{shard}"},
                ":before": number(before),
            },
            Limit=most,
        )
        return [(item["batch_id"]["S"], item["item"]["S"]) for item in page["Items"]]

    def sent_again(self, row: FileRow, now: int) -> bool:
        """Note that a file's pointer was sent again, and look at it later, each time later.

        False where its row has changed since.
        """
        pause = min(RESENT_US * 2 ** min(row.sent + 1, 10), MOST_RESENT_US)
        return self._update(
            row.batch_id,
            rows.file_item(row.file_id),
            "SET due_at = :due_at ADD sent :one",
            "due_at = :was AND sent = :times",
            due_at=number(now + pause),
            one=number(1),
            was=number(row.due_at or 0),
            times=number(row.sent),
        )

    def look_again(self, batch_id: str, due_at: int | None) -> None:
        """Let the sweep look at a batch's uploads at that time again; None: never."""
        if due_at is None:
            self._update(batch_id, "#batch", "REMOVE waiting, due_at", "attribute_exists(ready)")
        else:
            self._update(
                batch_id,
                "#batch",
                "SET due_at = :due_at",
                "attribute_exists(waiting)",
                due_at=number(due_at),
            )

    def _leave_received(self, batch_id: str, file_id: str, **values: Item) -> bool:
        named = {name: f"#{name}" for name in values}
        removed = "" if "waiting" in values else " REMOVE waiting, due_at"
        return dynamo.unless_refused(
            self._client.update_item,
            TableName=self._table,
            Key=rows.key(batch_id, rows.file_item(file_id)),
            UpdateExpression="SET "
            + ", ".join(f"{mark} = :{name}" for name, mark in named.items())
            + removed,
            ConditionExpression="#state = :received",
            ExpressionAttributeNames={mark: name for name, mark in named.items()},
            ExpressionAttributeValues={
                ":received": {"S": State.RECEIVED},
                **{f":{name}": value for name, value in values.items()},
            },
        )

    def _update(
        self, batch_id: str, item: str, update: str, condition: str, **values: Item
    ) -> bool:
        given = {f":{name}": value for name, value in values.items()}
        return dynamo.unless_refused(
            self._client.update_item,
            TableName=self._table,
            Key=rows.key(batch_id, item),
            UpdateExpression=update,
            ConditionExpression=condition,
            **({"ExpressionAttributeValues": given} if given else {}),
        )

    def _item(self, batch_id: str, item: str) -> Item | None:
        found: Item | None = self._client.get_item(
            TableName=self._table, Key=rows.key(batch_id, item), ConsistentRead=True
        ).get("Item")
        return found
