"""What a harvest would be billed for on AWS: its recorded calls and invocations, in units.

What the pollers do by themselves is counted by the messages: a receive and a deletion for each.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tools.demo import invocations
from tools.iam.trail import Trail
from tools.operations.deployment import Deployment
from tools.simulation.aws.actions import Params
from tools.simulation.aws.meter import read_units, write_units
from tools.simulation.aws.values import size_of_item

SENDS = {"SendMessage", "SendMessageBatch"}
# a row of the ledger stays within a write unit, as docs/harvest/protocol.md says and a test holds
ROW_BYTES = 1024

Units = Counter[str]


def counted(deployment: Deployment, trail: Trail, rows: int, requests: int, minutes: float) -> Units:
    """The units of a run with so many `rows` in its ledger, `requests` and `minutes`."""
    units: Units = Counter()
    for _, service, operation, params in trail.calls():
        units["calls"] += 1
        if service == "dynamodb":
            _row(units, operation, params, rows)
        elif service == "s3":
            units["s3_puts" if operation in ("PutObject", "ListObjectsV2") else "s3_gets"] += 1
        elif service == "sqs":
            _sent(units, operation, params)
        elif service == "secretsmanager":
            units["secret_calls"] += 1
    invoked = invocations.of(deployment)
    units["api_requests"] = requests
    units["lambda_requests"] = invoked.number
    units["lambda_gb_seconds"] = invoked.gb_seconds  # type: ignore[assignment]  # not a whole number
    units["log_bytes"] = invoked.log_bytes
    units["schedule_calls"] = round(minutes)
    return units


def billed(units: Units) -> dict[str, float]:
    """Those that have a price."""
    return {name: number for name, number in units.items() if name != "calls"}


def _sent(units: Units, operation: str, params: Params) -> None:
    """A request to a queue, and what the poller does with each of its messages."""
    kind = "sqs_fifo_requests" if str(params.get("QueueUrl", "")).endswith(".fifo") else "sqs_requests"
    messages = len(params.get("Entries", [None])) if operation in SENDS else 0
    units[kind] += 1 + 2 * messages


def _row(units: Units, operation: str, params: Params, rows: int) -> None:
    """A call of a table; reads are consistent."""
    if operation == "PutItem":
        units["write_units"] += write_units(_size(params["Item"]))
    elif operation in ("UpdateItem", "DeleteItem"):
        units["write_units"] += 1
    elif operation == "BatchWriteItem":
        written = [one for of in params["RequestItems"].values() for one in of]
        sizes = [_size(one["PutRequest"]["Item"]) for one in written]
        units["write_units"] += sum(map(write_units, sizes))
    elif operation == "BatchGetItem":
        units["read_units"] += sum(len(of["Keys"]) for of in params["RequestItems"].values())
    elif operation == "GetItem":
        units["read_units"] += 1
    elif operation == "Query":  # of a whole run: what it holds in the end, at most
        units["read_units"] += int(read_units(rows * ROW_BYTES, consistent=True))


def _size(item: Mapping[str, Any]) -> int:
    """An item's bytes; what is binary is recorded as text."""
    return size_of_item({name: _plain(value) for name, value in item.items()})


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: base64.b64decode(held) if kind == "B" else held for kind, held in value.items()}
