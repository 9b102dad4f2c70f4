"""DynamoDB: many items by key, throttles and refusals told from errors, attribute values."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from shared import backoff, clock

KEYS_A_REQUEST = 100
ROUNDS, FIRST_PAUSE_SECONDS = 5, 0.1
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
    """The table did not answer everything in time; what it was asked may be tried again later."""


def is_throttle(error: ClientError) -> bool:
    """True when the table was merely busy, and the same call may succeed later."""
    return error.response.get("Error", {}).get("Code") in THROTTLES


def is_refused(error: ClientError) -> bool:
    """True when a write's condition did not hold."""
    return bool(error.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException")


def unless_refused(write: Callable[..., Any], **request: Any) -> bool:
    """Make a write under a condition; False when that did not hold.

    `write` is a client's method. Its other errors pass through as ClientError.
    """
    try:
        write(**request)
    except ClientError as error:
        if not is_refused(error):
            raise
        return False
    return True


def number(value: int) -> dict[str, str]:
    """A whole number as an attribute value."""
    return {"N": str(value)}


def whole(item: Mapping[str, Any], name: str) -> int:
    """The whole number that an item of attribute values has there; 0 where it has none."""
    return int(item[name]["N"]) if name in item else 0


def batch_get(
    client: Any, table: str, keys: Sequence[dict[str, Any]], *, consistent: bool
) -> list[dict[str, Any]]:
    """The items of `table` that exist among `keys`, in any order.

    Keys and items are of attribute values; no key may be there twice. Asks again for unprocessed
    keys, at most ROUNDS times with growing pauses; raises Throttled if some remain. Other errors of
    the service pass through as ClientError.
    """
    items: list[dict[str, Any]] = []
    for start in range(0, len(keys), KEYS_A_REQUEST):
        waiting = list(keys[start : start + KEYS_A_REQUEST])
        for round_number in range(ROUNDS):
            if round_number:
                clock.sleep(backoff.pause_seconds(round_number, FIRST_PAUSE_SECONDS))
            try:
                answer = client.batch_get_item(
                    RequestItems={table: {"Keys": waiting, "ConsistentRead": consistent}}
                )
            except ClientError as error:
                if is_throttle(error):
                    raise Throttled(f"{table}: {error.response['Error']['Code']}") from error
                raise
            items += answer["Responses"].get(table, ())
            waiting = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            if not waiting:
                break
        else:
            raise Throttled(
                f"{table}: {len(waiting)} of {len(keys)} keys unprocessed after {ROUNDS} requests"
            )
    return items
