"""Reading many items: pages of a hundred, unprocessed keys asked for again, an end to it."""

import pytest
from botocore.exceptions import ClientError

from shared import clock, dynamo
from shared.dynamo import Throttled, batch_get, is_throttle
from tests.lambda_src.fakes import DynamoDB, refusal
from tests.lambda_src.stack import Json

KEYS = [{"id": {"S": str(i)}} for i in range(250)]


@pytest.fixture(autouse=True)
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses, not made."""
    made: list[float] = []
    monkeypatch.setattr(clock, "sleep", made.append)
    return made


def answer(items: list[Json], unprocessed: list[Json] | None = None) -> Json:
    """An answer of the service."""
    return {
        "Responses": {"table": items},
        "UnprocessedKeys": {"table": {"Keys": unprocessed, "ConsistentRead": True}} if unprocessed else {},
    }


def asked(client: DynamoDB) -> list[list[Json]]:
    return [request["RequestItems"]["table"]["Keys"] for request in client.requests]


def test_a_hundred_keys_a_request() -> None:
    client = DynamoDB(*(answer(KEYS[start : start + 100]) for start in (0, 100, 200)))
    assert batch_get(client, "table", KEYS, consistent=True) == KEYS
    assert [len(keys) for keys in asked(client)] == [100, 100, 50]
    assert all(request["RequestItems"]["table"]["ConsistentRead"] for request in client.requests)


def test_consistency_is_as_asked() -> None:
    client = DynamoDB(answer([]))
    assert batch_get(client, "table", KEYS[:1], consistent=False) == []
    assert client.requests[0]["RequestItems"]["table"]["ConsistentRead"] is False


def test_no_keys_are_no_request() -> None:
    assert batch_get(DynamoDB(RuntimeError()), "table", [], consistent=True) == []


def test_unprocessed_keys_are_asked_for_again(sleeps: list[float]) -> None:
    client = DynamoDB(answer(KEYS[:60], KEYS[60:100]), answer(KEYS[60:61], KEYS[61:100]), answer(KEYS[61:100]))
    assert batch_get(client, "table", KEYS[:100], consistent=True) == KEYS[:100]
    assert asked(client) == [KEYS[:100], KEYS[60:100], KEYS[61:100]]
    assert len(sleeps) == 2
    assert sleeps[0] < sleeps[1]


def test_there_is_an_end_to_it(sleeps: list[float]) -> None:
    client = DynamoDB(*[answer([], KEYS[:1])] * 100)
    with pytest.raises(Throttled, match="table: 1 of 3 keys unprocessed after 5 requests"):
        batch_get(client, "table", KEYS[:3], consistent=True)
    assert len(client.requests) == dynamo.ROUNDS
    assert sum(sleeps) < 3


def test_a_throttle_is_told_from_an_error() -> None:
    throttle = refusal("BatchGetItem", "ProvisionedThroughputExceededException")
    with pytest.raises(Throttled, match="ProvisionedThroughputExceededException"):
        batch_get(DynamoDB(throttle), "table", KEYS, consistent=True)
    with pytest.raises(ClientError, match="AccessDenied"):
        batch_get(DynamoDB(refusal("BatchGetItem", "AccessDeniedException")), "table", KEYS, consistent=True)
    assert is_throttle(throttle)
    assert is_throttle(refusal("PutItem", "ThrottlingException"))
    assert not is_throttle(refusal("PutItem", "ConditionalCheckFailedException"))
