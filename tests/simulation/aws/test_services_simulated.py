"""What only the simulated services do when they are told: refuse, forget, be late, deliver twice.

Answers are held to AWS's shapes.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from shared.dynamo import number
from tests.simulation.aws.simulation import Json, Simulation, spoil
from tools.simulation.aws.calls import Call

SECOND = 1_000_000


@pytest.fixture
def world() -> Simulation:
    return Simulation()


def test_a_meddler_sees_every_call_and_may_raise(world: Simulation) -> None:
    url, queue = world.queue()

    def fail(call: Call) -> None:
        raise OSError("no network")

    world.meddle = fail
    with pytest.raises(OSError, match="no network"):
        world.send(url, "a")
    assert [message.body for message in queue.messages.values()] == []
    (call,) = world.calls
    assert (call.service, call.operation, call.caller, call.entries) == ("sqs", "SendMessageBatch", "me", 1)


def test_what_is_lost_after_a_call_took_effect(world: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    url, queue = world.queue()

    def lose(call: Call, answer: Json) -> None:
        raise OSError("connection reset")

    monkeypatch.setattr(world, "after", lose)
    with pytest.raises(OSError, match="reset"):
        world.send(url, "a")
    assert [message.body for message in queue.messages.values()] == ["a"]


def test_what_is_not_simulated_says_so(world: Simulation) -> None:
    with pytest.raises(AttributeError, match="transact_write_items"):
        world.dynamodb.transact_write_items(TransactItems=[])
    world.cloud.dynamodb.create_table("t", ("p", "S"))
    with pytest.raises(ParamValidationError, match="ReturnValues"):
        world.dynamodb.put_item(TableName="t", Item={"p": {"S": "a"}}, ReturnValues="ALL_OLD")
    with pytest.raises(ClientError, match="size"):
        world.dynamodb.put_item(TableName="t", Item={"p": {"S": "a"}}, ConditionExpression="size(p) > p")


def test_one_seed_is_one_run() -> None:
    def run() -> list[Any]:
        world = Simulation()
        url, queue = world.queue()
        queue.again = queue.unseen = 0.3
        for _ in range(5):
            world.send(url, *"abcdefghij")
        return [queue.take(7, 0) for _ in range(9)]

    assert run() == run()


@pytest.fixture
def table(world: Simulation) -> Any:
    made = world.cloud.dynamodb.create_table("t", ("p", "S"), ("n", "N"))
    for n in range(4):
        world.dynamodb.put_item(TableName="t", Item={"p": {"S": "a"}, "n": number(n)})
    world.now += 10 * SECOND
    return made


def keys(*numbers: int) -> list[Json]:
    return [{"p": {"S": "a"}, "n": number(n)} for n in numbers]


def test_keys_are_left_unprocessed(world: Simulation, table: Any) -> None:
    world.meddle = spoil({0: "", 2: ""})
    answer = world.dynamodb.batch_get_item(RequestItems={"t": {"Keys": keys(0, 1, 2), "ConsistentRead": True}})
    assert answer == {
        "Responses": {"t": keys(1)},
        "UnprocessedKeys": {"t": {"Keys": keys(0, 2), "ConsistentRead": True}},
    }


def test_rows_read_by_many_keys_come_in_any_order(world: Simulation, table: Any) -> None:
    def read() -> list[Json]:
        asked = {"t": {"Keys": keys(0, 1, 2, 3), "ConsistentRead": True}}
        return world.dynamodb.batch_get_item(RequestItems=asked)["Responses"]["t"]  # type: ignore[no-any-return]

    assert len({str(read()) for _ in range(20)}) > 5


def test_writes_are_left_unprocessed(world: Simulation, table: Any) -> None:
    requests: list[Json] = [{"DeleteRequest": {"Key": key}} for key in keys(0, 1, 2)]
    world.meddle = spoil({0: ""}, {1: ""})
    answer = world.dynamodb.batch_write_item(RequestItems={"t": requests})
    assert answer == {"UnprocessedItems": {"t": requests[:2]}}
    assert list(table.items) == [("a", 0), ("a", 3)]


def test_statements_refused_and_unheard(world: Simulation, table: Any) -> None:
    text = "INSERT INTO \"t\" VALUE {'p': ?, 'n': ?}"
    statements = [{"Statement": text, "Parameters": [{"S": "b"}, number(n)]} for n in range(3)]
    world.meddle = spoil({0: "ThrottlingError"}, {1: "InternalServerError"})
    answers = world.dynamodb.batch_execute_statement(Statements=statements)["Responses"]
    assert [answer.get("Error", {}).get("Code") for answer in answers] == [
        "ThrottlingError",
        "InternalServerError",
        None,
    ]
    assert [key for key in table.items if key[0] == "b"] == [("b", 1), ("b", 2)]


def test_pages_are_cut_short(world: Simulation, table: Any) -> None:
    world.meddle = lambda call: setattr(call, "most_items", 1)
    pages = list(world.dynamodb.get_paginator("scan").paginate(TableName="t", ConsistentRead=True, Limit=3))
    assert [page["Count"] for page in pages] == [1, 1, 1, 1, 0]
    asked = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
    answer = world.dynamodb.query(TableName="t", ConsistentRead=True, **asked)
    assert (answer["Items"], answer["LastEvaluatedKey"]) == (keys(0), keys(0)[0])


def reads(world: Simulation, consistent: bool) -> set[str]:
    """What many reads of a row find, by each way to read it."""
    asked = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
    found: set[str] = set()
    for _ in range(60):
        rows = [
            [world.dynamodb.get_item(TableName="t", Key=keys(9)[0], ConsistentRead=consistent).get("Item")],
            world.dynamodb.batch_get_item(RequestItems={"t": {"Keys": keys(9), "ConsistentRead": consistent}})[
                "Responses"
            ]["t"],
            world.dynamodb.query(TableName="t", ConsistentRead=consistent, **asked)["Items"],
            world.dynamodb.scan(TableName="t", ConsistentRead=consistent)["Items"],
        ]
        for way, items in enumerate(rows):
            there = [item for item in items if item and item["n"] == number(9)]
            found.add(f"{way}: {there[0]['x']['N'] if there else None}")
    return found


def test_a_read_that_is_not_consistent_may_be_late(world: Simulation, table: Any) -> None:
    for x in (1, 2):
        world.dynamodb.put_item(TableName="t", Item=keys(9)[0] | {"x": number(x)})
        world.now += SECOND // 2
    assert reads(world, consistent=True) == {f"{way}: 2" for way in range(4)}
    assert reads(world, consistent=False) == {f"{way}: {x}" for way in range(4) for x in (None, 1, 2)}
    world.dynamodb.delete_item(TableName="t", Key=keys(9)[0])
    assert reads(world, consistent=True) == {f"{way}: None" for way in range(4)}
    assert reads(world, consistent=False) >= {f"{way}: 2" for way in range(4)}
    world.now += 3 * SECOND
    assert reads(world, consistent=False) == {f"{way}: None" for way in range(4)}


def test_rows_may_be_altered_by_hand(world: Simulation, table: Any) -> None:
    table.items["a", 0] = {**table.items["a", 0], "x": {"S": "damaged"}}
    del table.items["a", 1]
    answer = world.dynamodb.scan(TableName="t")
    assert answer["Count"] == 3
    assert world.dynamodb.get_item(TableName="t", Key=keys(0)[0])["Item"]["x"] == {"S": "damaged"}


def test_objects_are_there_to_be_seen(world: Simulation) -> None:
    world.cloud.s3.create_bucket("b")
    world.s3.put_object(Bucket="b", Key="k", Body=b"1")
    assert world.cloud.s3.buckets["b"]["k"].body == b"1"
