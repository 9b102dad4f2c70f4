"""The ledger's parcels: each write is one row under one condition, or rows that are nobody else's.

Every read is strongly consistent: a child that a commit names is there to be read.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from harvest import parcels, run_rows
from harvest.parcels import Parcel, Settlement, Task
from harvest.run_rows import Run
from shared import backoff, clock, dynamo
from shared.dynamo import number

KEEP_SECONDS = 30 * 86_400  # rows, of the last write that has a say in it
PUTS_A_REQUEST = 25
ROUNDS, FIRST_PAUSE_SECONDS = 6, 0.05

Item = dict[str, Any]


class NotAllPut(Exception):
    """Some children's rows could not be put in time: the parcel must not be committed."""


class Ledger:
    """The parcels of all runs. `client` is a DynamoDB client.

    Unless a method says otherwise it raises the client's ClientError.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def claim(self, run_id: str, parcel: str, first_ms: int, end_ms: int) -> Parcel | None:
        """Claim an open parcel from its first slot until `end_ms`: its row as it is then.

        None when it is settled, or claimed by somebody who may be alive. Adds one to its tries.
        """
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=key_of(run_id, parcels.place(parcel)),
                UpdateExpression="SET claim = :claim, #end = :end ADD tries :one",
                ConditionExpression="#state = :open AND #end < :claim",
                ExpressionAttributeNames={"#state": "state", "#end": "end"},
                ExpressionAttributeValues={
                    ":claim": number(first_ms),
                    ":end": number(end_ms),
                    ":one": number(1),
                    ":open": {"S": parcels.OPEN},
                },
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if not dynamo.is_refused(error):
                raise
            return None
        return parcels.read(answer["Attributes"])

    def put_children(self, run_id: str, children: Sequence[Parcel]) -> None:
        """Put the rows of children whose ids carry the claim: nobody else writes those.

        Raises NotAllPut when the table does not take them all in time.
        """
        until = expires()
        requests = [
            {"PutRequest": {"Item": parcels.item_of(run_id, child, until)}} for child in children
        ]
        for start in range(0, len(requests), PUTS_A_REQUEST):
            self._put(requests[start : start + PUTS_A_REQUEST])

    def put_group(self, run_id: str, parcel: Parcel) -> None:
        """Put the row of a group, whose id is its name's, unless somebody has.

        Two who name a group so make one parcel.
        """
        self._put_new(parcels.item_of(run_id, parcel, expires()))

    def commit(
        self, run_id: str, parcel: str, claim_ms: int, what: Settlement, key: str | None = None
    ) -> bool:
        """Settle a parcel, if this claim still holds it: the only decision there is.

        Its children and its object must be there before. They follow from `key`, by default the
        claim. False when another claim holds the parcel, or has settled it.
        """
        attributes = parcels.settled_attributes(str(claim_ms) if key is None else key, what)
        names = {f"#{name}": name for name in attributes}
        return dynamo.unless_refused(
            self._client.update_item,
            TableName=self._table,
            Key=key_of(run_id, parcels.place(parcel)),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            ConditionExpression="#state = :open AND claim = :claim",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={
                **{f":{name}": value for name, value in attributes.items()},
                ":open": {"S": parcels.OPEN},
                ":claim": number(claim_ms),
            },
        )

    def read(
        self, run_id: str, meanwhile: Callable[[], None] = lambda: None
    ) -> tuple[Run | None, dict[str, Parcel]]:
        """All rows of a run: its own, and every parcel by id, orphans too.

        That may take seconds: `meanwhile` is called after each page.
        """
        return _sorted_out(self._query(run_id, meanwhile))

    def parcels(self, run_id: str, ids: Collection[str]) -> dict[str, Parcel]:
        """The parcels that there are among these ids. Raises dynamo.Throttled too."""
        return self._some(run_id, [parcels.place(one) for one in ids])[1]

    def look(self, run_id: str, ids: Collection[str]) -> tuple[Run | None, dict[str, Parcel]]:
        """The run's own row beside `parcels`, in the same request."""
        return self._some(run_id, [run_rows.ITEM, *map(parcels.place, ids)])

    def mark_stored(self, run_id: str, group: str) -> None:
        """Remember that the answers of a finished group are merged, or those of the whole run.

        That is the group "". Nobody asks for it again.
        """
        place = parcels.place(parcels.group_id(group)) if group else run_rows.ITEM
        dynamo.unless_refused(
            self._client.update_item,
            TableName=self._table,
            Key=key_of(run_id, place),
            UpdateExpression="SET #stored = :one",
            ConditionExpression="attribute_exists(run_id)",
            ExpressionAttributeNames={"#stored": "stored"},
            ExpressionAttributeValues={":one": number(1)},
        )

    def _some(self, run_id: str, places: Sequence[str]) -> tuple[Run | None, dict[str, Parcel]]:
        keys = [key_of(run_id, place) for place in places]
        items = dynamo.batch_get(self._client, self._table, keys, consistent=True)
        return _sorted_out(items)

    def put_root(
        self,
        run_id: str,
        index: int,
        key: str,
        groups: Sequence[Parcel] = (),
        tasks: Sequence[Sequence[Task]] = (),
    ) -> bool:
        """Put root number `index` and what it names; False when that root is there already.

        A root is a parcel without tasks, settled from the start. It names `groups`, whose ids are
        `parcels.group_id`, and has the parcels of `tasks` as children, by `key`, which nobody else
        may use. It counts once the run's row counts it. Raises NotAllPut.
        """
        root = parcels.root_id(index)
        ids = [parcels.child_id(root, key, number) for number in range(len(tasks))]
        self.put_children(run_id, [parcels.parcel_of(*one) for one in zip(ids, tasks, strict=True)])
        for group in groups:
            self.put_group(run_id, group)
        named = [group.id for group in groups]
        row = parcels.item_of(run_id, Parcel(root, ()), expires())
        row |= parcels.settled_attributes(key, Settlement((), len(tasks), named))
        return self._put_new(row)

    def put_alone(self, run_id: str, key: str, tasks: Sequence[Task]) -> list[Parcel]:
        """Put tasks each alone in a parcel, in groups made for them: the groups, for `put_root`.

        For tasks to be tried again in a run of their own; each must have a group. Such a group's
        parcel has no task, settled from the start as a root is. Raises NotAllPut.
        """
        of: dict[str, list[Task]] = {}
        for task in tasks:
            of.setdefault(task.group, []).append(task)
        groups: list[Parcel] = []
        for group, some in of.items():
            id_ = parcels.group_id(group)
            ids = [parcels.child_id(id_, key, number) for number in range(len(some))]
            singles = [
                parcels.parcel_of(*one) for one in zip(ids, ([t] for t in some), strict=True)
            ]
            self.put_children(run_id, singles)
            groups.append(Parcel(id_, (), group=group))
            row = parcels.item_of(run_id, groups[-1], expires())
            self._put_new(row | parcels.settled_attributes(key, Settlement((), len(some))))
        return groups

    def _put_new(self, row: Item) -> bool:
        """Put a row; False when there is one."""
        return dynamo.unless_refused(
            self._client.put_item,
            TableName=self._table,
            Item=row,
            ConditionExpression="attribute_not_exists(run_id)",
        )

    def _put(self, waiting: list[Item]) -> None:
        """Put up to 25 rows, those that are not taken again, a few times."""
        for round_number in range(ROUNDS):
            if round_number:
                clock.sleep(backoff.pause_seconds(round_number, FIRST_PAUSE_SECONDS))
            try:
                answer = self._client.batch_write_item(RequestItems={self._table: waiting})
            except ClientError as error:
                if not dynamo.is_throttle(error):
                    raise
                continue
            waiting = answer.get("UnprocessedItems", {}).get(self._table, [])
            if not waiting:
                return
        raise NotAllPut(f"{self._table}: {len(waiting)} rows not put after {ROUNDS} requests")

    def _query(self, run_id: str, meanwhile: Callable[[], None]) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="run_id = :run",
            ExpressionAttributeValues={":run": {"S": run_id}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]
            meanwhile()


def _sorted_out(items: Iterable[Item]) -> tuple[Run | None, dict[str, Parcel]]:
    """The run among rows, and the parcels by id."""
    run, found = None, dict[str, Parcel]()
    for item in items:
        if item["item"]["S"] == run_rows.ITEM:
            run = run_rows.read(item)
        elif item["item"]["S"].startswith(parcels.PREFIX):
            parcel = parcels.read(item)
            found[parcel.id] = parcel
    return run, found


def key_of(run_id: str, item: str) -> Item:
    """A row's key."""
    return {"run_id": {"S": run_id}, "item": {"S": item}}


def expires() -> int:
    """Until when a row that is written now is kept, in seconds since the epoch."""
    return clock.now_us() // 1_000_000 + KEEP_SECONDS
