"""One contract for DynamoDB: simulated, in moto, and on the emulator.

Where one of these is wrong, a comment says what AWS documents.
"""

from shared.dynamo import number
from tests.simulation.aws.backends import Backend, error_code, three_ways, without
from tests.simulation.aws.rows import KEY, WRONG, Json, Table, numbers

dynamodb = three_ways("dynamodb")


def test_rows_are_put_read_and_deleted(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    assert table.row() is None
    row = {
        **KEY,
        "s": {"S": "ä"},
        "b": {"B": b"\x00\xff"},
        "nothing": {"NULL": True},
        "m": {"M": {"x": {"L": [{"BOOL": False}]}}},
    }
    table.put_item(Item=row)
    assert table.row() == row
    table.put(s={"S": "new"})
    assert table.row() == {**KEY, "s": {"S": "new"}}
    table.delete_item(Key=KEY)
    table.delete_item(Key=KEY)
    assert table.row() is None


def test_what_was_read_stays_as_it_was_read(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    given = {**KEY, "m": {"M": {"x": number(1)}}}
    table.put_item(Item=given)
    given["m"] = {"S": "changed by who put it"}
    first = table.row()
    assert first
    table.update_item(Key=KEY, UpdateExpression="SET m.x = :v", ExpressionAttributeValues={":v": number(2)})
    assert first["m"] == {"M": {"x": number(1)}}
    keys = {table.name: {"Keys": [KEY], "ConsistentRead": True}}
    for read in (
        table.row,
        lambda: table.scan(ConsistentRead=True)["Items"][0],
        lambda: dynamodb.client.batch_get_item(RequestItems=keys)["Responses"][table.name][0],
    ):
        found = read()
        assert found == {**KEY, "m": {"M": {"x": number(2)}}}
        found.clear()


def test_keys_that_are_no_keys_are_refused(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    assert error_code(table.get_item, Key={"p": {"S": "a"}}) == WRONG
    assert error_code(table.get_item, Key={**KEY, "x": number(1)}) == WRONG
    assert error_code(table.put_item, Item={"p": {"S": "a"}}) == WRONG
    assert error_code(table.put_item, Item={**KEY, "n": {"S": "1"}}) == WRONG
    assert error_code(dynamodb.client.get_item, TableName="none", Key=KEY) == "ResourceNotFoundException"


@without("dynamodb", "moto")  # it counts other bytes
def test_a_row_over_400_kb_is_refused(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    table.put(s={"S": "x" * (400 * 1024 - 100)})
    assert error_code(table.put_item, Item={**KEY, "s": {"S": "x" * 400 * 1024}}) == WRONG


def between(first: int, last: int) -> Json:
    return {
        "KeyConditionExpression": "p = :p AND #n BETWEEN :first AND :last",
        "ExpressionAttributeNames": {"#n": "n"},
        "ExpressionAttributeValues": {":p": {"S": "a"}, ":first": number(first), ":last": number(last)},
    }


def test_queries_are_in_order_and_in_pages(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    for n in (10, 2, 33, 4, 1, 101):
        table.put(n=n)
    table.put("b", 5)
    assert numbers(table.query(ConsistentRead=True, **between(2, 33))) == [2, 4, 10, 33]
    assert numbers(table.query(ConsistentRead=True, ScanIndexForward=False, **between(2, 33))) == [33, 10, 4, 2]
    page = table.query(ConsistentRead=True, Limit=3, **between(2, 33))
    assert numbers(page) == [2, 4, 10]
    assert page["LastEvaluatedKey"] == {"p": {"S": "a"}, "n": number(10)}
    # where a page ended needs not be there for the next
    table.delete_item(Key=page["LastEvaluatedKey"])
    table.put(n=11)
    page = table.query(ConsistentRead=True, ExclusiveStartKey=page["LastEvaluatedKey"], **between(2, 33))
    assert (numbers(page), "LastEvaluatedKey" in page) == ([11, 33], False)
    only_p = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "b"}}}
    assert numbers(table.query(ConsistentRead=True, **only_p)) == [5]
    assert error_code(table.query, **only_p | {"KeyConditionExpression": "n = :p"}) == WRONG


def test_a_page_ends_at_a_megabyte(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    for n in range(1, 7):
        table.put(n=n, b={"B": b"x" * 300_000})
    page = table.query(ConsistentRead=True, **between(1, 9))
    assert 3 <= len(page["Items"]) <= 4
    rest = table.query(ConsistentRead=True, ExclusiveStartKey=page["LastEvaluatedKey"], **between(1, 9))
    assert numbers(page) + numbers(rest) == [1, 2, 3, 4, 5, 6]


def test_a_scan_finds_every_row_once(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    for n in range(1, 10):
        table.put(f"p{n % 4}", n)
    assert sorted(numbers(table.scan(ConsistentRead=True))) == list(range(1, 10))
    pages = list(dynamodb.client.get_paginator("scan").paginate(TableName=table.name, ConsistentRead=True, Limit=2))
    assert len(pages) >= 5
    assert sorted(n for page in pages for n in numbers(page)) == list(range(1, 10))
