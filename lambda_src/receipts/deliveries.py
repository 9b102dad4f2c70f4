"""Deliveries: the ledger's part in bringing facts into the database, and in closing reviews.

A file waits for its delivery until each of its facts stands or was refused, and after that for a
person, where one has to look at it. Each change is one write, under the condition that nobody has
changed the row's revisions or its review meanwhile. `client` is a DynamoDB client; its errors pass
through as ClientError.
"""

from typing import Any

from receipts import revisions, rows
from receipts.delivery.messages import Delivery
from receipts.ledger import RESENT_US, Ledger
from receipts.reasons import Refusal
from receipts.revisions import STANDS, WAITS, Review
from receipts.rows import FileRow, Item, State, Waiting
from shared import dynamo
from shared.dynamo import number

ROUNDS = 5  # of reading a row and changing it
ASKED_AGAIN_US = 20 * 1_000_000  # until a lane is asked again what stands of a batch


class Busy(Exception):
    """A row changed each time it was looked at: whatever is about it comes again."""


def is_to_review(row: FileRow) -> bool:
    """Whether a person has to look at a file: at what is not sure, or at what was refused."""
    return row.review is Review.OPEN or row.revisions.endswith(revisions.REFUSED)


def known_at(row: FileRow, revision: int) -> int | None:
    """Since when a fact has been there to be delivered (µs): since it was read, or corrected."""
    return row.reviewed_at if revision else row.read_at


def waits_since(row: FileRow) -> int | None:
    """Since when a file waits (µs): its first fact for its delivery, or else the file for a person.

    None where it was not read.
    """
    return known_at(row, min(revisions.waiting(row.revisions), default=0))


def waiting_facts(row: FileRow) -> list[Delivery]:
    """The facts of a file that wait for their delivery."""
    return [
        Delivery(
            batch_id=row.batch_id,
            customer_id=row.customer_id,
            file_id=row.file_id,
            revision=revision,
        )
        for revision in revisions.waiting(row.revisions)
    ]


class Deliveries:
    """What becomes of files that were read."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table
        self._ledger = Ledger(client, table)

    def delivered(self, row: FileRow, revision: int, at: int) -> bool:
        """Note that a fact stands in the database since then (µs); False where that was known.

        Raises Busy.
        """
        for _ in range(ROUNDS):
            if revision >= len(row.revisions) or row.revisions[revision] == STANDS:
                return False
            now = revisions.delivered(row.revisions, revision)
            settled = {} if revisions.REFUSED in now else {"reason": None, "detail": None}
            # facts may be told in any order: a count between two of them is younger than one alone
            last = max(at, row.delivered_at or 0)
            if self._settle(row, now, delivered_at=number(last), **settled):
                return True
            row = self._again(row)
        raise Busy(f"file {row.file_id}")

    def refused(self, row: FileRow, revision: int, refusal: Refusal) -> bool:
        """Note that the database refuses a fact; False where it stands, or that was known.

        What is refused waits for nothing but a person. Raises Busy.
        """
        why = {"reason": {"S": str(refusal.reason)}, "detail": {"S": refusal.detail}}
        for _ in range(ROUNDS):
            if revision >= len(row.revisions) or row.revisions[revision] != WAITS:
                return False
            if self._settle(row, revisions.refused(row.revisions, revision), **why):
                return True
            row = self._again(row)
        raise Busy(f"file {row.file_id}")

    def try_again(self, row: FileRow, now: int) -> bool:
        """Let what was refused be delivered again; False if nothing was.

        Whoever asks sends its pointer; should that be lost, the sweep sends it again.
        """
        for _ in range(ROUNDS):
            if revisions.REFUSED not in row.revisions:
                return False
            if self._change(
                row,
                revisions.again(row.revisions),
                **_waits(Waiting.DELIVERY, row, now + RESENT_US),
            ):
                return True
            row = self._again(row)
        raise Busy(f"file {row.file_id}")

    def close_review(self, row: FileRow, receipts: int, at: int) -> bool:
        """Close a file's review with a new fact of so many receipts; False if it has changed.

        `at` (µs) is when a person did.
        """
        state = State.READ if row.state is State.REVIEW else row.state
        return self._change(
            row,
            row.revisions + WAITS,
            state={"S": state},
            review={"S": Review.CLOSED},
            reviewed_at=number(at),
            facts=number((row.facts or row.receipts or 0) + receipts),
            **_waits(Waiting.DELIVERY, row, at + RESENT_US),
        )

    def may_ask(self, batch_id: str, now: int) -> bool:
        """Whether a lane may be asked now what stands of a batch; it is noted that it was."""
        return dynamo.unless_refused(
            self._client.update_item,
            TableName=self._table,
            Key=rows.key(batch_id, "#batch"),
            UpdateExpression="SET asked_at = :now",
            ConditionExpression=(
                "attribute_exists(ready) AND (attribute_not_exists(asked_at) OR asked_at < :before)"
            ),
            ExpressionAttributeValues={
                ":now": number(now),
                ":before": number(now - ASKED_AGAIN_US),
            },
        )

    def _settle(self, row: FileRow, now: str, **changes: Item | None) -> bool:
        """Write what became of a fact; when none waits any more, what became of the file."""
        if row.review is not None:  # a row of the release before has it in its state alone
            changes["review"] = {"S": row.review}
        if WAITS not in now:
            state = State.DELIVERED if STANDS in now else State.QUARANTINED
            if row.state is not State.DELIVERED:
                changes["state"] = {"S": state}
            changes |= {"waiting": None, "due_at": None}
            if is_to_review(row._replace(revisions=now)):
                changes |= _waits(Waiting.REVIEW, row, row.read_at or 0)
        return self._change(row, now, **changes)

    def _change(self, row: FileRow, now: str, **changes: Item | None) -> bool:
        """Set these attributes, and remove those that are None, unless the row has changed."""
        given = {name: value for name, value in changes.items() if value is not None}
        given["revisions"] = {"S": now}
        removed = [name for name, value in changes.items() if value is None]
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in given)
        update += " REMOVE " + ", ".join(f"#{name}" for name in removed) if removed else ""
        return dynamo.unless_refused(
            self._client.update_item,
            TableName=self._table,
            Key=rows.key(row.batch_id, rows.file_item(row.file_id)),
            UpdateExpression=update,
            # a row of the release before has no revisions
            ConditionExpression=(
                "attribute_exists(batch_id) AND "
                "(#revisions = :was OR (attribute_not_exists(#revisions) AND #state = :in))"
            ),
            ExpressionAttributeNames={
                f"#{name}": name for name in {*changes, "revisions", "state"}
            },
            ExpressionAttributeValues={
                ":was": {"S": row.revisions},
                ":in": {"S": row.state},
                **{f":{name}": value for name, value in given.items()},
            },
        )

    def _again(self, row: FileRow) -> FileRow:
        """The row as it is now; without any revision where it is gone."""
        return self._ledger.file(row.batch_id, row.file_id) or row._replace(revisions="")


def _waits(what: Waiting, row: FileRow, due_at: int) -> dict[str, Item | None]:
    waiting = {"S": rows.waiting_for(what, row.file_id)}
    return {"waiting": waiting, "due_at": number(due_at), "sent": number(0)}
