"""A simulated global secondary index: those rows of a table that have its key, a moment old."""

from collections.abc import Sequence
from typing import Any

from tools.simulation.aws.calls import Call
from tools.simulation.aws.errors import Invalid
from tools.simulation.aws.ranges import Range
from tools.simulation.aws.tables import Key, Table
from tools.simulation.aws.values import Item, plain

Answer = dict[str, Any]


class Index:
    """An index by its key's attributes and their types; `projection` as CreateTable says it.

    Its reads are never consistent, and rows that share its key stand in the order of the table's.
    """

    def __init__(self, name: str, schema: Sequence[tuple[str, str]], projection: Answer) -> None:
        self.name, self.schema = name, tuple(schema)
        self._projection = projection

    def page(self, table: Table, call: Call, wanted: Range) -> Answer:
        """A query's answer. Raises Invalid."""
        params = call.params
        if params.get("ConsistentRead"):
            raise Invalid("Consistent reads are not supported on global secondary indexes")
        limits = [limit for limit in (params.get("Limit"), call.most_items) if limit is not None]
        if any(limit < 1 for limit in limits):
            raise Invalid("Limit must be at least 1")
        backward = not params.get("ScanIndexForward", True)
        rows = sorted(self._rows(table, wanted), key=lambda row: row[0], reverse=backward)
        if "ExclusiveStartKey" in params:
            edge = self._place(table, params["ExclusiveStartKey"])
            rows = [row for row in rows if (row[0] < edge if backward else row[0] > edge)]
        most = min(limits, default=len(rows) + 1)
        items = [self._projected(table, item) for _, item in rows[:most]]
        answer: Answer = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
        if len(rows) < most:
            return answer
        last = rows[most - 1][1]
        return answer | {"LastEvaluatedKey": {name: last[name] for name in self._keys(table)}}

    def _rows(self, table: Table, wanted: Range) -> list[tuple[Key, Item]]:
        found = []
        for key in table.keys(consistent=False):
            item = table.read(key, consistent=False)
            if item is not None and all(kind in item.get(name, ()) for name, kind in self.schema):
                place = self._place(table, item)
                if wanted.holds(place[: len(self.schema)]):
                    found.append((place, item))
        return found

    def _place(self, table: Table, item: Item) -> Key:
        """Where a row stands: by the index's key, then by the table's."""
        names = [name for name, _ in (*self.schema, *table.schema)]
        if any(name not in item for name in names):
            raise Invalid("The provided starting key is invalid")
        return tuple(plain(item[name]) for name in names)

    def _keys(self, table: Table) -> dict[str, None]:
        return dict.fromkeys(name for name, _ in (*table.schema, *self.schema))

    def _projected(self, table: Table, item: Item) -> Item:
        if self._projection["ProjectionType"] == "ALL":
            return dict(item)
        kept = {*self._keys(table), *self._projection.get("NonKeyAttributes", ())}
        return {name: value for name, value in item.items() if name in kept}
