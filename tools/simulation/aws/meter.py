"""Billed units, by the documented rules, from the calls that were really made.

The emulators' own answers (ConsumedCapacity) are wrong for batches and PartiQL, so the sizes are
taken from the items themselves.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tools.simulation.aws import updates
from tools.simulation.aws.batches import Work
from tools.simulation.aws.dynamodb import DynamoDB
from tools.simulation.aws.errors import Invalid
from tools.simulation.aws.tokens import Names, Values
from tools.simulation.aws.updates import Actions
from tools.simulation.aws.values import Item, size_of_item

SQS_CHUNK = 65_536
Wire = dict[str, Any]
Tried = Callable[[Item], Item | None]


@dataclass
class Meter:
    """Units by (stage, unit); `stage` is whose calls are being counted now."""

    stage: str = ""
    units: Counter[tuple[str, str]] = field(default_factory=Counter)
    metrics: set[str] = field(default_factory=set)  # names of custom metrics in the log

    def add(self, unit: str, number: float = 1) -> None:
        """Count units on the stage's account."""
        self.units[self.stage, unit] += number  # type: ignore[assignment]

    def copy(self) -> Meter:
        """The units so far."""
        return Meter(self.stage, self.units.copy(), set(self.metrics))

    def total(self, unit: str, stage: str | None = None) -> float:
        """All units of a kind, of one stage or of all; "write_units" are those of every table."""
        return sum(n for (of, name), n in self.units.items() if stage in (None, of) and name.split(":")[0] == unit)

    def sqs(self, fifo: bool, payload_bytes: int = 0) -> None:
        """A request to a queue, billed by each 64 KiB of its payload."""
        self.add("sqs_fifo_requests" if fifo else "sqs_requests", max(1, math.ceil(payload_bytes / SQS_CHUNK)))

    def writes(self, table: str, units: int) -> None:
        """Write units of a table."""
        self.add(f"write_units:{table}", units)

    def reads(self, table: str, units: float) -> None:
        """Read units of a table."""
        self.add(f"read_units:{table}", units)


def write_units(*sizes: int) -> int:
    """A write's units: each KB of the larger of the item that is there and the item that is put, at
    least one. A write whose condition fails costs as much as if it had held.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
    """
    return max(1, math.ceil(max(sizes, default=0) / 1024))


def read_units(size: int, consistent: bool) -> float:
    """A read's units: each 4 KB of the item, at least one, halved where the read need not be
    consistent.
    """
    return max(1, math.ceil(size / 4096)) / (1 if consistent else 2)


class Touched:
    """The writes of a request, looked at before it: what is there, and what it tries to put.

    Raises Refused where the request names no table, or no key.
    """

    def __init__(self, dynamodb: DynamoDB, operation: str, params: Wire) -> None:
        self._twice = 2 if operation == "TransactWriteItems" else 1
        self._units: list[tuple[str, int]] = []
        for name, key, tried in _writes(dynamodb, operation, params):
            table = dynamodb.table(name)
            there = table.items.get(table.key_of(key))
            sizes = [size_of_item(item) for item in (there, tried(there or {})) if item]
            self._units.append((name, self._twice * write_units(*sizes)))

    def charge(self, meter: Meter) -> None:
        """Count the writes, now that they took effect or their conditions failed."""
        for table, units in self._units:
            meter.writes(table, units)


def _writes(dynamodb: DynamoDB, operation: str, params: Wire) -> Iterator[tuple[str, Item, Tried]]:
    """Each write of a request: its table, attributes among which its key is, and what it makes of
    the item that is there.
    """
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield _write(params)
    elif operation == "TransactWriteItems":
        yield from (_write(one) for item in params["TransactItems"] for one in item.values())
    elif operation == "BatchWriteItem":
        for table, requests in params["RequestItems"].items():
            yield from (_write({"TableName": table, **asked}) for one in requests for asked in one.values())
    elif operation == "BatchExecuteStatement":
        understood = map(dynamodb.batches.understood, params["Statements"])
        yield from (_statement(one) for one in understood if isinstance(one, Work))


def _write(asked: Wire) -> tuple[str, Item, Tried]:
    item, text = asked.get("Item"), asked.get("UpdateExpression")
    given = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
    key = asked["Key"] if item is None else item

    def tried(there: Item) -> Item | None:
        return item if text is None else _updated(updates.parsed(text), there or key, *given)

    return asked["TableName"], key, tried


def _statement(work: Work) -> tuple[str, Item, Tried]:
    statement, given = work.statement, work.given
    key = statement.key(given)

    def tried(there: Item) -> Item | None:
        if statement.verb == "INSERT":
            return key
        return _updated(statement.actions, there, {}, given) if there and statement.actions else None

    return statement.table, key, tried


def _updated(actions: Actions, item: Item, names: Names, values: Values) -> Item | None:
    """The item as the actions would leave it; None where they cannot."""
    try:
        return updates.applied(actions, item, names, values)[0]
    except Invalid:
        return None


def charge_reads(meter: Meter, operation: str, params: Wire, answer: Wire) -> None:
    """Count the reads of a request by its answer."""
    if operation == "GetItem":
        item = answer.get("Item")
        meter.reads(
            params["TableName"], read_units(size_of_item(item) if item else 0, params.get("ConsistentRead", False))
        )
    elif operation == "BatchGetItem":  # each item by itself; those that are not there cost the least
        for table, asked in params["RequestItems"].items():
            sizes = [size_of_item(item) for item in answer["Responses"].get(table, ())]
            sizes += [0] * (len(asked["Keys"]) - len(sizes))
            meter.reads(table, sum(read_units(size, asked.get("ConsistentRead", False)) for size in sizes))
    elif operation in ("Query", "Scan"):  # all items of a page together
        size = sum(map(size_of_item, answer["Items"]))
        meter.reads(params["TableName"], read_units(size, params.get("ConsistentRead", False)))
