"""What a run would be billed for on AWS: calls that were recorded, and invocations, in units.

The emulator records every call of the functions. What Lambda's pollers and S3 do by themselves is
counted by the messages: a receive and a deletion for each, and the event of each upload.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from tools.demo import invocations
from tools.iam.trail import Trail
from tools.operations.deployment import Deployment
from tools.simulation.aws.actions import Params
from tools.simulation.aws.meter import read_units, write_units
from tools.simulation.aws.values import size_of_item

SENDS = {"SendMessage", "SendMessageBatch"}
_SET_WAITING = re.compile(r"\bSET\b.*#?waiting =", re.DOTALL)

Units = Counter[str]


def counted(deployment: Deployment, trail: Trail, *, pages: int, requests: int, uploads: int) -> Units:
    """The units of a run.

    `pages`: what the reader read; `requests`: to the API; `uploads`: objects that a client put.
    """
    units: Units = Counter()
    pulled = deployment.outputs["queues"]["delivery"]["url"]  # by lanes, whose calls are recorded too
    for function, service, operation, params in trail.calls():
        _call(units, service, operation, params, pulled)
        units["calls"] += 1
        units[f"calls of {function}"] += 1
    invoked = invocations.of(deployment)
    units["api_requests"] = requests
    units["lambda_requests"] = invoked.number
    units["lambda_gb_seconds"] = invoked.gb_seconds  # type: ignore[assignment]  # not a whole number
    units["log_bytes"] = invoked.log_bytes
    units["textract_expense_pages"] = pages
    units["s3_puts"] += uploads
    units["messages"] += uploads  # S3 tells of each
    units["sqs_requests"] += uploads + 2 * units["messages"]
    return units


def billed(units: Mapping[str, float]) -> dict[str, float]:
    """Those that have a price."""
    return {name: number for name, number in units.items() if not name.startswith(("calls", "messages"))}


def _call(units: Units, service: str, operation: str, params: Params, pulled: str) -> None:
    if service == "dynamodb":
        _row(units, operation, params)
    elif service == "s3":
        units["s3_puts" if operation in ("PutObject", "ListObjectsV2") else "s3_gets"] += 1
    elif service == "sqs":
        units["sqs_requests"] += 1
        if operation in SENDS and params.get("QueueUrl") != pulled:
            units["messages"] += len(params.get("Entries", [None]))


def _row(units: Units, operation: str, params: Params) -> None:
    """A call of a table: its rows are of less than a KB, but for what says its size itself."""
    if operation == "PutItem":
        item = params.get("Item", {})
        units["write_units"] += write_units(size_of_item(item)) + ("waiting" in item)
    elif operation in ("UpdateItem", "DeleteItem"):
        update = str(params.get("UpdateExpression", ""))
        moved = 2 if _SET_WAITING.search(update) else int("waiting" in update)  # in the index: away, and there
        units["write_units"] += 1 + moved
    elif operation == "GetItem":
        units["read_units"] += read_units(0, bool(params.get("ConsistentRead")))  # type: ignore[assignment]
    elif operation == "Query":
        units["read_units"] += 1
