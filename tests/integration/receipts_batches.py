"""Batches of a deployed receipts pipeline, as a customer opens and sees them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from receipts import documents
from receipts.documents import Document
from receipts.ids import customer_key
from tools.operations.deployment import Deployment
from tools.traffic.client import Answer, Client
from tools.traffic.receipts import api, verdict

BOUND = 90.0
CUSTOMER = "customer-1"

Json = dict[str, Any]


def until(what: Callable[[], Any]) -> Any:
    """The first answer that says yes, in bounded time."""
    deadline = time.monotonic() + BOUND
    while not (found := what()):
        assert time.monotonic() < deadline, f"not within {BOUND:.0f} s"
        time.sleep(0.2)
    return found


def opened(deployed: Deployment, body: Json) -> Json:
    with closing(Client(deployed.outputs["api_url"])) as client:
        answer = api.post(client, body)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def asked(deployed: Deployment, of_batch: str, body: Json | None = None) -> Answer:
    """The answer to a GET below the batches, or with a body to a POST."""
    with closing(Client(deployed.outputs["api_url"])) as client:
        content = None if body is None else json.dumps(body).encode()
        method, kind = ("GET", None) if content is None else ("POST", "application/json")
        return client.call(method, f"{api.BATCHES}/{of_batch}", content, kind)


def account_of(deployed: Deployment, batch_id: str) -> Json:
    with closing(Client(deployed.outputs["api_url"])) as client:
        return api.account(client, batch_id)


def closed(deployed: Deployment, batch_id: str) -> Json:
    """The account once nothing of the batch is under way, to the database either."""

    def account() -> Json | None:
        found = account_of(deployed, batch_id)
        return None if found["open"] or found["to_deliver"] else found

    found: Json = until(account)
    return found


def documents_of(deployed: Deployment, account: Json) -> dict[str, Document]:
    s3, found = deployed.client("s3"), {}
    for line in account["files"]:
        if line["state"] in verdict.READ:
            key = documents.key_of(customer_key(CUSTOMER), line["file_id"])
            body = s3.get_object(Bucket=deployed.outputs["buckets"]["documents"], Key=key)["Body"].read()
            found[line["file_id"]] = documents.decode(body)
    return found
