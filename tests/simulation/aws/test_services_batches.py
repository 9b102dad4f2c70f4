"""One contract for DynamoDB's batches: rows by many keys, writes by many requests, PartiQL
statements.
"""

from shared.dynamo import number
from tests.simulation.aws.backends import LOCAL, Backend, error_code, three_ways, without
from tests.simulation.aws.rows import KEY, N1, N2, WRONG, A, Json, Table, numbers

dynamodb = three_ways("dynamodb")


def test_rows_read_by_many_keys(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    for n in range(1, 4):
        table.put(n=n)
    keys = [{"p": {"S": "a"}, "n": number(n)} for n in range(1, 102)]
    get = dynamodb.client.batch_get_item
    answer = get(RequestItems={table.name: {"Keys": keys[:100], "ConsistentRead": True}})
    assert sorted(int(item["n"]["N"]) for item in answer["Responses"][table.name]) == [1, 2, 3]
    assert answer["UnprocessedKeys"] == {}
    assert error_code(get, RequestItems={table.name: {"Keys": keys}}) == WRONG
    assert error_code(get, RequestItems={table.name: {"Keys": [keys[0], keys[0]]}}) == WRONG


def test_rows_written_by_many_requests(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    table.put(n=99)
    write = dynamodb.client.batch_write_item
    puts: list[Json] = [{"PutRequest": {"Item": {"p": {"S": "a"}, "n": number(n)}}} for n in range(1, 27)]
    answer = write(
        RequestItems={table.name: [*puts[:2], {"DeleteRequest": {"Key": {"p": {"S": "a"}, "n": number(99)}}}]}
    )
    assert answer["UnprocessedItems"] == {}
    assert sorted(numbers(table.scan(ConsistentRead=True))) == [1, 2]
    if dynamodb.kind != "moto":  # it takes both
        assert error_code(write, RequestItems={table.name: puts}) == WRONG
        assert error_code(write, RequestItems={table.name: [puts[0], puts[0]]}) == WRONG


INSERT = "INSERT INTO TABLE VALUE {'p': ?, 'n': ?, 'v': ?}"
UPDATE = "UPDATE TABLE SET v = ? SET w = ? WHERE p = ? AND n = ? AND v < ?"
DELETE = "DELETE FROM TABLE WHERE p = ? AND n = ? AND v < ?"


@without("dynamodb", "moto")  # it runs no PartiQL that writes under a condition
def test_statements_are_answered_one_by_one(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    insert = table.statement(INSERT, A, N1, number(5))
    assert table.executed(insert) == [""]
    assert table.executed(insert, table.statement(INSERT, A, N2, number(5))) == ["DuplicateItem", ""]
    lower, higher = ([number(v), {"S": "w"}, A, n, number(v)] for v, n in ((4, N1), (6, N2)))
    assert table.executed(table.statement(UPDATE, *lower), table.statement(UPDATE, *higher)) == [
        "ConditionalCheckFailed",
        "",
    ]
    assert table.executed(table.statement(UPDATE, number(9), {"S": "w"}, A, number(3), number(9))) == [
        "ConditionalCheckFailed"
    ]
    assert table.row() == {**KEY, "v": number(5)}
    assert table.row(n=2) == {"p": A, "n": N2, "v": number(6), "w": {"S": "w"}}
    assert table.row(n=3) is None


@without("dynamodb", "moto")  # as above
def test_statements_that_delete(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    table.put(v=number(5))
    assert table.executed(table.statement(DELETE, A, N1, number(5))) == ["ConditionalCheckFailed"]
    assert table.row()
    assert table.executed(table.statement(DELETE, A, N1, number(6))) == [""]
    assert table.row() is None


@without("dynamodb", "moto")  # as above
def test_batches_of_statements_that_are_wrong_as_a_whole_are_refused(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    execute = dynamodb.client.batch_execute_statement
    many = [table.statement(INSERT, A, number(n), number(5)) for n in range(1, 27)]
    assert error_code(execute, Statements=many) == WRONG
    if dynamodb.kind != "emulator":  # it runs one after the other
        assert error_code(execute, Statements=[many[0], many[0]]) == WRONG
        if dynamodb.kind != LOCAL:  # it runs the first before it looks
            assert table.row() is None


@without("dynamodb", "moto", "emulator")  # as above; the emulator refuses the whole batch
def test_a_statement_that_makes_no_sense_fails_alone(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    insert = table.statement(INSERT, A, N1, number(5))
    wrong = {
        "malformed": {"Statement": "FROB x"},
        "an unknown table": table.statement(INSERT.replace("TABLE", '"none"'), A, N2, N1),
        "a parameter too few": table.statement(INSERT, A, N2),
        "half a key": table.statement("UPDATE TABLE SET v = ? WHERE p = ?", N1, A),
        "a key of another type": table.statement(INSERT, A, A, N1),
        "a key that is too long": table.statement(INSERT, {"S": "x" * 2049}, N1, N1),
        "a row that is too large": table.statement(INSERT, A, N2, {"S": "x" * 410_000}),
        "an order of maps": table.statement(UPDATE, N1, A, A, N2, {"M": {}}),
    }
    codes = {"an unknown table": "ResourceNotFound"}
    for why, statement in wrong.items():
        table.delete_item(Key=KEY)
        assert table.executed(statement, insert) == [codes.get(why, "ValidationError"), ""], why
        assert table.row() == {**KEY, "v": number(5)}, why
    long = table.statement(INSERT + " " * 8192, A, N2, N1)
    assert error_code(dynamodb.client.batch_execute_statement, Statements=[long, insert]) == WRONG


@without("dynamodb", "moto")  # as above
def test_a_statement_that_puts_a_row_as_it_stands(dynamodb: Backend) -> None:
    """As `make smoke` does, to learn what it is billed."""
    table = Table(dynamodb)
    table.put(v=number(5))
    same = "UPDATE TABLE SET v = v WHERE p = ? AND n = ? AND v > ?"
    assert table.executed(table.statement(same, A, N1, number(0))) == [""]
    assert table.executed(table.statement(same, A, N2, number(0))) == ["ConditionalCheckFailed"]
    assert (table.row(), table.row(n=2)) == ({**KEY, "v": number(5)}, None)
