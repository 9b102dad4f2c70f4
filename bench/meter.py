"""Billed units, by the documented rules, from the calls that were really made.

The emulators' own answers (ConsumedCapacity) are wrong for batches and PartiQL, so the sizes are taken from the items themselves.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.support.aws.dynamodb import DynamoDB
from tests.support.aws.statements import parsed
from tests.support.aws.values import Item, size_of_item

SQS_CHUNK = 65_536
Wire = dict[str, Any]


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
        """All units of a kind, of one stage or of all; "write_units" takes in those of every table."""
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
    """A write's units: each KB of the larger of the item before and after, at least one; one whose condition fails costs the same."""
    return max(1, math.ceil(max(sizes, default=0) / 1024))


def read_units(size: int, consistent: bool) -> float:
    """A read's units: each 4 KB of the item, at least one, halved where the read need not be consistent."""
    return max(1, math.ceil(size / 4096)) / (1 if consistent else 2)


class Touched:
    """The items that a write touches, looked at before and after it."""

    def __init__(self, dynamodb: DynamoDB, operation: str, params: Wire) -> None:
        self._twice = 2 if operation == "TransactWriteItems" else 1
        self._places = [(table, dynamodb.table(table).key_of(key)) for table, key in _writes(operation, params)]
        self._dynamodb = dynamodb
        self._before = self._sizes()

    def charge(self, meter: Meter) -> None:
        """Count the write, now that it has taken effect or was refused."""
        for (table, _), before, after in zip(self._places, self._before, self._sizes(), strict=True):
            meter.writes(table, self._twice * write_units(before, after))

    def _sizes(self) -> list[int]:
        found = [self._dynamodb.tables[table].items.get(key) for table, key in self._places]
        return [size_of_item(item) if item else 0 for item in found]


def _writes(operation: str, params: Wire) -> list[tuple[str, Item]]:
    """Each write of a request: its table, and attributes among which its key is."""
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return [(params["TableName"], params.get("Item") or params["Key"])]
    if operation == "TransactWriteItems":
        asked = [one for item in params["TransactItems"] for one in item.values()]
        return [(one["TableName"], one.get("Item") or one["Key"]) for one in asked]
    if operation == "BatchWriteItem":
        return [
            (table, one["PutRequest"]["Item"] if "PutRequest" in one else one["DeleteRequest"]["Key"])
            for table, requests in params["RequestItems"].items()
            for one in requests
        ]
    if operation == "BatchExecuteStatement":
        found = []
        for one in params["Statements"]:
            statement = parsed(one["Statement"])
            found.append((statement.table, statement.key(dict(zip(statement.values, one["Parameters"], strict=True)))))
        return found
    return []


def charge_reads(meter: Meter, operation: str, params: Wire, answer: Wire) -> None:
    """Count the reads of a request by its answer."""
    if operation == "GetItem":
        item = answer.get("Item")
        meter.reads(params["TableName"], read_units(size_of_item(item) if item else 0, params.get("ConsistentRead", False)))
    elif operation == "BatchGetItem":  # each item by itself; those that are not there cost the least
        for table, asked in params["RequestItems"].items():
            sizes = [size_of_item(item) for item in answer["Responses"].get(table, ())]
            sizes += [0] * (len(asked["Keys"]) - len(sizes))
            meter.reads(table, sum(read_units(size, asked.get("ConsistentRead", False)) for size in sizes))
    elif operation in ("Query", "Scan"):  # all items of a page together
        size = sum(map(size_of_item, answer["Items"]))
        meter.reads(params["TableName"], read_units(size, params.get("ConsistentRead", False)))
