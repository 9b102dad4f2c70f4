"""Simulated DynamoDB: tables, and the operations on one row and on a page of rows."""

import random
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from tools.simulation.aws import conditions, ranges, updates
from tools.simulation.aws.batches import Batches
from tools.simulation.aws.calls import Call
from tools.simulation.aws.conditions import Condition
from tools.simulation.aws.errors import Invalid, Refused, only
from tools.simulation.aws.indexes import Index
from tools.simulation.aws.tables import Key, Table
from tools.simulation.aws.tokens import LONGEST, Reader
from tools.simulation.aws.updates import Actions

Answer = dict[str, Any]

GIVEN = {"ExpressionAttributeNames", "ExpressionAttributeValues"}
WRITE = {"ConditionExpression", *GIVEN}
READ = {"ConsistentRead", "Limit", "ExclusiveStartKey"}


class DynamoDB:
    """Tables by name, and what a client may ask of them.

    A read that is not consistent may be up to two seconds old.
    """

    name = "dynamodb"

    def __init__(self, now_us: Callable[[], int], rng: random.Random) -> None:
        self.tables: dict[str, Table] = {}
        self.indexes: dict[tuple[str, str], Index] = {}  # by table's and index's name
        self._now_us, self._rng = now_us, rng
        batches = self.batches = Batches(self.table, rng)
        self.operations: dict[str, Callable[[Call], Answer]] = {
            "CreateTable": self._create_table,
            "GetItem": self._get_item,
            "PutItem": self._put_item,
            "UpdateItem": self._update_item,
            "DeleteItem": self._delete_item,
            "Query": self._query,
            "Scan": self._scan,
            "BatchGetItem": batches.get,
            "BatchWriteItem": batches.write,
            "BatchExecuteStatement": batches.execute,
        }

    def create_table(self, name: str, *schema: tuple[str, str], indexes: Iterable[Index] = ()) -> Table:
        """A new table; its key's attributes with their types: ("shard", "N"), ("n", "N")."""
        made = self.tables[name] = Table(name, schema, self._now_us, self._rng)
        self.indexes |= {(name, index.name): index for index in indexes}
        return made

    def table(self, name: str) -> Table:
        """The table of this name."""
        if name not in self.tables:
            raise Refused("ResourceNotFoundException", f"Requested resource not found: table {name}")
        return self.tables[name]

    def _create_table(self, call: Call) -> Answer:
        params = call.params
        only(
            call.operation,
            params,
            {"TableName", "KeySchema", "AttributeDefinitions"},
            {"BillingMode", "ProvisionedThroughput", "GlobalSecondaryIndexes"},
        )
        kinds = {defined["AttributeName"]: defined["AttributeType"] for defined in params["AttributeDefinitions"]}

        def schema(keys: Iterable[Answer]) -> tuple[tuple[str, str], ...]:
            return tuple((key["AttributeName"], kinds[key["AttributeName"]]) for key in keys)

        indexes = [
            Index(one["IndexName"], schema(one["KeySchema"]), one["Projection"])
            for one in params.get("GlobalSecondaryIndexes", ())
        ]
        self.create_table(params["TableName"], *schema(params["KeySchema"]), indexes=indexes)
        return {"TableDescription": {"TableName": params["TableName"], "TableStatus": "ACTIVE"}}

    def _get_item(self, call: Call) -> Answer:
        params = call.params
        only(call.operation, params, {"TableName", "Key"}, {"ConsistentRead"})
        table = self.table(params["TableName"])
        item = table.read(table.exactly(params["Key"]), params.get("ConsistentRead", False))
        return {} if item is None else {"Item": dict(item)}

    def _put_item(self, call: Call) -> Answer:
        params = call.params
        only(call.operation, params, {"TableName", "Item"}, WRITE)
        table = self.table(params["TableName"])
        key = table.key_of(params["Item"])
        _require(_asked(params), table.items.get(key, {}), params)
        table.write(key, dict(params["Item"]))
        return {}

    def _update_item(self, call: Call) -> Answer:
        params = call.params
        only(call.operation, params, {"TableName", "Key", "UpdateExpression"}, {"ReturnValues", *WRITE})
        if params.get("ReturnValues", "NONE") not in ("NONE", "ALL_NEW"):
            raise Invalid(f"ReturnValues {params['ReturnValues']} is not simulated")
        table = self.table(params["TableName"])
        key = table.exactly(params["Key"])
        asked = _asked(params)
        there = table.items.get(key)
        _require(asked, there or {}, params)
        item, changed = updates.applied(asked.actions, there or params["Key"], *_given(params))
        if changed & params["Key"].keys():
            raise Invalid("One or more parameter values were invalid: Cannot update attribute that is part of the key")
        table.write(key, item)
        return {"Attributes": dict(table.items[key])} if params.get("ReturnValues") == "ALL_NEW" else {}

    def _delete_item(self, call: Call) -> Answer:
        params = call.params
        only(call.operation, params, {"TableName", "Key"}, WRITE)
        table = self.table(params["TableName"])
        key = table.exactly(params["Key"])
        _require(_asked(params), table.items.get(key, {}), params)
        table.write(key, None)
        return {}

    def _query(self, call: Call) -> Answer:
        params = call.params
        known = READ | GIVEN | {"ScanIndexForward", "IndexName"}
        only(call.operation, params, {"TableName", "KeyConditionExpression"}, known)
        table = self.table(params["TableName"])
        asked = _asked(params)
        names, values = _given(params)
        if "IndexName" in params:
            if (table.name, params["IndexName"]) not in self.indexes:
                raise Invalid(f"The table does not have the specified index: {params['IndexName']}")
            index = self.indexes[table.name, params["IndexName"]]
            return index.page(table, call, ranges.read(index.schema, asked.condition, names, values))
        wanted = ranges.read(table.schema, asked.condition, names, values)
        if "ExclusiveStartKey" in params and not wanted.holds(table.exactly(params["ExclusiveStartKey"])):
            raise Invalid("The provided starting key is outside query boundaries based on provided conditions")
        keys = [key for key in table.keys(params.get("ConsistentRead", False)) if wanted.holds(key)]
        return _page(table, call, keys)

    def _scan(self, call: Call) -> Answer:
        only(call.operation, call.params, {"TableName"}, READ)
        table = self.table(call.params["TableName"])
        return _page(table, call, table.keys(call.params.get("ConsistentRead", False)))


class Asked(NamedTuple):
    """A request's expressions, and the names and values that they need."""

    condition: Condition | None
    actions: Actions
    names: frozenset[str]
    values: frozenset[str]


@lru_cache(1000)
def _parsed(condition: str | None, update: str | None) -> Asked:
    names: set[str] = set()
    values: set[str] = set()
    found: list[Any] = []
    for text, read in ((condition, conditions.read), (update, updates.read)):
        if text is None:
            found.append(None)
            continue
        if len(text.encode()) > LONGEST:
            raise Invalid(f"Invalid expression: its size has exceeded the maximum of {LONGEST} bytes")
        reader = Reader(text)
        found.append(read(reader))
        reader.end()
        names |= reader.names
        values |= set(reader.values)
    return Asked(found[0], found[1] or (), frozenset(names), frozenset(values))


def _asked(params: dict[str, Any]) -> Asked:
    """The request's expressions.

    Raises Invalid, also where a name or value is missing, or given in vain.
    """
    asked = _parsed(
        params.get("ConditionExpression") or params.get("KeyConditionExpression"), params.get("UpdateExpression")
    )
    for what, used in (("ExpressionAttributeNames", asked.names), ("ExpressionAttributeValues", asked.values)):
        if params.get(what, {}).keys() != used or (what in params and not used):
            raise Invalid(f"{what} must be what the expressions use: {', '.join(sorted(used)) or 'none'}")
    if asked.condition is not None:
        conditions.check(asked.condition, params.get("ExpressionAttributeValues", {}))
    return asked


def _given(params: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    return params.get("ExpressionAttributeNames", {}), params.get("ExpressionAttributeValues", {})


def _require(asked: Asked, there: dict[str, Any], params: dict[str, Any]) -> None:
    """Raises Refused where the condition does not hold of the row that is there."""
    if asked.condition is not None and not asked.condition.holds(there, *_given(params)):
        raise Refused("ConditionalCheckFailedException", "The conditional request failed")


def _page(table: Table, call: Call, keys: Iterable[Key]) -> Answer:
    params = call.params
    limits = [limit for limit in (params.get("Limit"), call.most_items) if limit is not None]
    if any(limit < 1 for limit in limits):
        raise Invalid("Limit must be at least 1")
    start = table.exactly(params["ExclusiveStartKey"]) if "ExclusiveStartKey" in params else None
    items, end = table.page(
        keys,
        start,
        min(limits, default=None),
        params.get("ConsistentRead", False),
        not params.get("ScanIndexForward", True),
    )
    answer: Answer = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
    return answer | ({"LastEvaluatedKey": end} if end else {})
