"""accept on simulated tables, with a client that signs addresses, and requests for it."""

from functools import cache
from hashlib import sha256
from typing import Any

import botocore.session
from botocore.config import Config

from receipts.accept import Accept
from receipts.settings import AcceptSettings
from receipts.usage import Usage
from tests.lambda_src.receipts.tables import CUSTOMER, LIMITS, Tables
from tests.lambda_src.stack import Answer, request

Json = dict[str, Any]
SECONDS = 600


def settings(**changes: Any) -> AcceptSettings:
    """accept's settings."""
    given = {
        "customer_from": "body",
        "uploads_bucket": "uploads",
        "ledger_table": "ledger",
        "usage_table": "usage",
        "limits": LIMITS.model_dump_json(),
        "upload_seconds": SECONDS,
        "keep_days": 30,
    }
    return AcceptSettings.model_validate(given | changes)


@cache
def signer(region: str = "us-east-1") -> Any:
    """A client of S3 as `shared.clients` makes it, with keys of nobody's."""
    session = botocore.session.Session()
    session.set_credentials("AKIA", "secret", "token")
    config = Config(signature_version="s3v4", parameter_validation=False)
    return session.create_client("s3", region_name=region, config=config)


def accept(tables: Tables, **changes: Any) -> Accept:
    """A worker of accept."""
    config = settings(**changes)
    usage = Usage(tables.client, "usage", config.limits)
    return Accept(config, tables.ledger, usage, signer())


def post(worker: Accept, body: object, **more: Any) -> Answer:
    """Send a request."""
    return Answer(worker.handle(request(body, path="/v1/batches", **more)))


def file(content: bytes = b"one", **changes: Any) -> Json:
    """A file of a manifest."""
    described = {"name": "one.jpg", "size": len(content), "sha256": sha256(content).hexdigest()}
    return described | {"content_type": "image/jpeg"} | changes


def files(*some: Any, **changes: Any) -> Json:
    """A request for a batch of files."""
    listed = list(some) or [file()]
    return {"customer_id": CUSTOMER, "client_token": "token-1", "kind": "files", "files": listed} | changes


def archive(content: bytes = b"zip", **changes: Any) -> Json:
    """A request for a batch of an archive."""
    described = {"size": len(content), "sha256": sha256(content).hexdigest()}
    return {"customer_id": CUSTOMER, "client_token": "token-1", "kind": "archive", "archive": described} | changes
