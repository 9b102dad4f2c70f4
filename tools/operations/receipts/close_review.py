"""`make review FILE=…`: closes a review as its customer would, by the very function's work."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console

from receipts.deliveries import Deliveries
from receipts.delivery.pointers import Pointers
from receipts.facts_kept import Facts
from receipts.review import Reviews
from receipts.settings import ReviewSettings
from tools.common.confirm import confirmed
from tools.common.errors import CommandError
from tools.common.text import visible
from tools.operations.audit import Audit
from tools.operations.deployment import Deployment
from tools.operations.receipts.batch import account_of
from tools.operations.receipts.ledger_rows import ledger

Json = dict[str, Any]


def run(deployment: Deployment, console: Console, body: Json, batch_id: str, file_id: str, *, confirm: bool) -> int:
    """Close the review of a file with this body, once that is confirmed.

    Raises CommandError where it cannot be so.
    """
    batch = account_of(deployment, batch_id).batch
    console.print(f"{visible(file_id)} of {batch.customer_id}: {json.dumps(body)}", soft_wrap=True, markup=False)
    command = f"review BATCH={batch_id} FILE={file_id} …"
    if not confirmed(console, "Close its review so?", command, confirm=confirm):
        return 0
    with Audit(deployment, "review") as audit:
        answer = _reviews(deployment).handle(_request(batch_id, file_id, body))
        said = json.loads(answer["body"])
        audit.line(batch=batch_id, file=file_id, status=answer["statusCode"], code=said.get("code", "closed"))
    if answer["statusCode"] != 200:
        raise CommandError(f"{said['message']} {json.dumps(said['details']) if said['details'] else ''}".rstrip())
    console.print(f"closed, as revision {said['revision']}, which goes to the database; audit: {audit.key}")
    return 0


def body_of(receipt: int, fields: str, *, accept: bool) -> Json:
    """What closes a review, by the words of the command: FIELDS="date=2026-03-04; total=12.50".

    Raises CommandError where a field has no value.
    """
    pairs = [pair.partition("=") for pair in fields.split(";") if pair.strip()]
    if any(not mark for _, mark, _ in pairs):
        raise CommandError(f"FIELDS={visible(fields)!r} must be name=value, more of them with ; between")
    values = {name.strip(): value.strip() for name, _, value in pairs}
    said: Json = {"receipt": receipt, "fields": values} if values else {}
    return said | ({"accept": True} if accept else {})


def _request(batch_id: str, file_id: str, body: Json) -> Json:
    path = f"/v1/batches/{batch_id}/review/{file_id}"
    return {
        "rawPath": path,
        "pathParameters": {"batch_id": batch_id, "file_id": file_id},
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": path}},
        "body": json.dumps(body),
    }


def _reviews(deployment: Deployment) -> Reviews:
    """The function's work with an operator's rights; the lanes are woken by their schedule."""
    outputs, dynamodb = deployment.outputs, deployment.client("dynamodb")
    config = ReviewSettings(
        customer_from="body",
        ledger_table=outputs["tables"]["ledger"],
        documents_bucket=outputs["buckets"]["documents"],
        delivery_queue_url=outputs["queues"].get("delivery", {}).get("url"),
    )
    return Reviews(
        config,
        ledger(deployment),
        Deliveries(dynamodb, config.ledger_table),
        Facts(deployment.client("s3"), config.documents_bucket),
        Pointers(deployment.client("sqs"), config),
    )
