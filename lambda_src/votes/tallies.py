"""The tallies and the fold row, as DynamoDB keeps them.

Every write is one item under one condition.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared import dynamo, fanout
from shared.dynamo import number
from shared.versions import require_known
from votes.shards import shard_of
from votes.standing import Delta

VERSION = 1
FOLD = "#fold"  # the fold row's title_id; no identifier can hold a '#'
NO_COUNTERS = {"title_id", "epoch", "v"}  # what a title's row holds beside its counters

Item = dict[str, Any]
Bounds = dict[int, int]  # shard → number of an entry


@dataclass(frozen=True, slots=True)
class Open:
    """An epoch whose range is fixed and which is not yet closed.

    It ends with the entries `ends`; `fixed_at` is in µs since 1970.
    """

    epoch: int
    ends: Bounds
    fixed_at: int


@dataclass(frozen=True, slots=True)
class Fold:
    """The fold row.

    It holds the last closed epoch, the entries up to which all are counted, when its range was
    fixed (µs since 1970), the tables' shards, and the epoch that is open.
    """

    epoch: int
    upto: Bounds
    as_of: int
    shards: int
    open: Open | None = field(default=None)

    def holds(self, voter_id: str, n: int) -> bool:
        """Whether a vote of theirs that entry n put is counted."""
        return n <= self.upto.get(shard_of(voter_id, self.shards), 0)


class Tallies:
    """The tallies table. `client` is a DynamoDB client."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def fold(self) -> Fold | None:
        """The fold row; None before the first epoch."""
        item = self._client.get_item(
            TableName=self._table, Key={"title_id": {"S": FOLD}}, ConsistentRead=True
        ).get("Item")
        return read_fold(item) if item else None

    def create_fold(self, shards: int) -> None:
        """Create the fold row, unless there is one."""
        row = {
            "title_id": {"S": FOLD},
            "epoch": number(0),
            "upto": {"M": {}},
            "as_of": number(0),
            "shards": number(shards),
        }
        self._unless_refused(
            self._client.put_item,
            Item=row | {"v": number(VERSION)},
            ConditionExpression="attribute_not_exists(title_id)",
        )

    def fix(self, opened: Open) -> bool:
        """Fix the range of an epoch; False when an epoch is open, or this is not the next one."""
        return self._unless_refused(
            self._client.update_item,
            Key={"title_id": {"S": FOLD}},
            UpdateExpression="SET #open = :open",
            ConditionExpression="epoch = :last AND attribute_not_exists(#open)",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={
                ":last": number(opened.epoch - 1),
                ":open": {
                    "M": {
                        "epoch": number(opened.epoch),
                        "ends": _bounds(opened.ends),
                        "fixed_at": number(opened.fixed_at),
                    },
                },
            },
        )

    def add(self, epoch: int, deltas: Mapping[str, Delta]) -> int:
        """Add to each title's counters: how many titles were added to.

        Left as they are: those to which this epoch or a later one has been added.
        """
        return sum(
            fanout.each(lambda title: self._add(epoch, title, deltas[title]), sorted(deltas))
        )

    def close(self, opened: Open, upto: Bounds) -> bool:
        """Close the epoch, everything up to `upto` being counted; False when it is not open."""
        return self._unless_refused(
            self._client.update_item,
            Key={"title_id": {"S": FOLD}},
            UpdateExpression="SET epoch = :epoch, upto = :upto, as_of = :as_of REMOVE #open",
            ConditionExpression="#open.epoch = :epoch",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={
                ":epoch": number(opened.epoch),
                ":upto": _bounds(upto),
                ":as_of": number(opened.fixed_at),
            },
        )

    def _add(self, epoch: int, title_id: str, delta: Delta) -> bool:
        names = {f"#{index}": counter for index, counter in enumerate(delta)}
        values = {f":{index}": number(change) for index, change in enumerate(delta.values())}
        sums = ", ".join(f"#{index} :{index}" for index in range(len(delta)))
        return self._unless_refused(
            self._client.update_item,
            Key={"title_id": {"S": title_id}},
            UpdateExpression=f"ADD {sums} SET epoch = :epoch, v = if_not_exists(v, :v)",
            ConditionExpression="attribute_not_exists(epoch) OR epoch < :epoch",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values | {":epoch": number(epoch), ":v": number(VERSION)},
        )

    def _unless_refused(self, write: Any, **request: Any) -> bool:
        return dynamo.unless_refused(write, TableName=self._table, **request)


def read_fold(item: Item) -> Fold:
    """The fold row's item, as a Fold. Raises NewerVersion."""
    require_known("the fold row", int(item["v"]["N"]), VERSION)
    return Fold(
        epoch=int(item["epoch"]["N"]),
        upto=_read_bounds(item["upto"]),
        as_of=int(item["as_of"]["N"]),
        shards=int(item["shards"]["N"]),
        open=_read_open(item["open"]["M"]) if "open" in item else None,
    )


def read_titles(items: Iterable[Item]) -> dict[str, Delta]:
    """The counters of the titles among these rows of the table, which may hold the fold row too."""
    rows = {item["title_id"]["S"]: item for item in items}
    return {title: _counters(row) for title, row in rows.items() if title != FOLD}


def _counters(row: Item) -> Delta:
    return {name: int(row[name]["N"]) for name in row.keys() - NO_COUNTERS}


def _read_open(item: Item) -> Open:
    return Open(int(item["epoch"]["N"]), _read_bounds(item["ends"]), int(item["fixed_at"]["N"]))


def _bounds(bounds: Bounds) -> Item:
    return {"M": {str(shard): number(n) for shard, n in sorted(bounds.items())}}


def _read_bounds(value: Item) -> Bounds:
    return {int(shard): int(n["N"]) for shard, n in value["M"].items()}
