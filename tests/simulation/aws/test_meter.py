"""The meter against DynamoDB's and SQS's documented size rules, through a real client."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tools.bench.votes.contenders import Design
from tools.bench.votes.world import Shape, deployed
from tools.simulation.aws.meter import Meter, read_units, write_units
from tools.simulation.aws.wire import Services


@pytest.fixture
def services() -> Iterator[Services]:
    """Services with a table t (key k), and clients that reach them."""
    with deployed(lambda services, sizing: Design("none", (), dict), None, Shape()) as (_, made, _):  # type: ignore[arg-type]
        made.dynamodb.create_table("t", ("k", "S"))
        made.meter.stage = "test"
        yield made


def test_a_kb_is_a_write_unit_and_four_a_read_unit() -> None:
    assert [write_units(size) for size in (0, 1, 1024, 1025, 4096)] == [1, 1, 1, 2, 4]
    assert [read_units(size, True) for size in (0, 4096, 4097)] == [1, 1, 2]
    assert read_units(100, False) == 0.5


def taken(services: Services, unit: str) -> float:
    """Units since the last look."""
    found = services.meter.total(unit)
    services.meter.units.clear()
    return found


def item(key: str, size: int) -> dict[str, Any]:
    """An item of `size` bytes."""
    return {"k": {"S": key}, "a": {"S": "x" * (size - len(key) - 2)}}


def test_writes_are_charged_by_the_larger_of_before_and_after(services: Services) -> None:
    dynamodb = boto3.client("dynamodb")
    dynamodb.put_item(TableName="t", Item=item("big", 3000))
    assert taken(services, "write_units") == 3
    dynamodb.put_item(TableName="t", Item=item("big", 100))
    assert taken(services, "write_units") == 3
    dynamodb.delete_item(TableName="t", Key={"k": {"S": "big"}})
    assert taken(services, "write_units") == 1


def test_a_refused_write_costs_the_larger_of_the_item_there_and_the_item_tried(services: Services) -> None:
    dynamodb = boto3.client("dynamodb")
    dynamodb.put_item(TableName="t", Item=item("one", 1500))
    taken(services, "write_units")
    refused: Any = {"TableName": "t", "ConditionExpression": "attribute_not_exists(k)"}
    for size, units in ((100, 2), (250 * 1024, 250)):
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            dynamodb.put_item(Item=item("one", size), **refused)
        assert taken(services, "write_units") == units
    refused["Key"] = {"k": {"S": "one"}}
    values: Any = {":b": {"S": "x" * 3000}}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.update_item(UpdateExpression="SET b = :b", ExpressionAttributeValues=values, **refused)
    assert taken(services, "write_units") == 5
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.delete_item(**refused)
    assert taken(services, "write_units") == 2
    with pytest.raises(ClientError, match="ValidationException"):
        dynamodb.update_item(TableName="t", Key=refused["Key"], UpdateExpression="SET k = a")
    assert taken(services, "write_units") == 0


def test_refused_statements_cost_the_larger_too(services: Services) -> None:
    dynamodb = boto3.client("dynamodb")
    dynamodb.put_item(TableName="t", Item=item("one", 1500))
    taken(services, "write_units")

    def executed(*asked: Any) -> list[str | None]:
        answers = dynamodb.batch_execute_statement(Statements=asked)["Responses"]
        return [answer.get("Error", {}).get("Code") for answer in answers]

    def insert(key: str, size: int) -> Any:
        values = [{"S": key}, {"S": "x" * size}]
        return {"Statement": "INSERT INTO \"t\" VALUE {'k': ?, 'a': ?}", "Parameters": values}

    def update(key: str, size: int) -> Any:
        return {
            "Statement": 'UPDATE "t" SET b = ? WHERE k = ? AND a < ?',
            "Parameters": [{"S": "x" * size}, {"S": key}, {"S": "a"}],
        }

    assert executed(insert("one", 10), insert("two", 10)) == ["DuplicateItem", None]
    assert taken(services, "write_units") == 2 + 1
    assert executed(insert("one", 6000), update("two", 6000)) == ["DuplicateItem", "ConditionalCheckFailed"]
    assert taken(services, "write_units") == 6 + 6
    assert executed(update("gone", 6000)) == ["ConditionalCheckFailed"]
    assert taken(services, "write_units") == 1


def test_transactions_cost_twice_and_are_all_or_nothing(services: Services) -> None:
    dynamodb = boto3.client("dynamodb")
    once: Any = {"Put": {"TableName": "t", "Item": item("a", 100), "ConditionExpression": "attribute_not_exists(k)"}}
    add: Any = {
        "Update": {
            "TableName": "t",
            "Key": {"k": {"S": "sum"}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    dynamodb.transact_write_items(TransactItems=[add, once])
    assert taken(services, "write_units") == 4
    with pytest.raises(ClientError, match="TransactionCanceled"):
        dynamodb.transact_write_items(TransactItems=[add, once])
    assert dynamodb.get_item(TableName="t", Key={"k": {"S": "sum"}}, ConsistentRead=True)["Item"]["n"] == {"N": "1"}
    assert taken(services, "read_units") == 1


def test_batch_reads_are_charged_item_by_item_and_queries_together(services: Services) -> None:
    dynamodb = boto3.client("dynamodb")
    for key in ("a", "b"):
        dynamodb.put_item(TableName="t", Item=item(key, 100))
    keys = [{"k": {"S": key}} for key in ("a", "b", "missing")]
    taken(services, "write_units")
    dynamodb.batch_get_item(RequestItems={"t": {"Keys": keys, "ConsistentRead": True}})
    assert taken(services, "read_units") == 3
    dynamodb.scan(TableName="t")
    assert taken(services, "read_units") == 0.5


def test_bytes_survive_the_wire(services: Services) -> None:
    dynamodb = boto3.client("dynamodb")
    dynamodb.put_item(TableName="t", Item={"k": {"S": "b"}, "body": {"B": b"\x00\xff"}})
    assert dynamodb.get_item(TableName="t", Key={"k": {"S": "b"}}, ConsistentRead=True)["Item"]["body"] == {
        "B": b"\x00\xff"
    }


def test_a_send_is_billed_by_64_kib_and_a_fifo_queue_forgets_doubles(services: Services) -> None:
    sqs, url = boto3.client("sqs"), services.queue("orders", fifo=True)
    entry: Any = {"Id": "0", "MessageBody": "x" * 70_000, "MessageGroupId": "g", "MessageDeduplicationId": "once"}
    sqs.send_message_batch(QueueUrl=url, Entries=[entry])
    sqs.send_message_batch(QueueUrl=url, Entries=[entry])
    assert taken(services, "sqs_fifo_requests") == 4
    assert len(services.queues[url].messages) == 1


def test_units_are_kept_by_stage() -> None:
    meter = Meter("write")
    meter.writes("votes", 2)
    meter.stage = "tally"
    meter.writes("tallies", 3)
    assert (meter.total("write_units"), meter.total("write_units", "tally")) == (5, 3)
