"""The ledger as an operator reads it: what waits, by the index, and all rows, a bounded part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from receipts.deliveries import waits_since
from receipts.delivery.messages import Heartbeat
from receipts.heartbeats import Heartbeats
from receipts.ledger import INDEX, Ledger
from receipts.rows import WAITING_SHARDS, FileRow, State, Waiting, read_file
from shared import clock
from shared.versions import NewerVersion
from tools.operations.deployment import Deployment

MOST_PAGES = 20  # of the whole table: one page is 1 MB, about 2,500 files

Item = Mapping[str, Any]


class Waits(NamedTuple):
    """How many rows wait for something, and for how long the first of them has been due (s)."""

    number: int
    overdue_seconds: float


def ledger(deployment: Deployment) -> Ledger:
    """The ledger of a deployment."""
    return Ledger(deployment.client("dynamodb"), deployment.outputs["tables"]["ledger"])


def waits(deployment: Deployment, what: Waiting) -> Waits:
    """What waits for that; nothing is overdue before it is due."""
    paginator = deployment.client("dynamodb").get_paginator("query")
    due: list[float] = []
    for shard in range(WAITING_SHARDS):
        for page in paginator.paginate(**_asked(deployment, what, shard)):
            due += [int(item["due_at"]["N"]) / 1e6 for item in page["Items"]]
    return Waits(len(due), max(0.0, clock.now_us() / 1e6 - min(due)) if due else 0.0)


def oldest_undelivered(deployment: Deployment) -> FileRow | None:
    """Of the files due first in each shard, the one that waits longest; None where none waits."""
    there, found = ledger(deployment), list[FileRow]()
    for shard in range(WAITING_SHARDS):
        asked = _asked(deployment, Waiting.DELIVERY, shard)
        for item in deployment.client("dynamodb").query(**asked, Limit=1)["Items"]:
            row = there.file(item["batch_id"]["S"], item["item"]["S"].removeprefix("file#"))
            found += [row] if row is not None and waits_since(row) is not None else []
    return min(found, key=lambda row: waits_since(row) or 0, default=None)


def heartbeats(deployment: Deployment) -> list[Heartbeat]:
    """The last heartbeat of each lane, by its name."""
    return list(Heartbeats(deployment.client("dynamodb"), deployment.outputs["tables"]["ledger"]).last())


def batches_under_way(deployment: Deployment, most: int) -> list[str]:
    """Ids of batches of which something waits for the pipeline, at most so many, those first that
    are due first.
    """
    dynamodb, found = deployment.client("dynamodb"), dict[str, int]()
    for what in (Waiting.UPLOAD, Waiting.IMAGE, Waiting.DELIVERY):
        for shard in range(WAITING_SHARDS):
            for item in dynamodb.query(**_asked(deployment, what, shard), Limit=most)["Items"]:
                batch_id, due_at = item["batch_id"]["S"], int(item["due_at"]["N"])
                found[batch_id] = min(due_at, found.get(batch_id, due_at))
    return sorted(found, key=lambda batch_id: found[batch_id])[:most]


def files(deployment: Deployment, state: State | None = None) -> Iterator[FileRow]:
    """The files of all batches (in that state), as far as MOST_PAGES of the table go.

    A row of a later release is left out: `status` and `review` look, they decide nothing.
    """
    table = deployment.outputs["tables"]["ledger"]
    pages = deployment.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    for number, page in enumerate(pages, 1):
        yield from (row for row in known_files(page["Items"]) if state in (None, row.state))
        if number == MOST_PAGES:
            return


def known_files(items: list[Item]) -> Iterator[FileRow]:
    """The files among rows."""
    for item in items:
        if item["item"]["S"].startswith("file#"):
            try:
                yield read_file(item)
            except NewerVersion:
                continue


def _asked(deployment: Deployment, what: Waiting, shard: int) -> dict[str, Any]:
    return {
        "TableName": deployment.outputs["tables"]["ledger"],
        "IndexName": INDEX,
        "KeyConditionExpression": "waiting = :waiting",
        "ExpressionAttributeValues": {":waiting": {"S": f"{what}#{shard}"}},
    }
