"""The receipts API as a client uses it: a batch is opened, and its account is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from tools.common.errors import CommandError
from tools.traffic.client import Answer, Client

BATCHES = "/v1/batches"

Json = dict[str, Any]


def post(client: Client, body: Mapping[str, Any]) -> Answer:
    """Ask for a batch."""
    return client.call("POST", BATCHES, json.dumps(body).encode(), "application/json")


def of_archive(customer_id: str, client_token: str, content: bytes) -> Json:
    """A request for a batch of one archive."""
    archive = {"size": len(content), "sha256": sha256(content).hexdigest()}
    return {"customer_id": customer_id, "client_token": client_token, "kind": "archive", "archive": archive}


def of_files(customer_id: str, client_token: str, files: Mapping[str, tuple[bytes, str]]) -> Json:
    """A request for a batch of files: name → content and its type."""
    listed = [
        {"name": name, "size": len(content), "sha256": sha256(content).hexdigest(), "content_type": kind}
        for name, (content, kind) in files.items()
    ]
    return {"customer_id": customer_id, "client_token": client_token, "kind": "files", "files": listed}


def account(client: Client, batch_id: str) -> Json:
    """The account of a batch, with all its files, however many pages they take.

    Raises CommandError where the API does not answer 200.
    """
    files: list[Json] = []
    after: int | None = 0
    while after is not None:
        answer = client.call("GET", f"{BATCHES}/{batch_id}?after={after}")
        if answer.status != 200:
            raise CommandError(f"the account of {batch_id} is not answered: {answer.status} {answer.body}")
        files += answer.body["files"]
        after = answer.body["next"]
    return {**answer.body, "files": files}
