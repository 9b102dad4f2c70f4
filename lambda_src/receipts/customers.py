"""Customers: who asks, by the token or by what the request says."""

from collections.abc import Mapping
from typing import Any, Protocol

from receipts.ids import is_batch_id
from receipts.ledger import Ledger
from receipts.rows import Batch
from shared.bearer import bearer_of
from shared.http import HttpError
from shared.visible import shown


class From(Protocol):
    """The settings that say where a customer's id comes from."""

    customer_from: Any
    trusted_scope: str | None


def customer_of(event: Mapping[str, Any], config: From) -> str | None:
    """The customer that a request's token names; None where the request itself may say it.

    That is without tokens, and for a token with the trusted scope. Raises HttpError 401 when there
    should be a token and is none.
    """
    if config.customer_from == "body":
        return None
    bearer = bearer_of(event)
    return None if config.trusted_scope in bearer.scopes else bearer.id


def batch_of(event: Mapping[str, Any], config: From, ledger: Ledger) -> Batch:
    """The batch that a request's path names, for its customer alone.

    Without tokens it is for anybody who knows its id; a `customer_id` that the question has must be
    its customer's. Raises HttpError, and what the ledger does.
    """
    batch_id = str((event.get("pathParameters") or {}).get("batch_id"))
    asked = event.get("queryStringParameters") or {}
    customer = customer_of(event, config) or asked.get("customer_id")
    batch = ledger.batch(batch_id) if is_batch_id(batch_id) else None
    if batch is None or not batch.is_ready or customer not in (None, batch.customer_id):
        raise HttpError(404, "no-such-batch", f"you have no batch {shown(batch_id)}")
    return batch
