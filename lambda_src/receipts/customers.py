"""Customers: who asks, by the token or by what the request says."""

from collections.abc import Mapping
from typing import Any, Protocol

from shared.bearer import bearer_of


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
