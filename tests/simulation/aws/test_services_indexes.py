"""One contract for DynamoDB's global secondary indexes: simulated, in moto, and on the emulator."""

from typing import Any

import pytest

from shared.dynamo import number
from tests.simulation.aws.backends import Backend, error_code, three_ways, without
from tests.simulation.aws.rows import WRONG, Json

dynamodb = three_ways("dynamodb")
WAITING = {"w": {"S": "a"}}


class Indexed:
    """A table of rows by p (text) and n (number), with an index by w (text) and due (number)."""

    def __init__(self, of: Backend, **projection: Any) -> None:
        self.client, self.name = of.client, of.name("indexed")
        kinds = {"p": "S", "n": "N", "w": "S", "due": "N"}
        self.client.create_table(
            TableName=self.name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in kinds.items()],
            KeySchema=_schema("p", "n"),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "waiting",
                    "KeySchema": _schema("w", "due"),
                    "Projection": projection or {"ProjectionType": "ALL"},
                }
            ],
        )

    def put(self, n: int, **attributes: Json) -> None:
        self.client.put_item(TableName=self.name, Item={"p": {"S": "a"}, "n": number(n), **attributes})

    def due(self, before: int, w: str = "a", **more: Any) -> Json:
        found: Json = self.client.query(
            TableName=self.name,
            IndexName="waiting",
            KeyConditionExpression="w = :w AND due < :before",
            ExpressionAttributeValues={":w": {"S": w}, ":before": number(before)},
            **more,
        )
        return found


def _schema(first: str, second: str) -> list[dict[str, str]]:
    return [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]


def _catch_up(backend: Backend) -> None:
    """Let the index hold what the table does: only the simulated one is ever behind."""
    if backend.kind == "simulated":
        backend.wait(3)


def _numbers(answer: Json) -> list[int]:
    return [int(item["n"]["N"]) for item in answer["Items"]]


def test_an_index_holds_the_rows_that_have_its_key_in_its_order(dynamodb: Backend) -> None:
    table = Indexed(dynamodb)
    for n, due in ((1, 30), (2, 10), (3, 20), (4, 99)):
        table.put(n, due=number(due), **WAITING)
    table.put(5, due=number(1))
    table.put(6, due=number(1), w={"S": "b"})
    _catch_up(dynamodb)
    assert _numbers(table.due(50)) == [2, 3, 1]
    assert _numbers(table.due(50, ScanIndexForward=False)) == [1, 3, 2]
    assert table.due(20)["Items"] == [{"p": {"S": "a"}, "n": number(2), "due": number(10), **WAITING}]
    table.client.update_item(
        TableName=table.name, Key={"p": {"S": "a"}, "n": number(2)}, UpdateExpression="REMOVE w, due"
    )
    _catch_up(dynamodb)
    assert _numbers(table.due(50)) == [3, 1]


def test_an_index_is_read_in_pages(dynamodb: Backend) -> None:
    table = Indexed(dynamodb)
    for n in range(5):
        table.put(n, due=number(n // 2), **WAITING)
    _catch_up(dynamodb)
    found: list[int] = []
    start: Json = {}
    for _ in range(6):
        page = table.due(9, Limit=2, **start)
        found += _numbers(page)
        if "LastEvaluatedKey" not in page:
            break
        assert page["LastEvaluatedKey"].keys() == {"p", "n", "w", "due"}
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert "LastEvaluatedKey" not in page


# moto gives whole items, whatever the projection
@without("dynamodb", "moto")
@pytest.mark.parametrize(
    ("projection", "more"),
    [({"ProjectionType": "KEYS_ONLY"}, set()), ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]}, {"x"})],
)
def test_an_index_holds_what_it_projects(dynamodb: Backend, projection: Json, more: set[str]) -> None:
    table = Indexed(dynamodb, **projection)
    table.put(1, due=number(1), x=number(1), y=number(1), **WAITING)
    _catch_up(dynamodb)
    (item,) = table.due(9)["Items"]
    assert item.keys() == {"p", "n", "w", "due"} | more


def test_an_index_is_never_read_consistently(dynamodb: Backend) -> None:
    table = Indexed(dynamodb)
    if dynamodb.kind == "simulated":
        assert error_code(table.due, before=1, ConsistentRead=True) == WRONG
    assert error_code(
        table.client.query,
        TableName=table.name,
        IndexName="other",
        KeyConditionExpression="w = :w",
        ExpressionAttributeValues={":w": {"S": "a"}},
    ) in {WRONG, "ResourceNotFoundException"}
