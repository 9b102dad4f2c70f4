"""DynamoDB: reading many items by key, telling throttles and refusals from errors, attribute values."""

import random
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from shared import clock

KEYS_A_REQUEST = 100
ROUNDS = 5
THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ProvisionedThroughputExceeded",
        "ThrottlingException",
        "ThrottlingError",
        "RequestLimitExceeded",
        "LimitExceededException",
        "TransactionInProgressException",
        "InternalServerError",
        "ServiceUnavailable",
    }
)


class Throttled(Exception):
    """The table did not answer everything in the time there was; what it was asked may be tried again later."""


def is_throttle(error: ClientError) -> bool:
    """True when the table was merely busy, and the same call may succeed later."""
    return error.response.get("Error", {}).get("Code") in THROTTLES


def is_refused(error: ClientError) -> bool:
    """True when a write's condition did not hold."""
    return bool(error.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException")


def number(value: int) -> dict[str, str]:
    """A whole number as an attribute value."""
    return {"N": str(value)}


def batch_get(client: Any, table: str, keys: Sequence[dict[str, Any]], *, consistent: bool) -> list[dict[str, Any]]:
    """The items of `table` that exist among `keys` (attribute values in and out; no key twice), in any order.

    Asks again for unprocessed keys, at most ROUNDS times with growing pauses; raises Throttled if some remain.
    Other errors of the service pass through as ClientError.
    """
    found: list[dict[str, Any]] = []
    for start in range(0, len(keys), KEYS_A_REQUEST):
        waiting = list(keys[start : start + KEYS_A_REQUEST])
        for round_number in range(ROUNDS):
            if round_number:
                clock.sleep(random.uniform(0.5, 1) * 0.05 * 2**round_number)  # noqa: S311
            try:
                answer = client.batch_get_item(RequestItems={table: {"Keys": waiting, "ConsistentRead": consistent}})
            except ClientError as error:
                if is_throttle(error):
                    raise Throttled(f"{table}: {error.response['Error']['Code']}") from error
                raise
            found += answer["Responses"].get(table, ())
            waiting = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            if not waiting:
                break
        else:
            raise Throttled(f"{table}: {len(waiting)} of {len(keys)} keys unprocessed after {ROUNDS} requests")
    return found
