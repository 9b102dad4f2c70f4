"""What DynamoDB refuses for its length, depth or place, and how it keeps numbers.

moto and the emulator take most of it, so only the simulation is held to AWS's documentation here
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html), and to AWS's
own engine where `make contracts ENGINE=dynamodb-local` runs it.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.dynamo import number
from tests.simulation.aws.backends import LOCAL, Backend, error_code, three_ways, without
from tests.simulation.aws.rows import KEY, N1, N2, REFUSED, WRONG, A, Json, Table, numbers

dynamodb = three_ways("dynamodb")
as_documented = without("dynamodb", "moto", "emulator")


def said(table: Table, update: str, condition: str = "", **values: Json) -> str:
    """The code with which an update of the row is refused; "" where it is not."""
    params: Json = {"Key": KEY, "UpdateExpression": update}
    params |= {"ConditionExpression": condition} if condition else {}
    params |= {"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}
    try:
        table.update_item(**params)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def sums(many: int) -> str:
    return "SET " + ", ".join(f"a{n}=:v+:v" for n in range(many))


def any_of(what: str, many: int) -> str:
    return " OR ".join([what] * many)


LIMITS: list[tuple[str, str, str]] = [
    (f"SET {'a' * 4087} = :v", "", ""),  # 4,096 bytes
    (f"SET {'a' * 4088} = :v", "", WRONG),
    (sums(300), "", ""),
    (sums(301), "", WRONG),
    ("SET x = :v", any_of("x=:v", 150), REFUSED),  # = and OR: 299 of them
    ("SET x = :v", any_of("x=:v", 151), WRONG),
    ("SET x = :v", any_of("x BETWEEN :v AND :v", 150), REFUSED),  # its AND is none
    ("SET x = :v", any_of("x BETWEEN :v AND :v", 151), WRONG),
    ("SET x = :v", any_of("attribute_exists(x)", 150), REFUSED),
    ("SET x = :v", any_of("attribute_exists(x)", 151), WRONG),
    ("SET x = :v", any_of("begins_with(s,:v)", 151), WRONG),
    ("SET x = :v", "NOT " * 299 + "x = :v", ""),
    ("SET x = :v", "NOT " * 300 + "x = :v", WRONG),
    ("SET x = :v", f"attribute_exists({'.'.join('x' * 32)})", REFUSED),
    ("SET x = :v", f"attribute_exists({'.'.join('x' * 33)})", WRONG),
]


@as_documented
@pytest.mark.parametrize("limit", range(len(LIMITS)))
def test_expressions_have_4_kb_300_operators_and_paths_of_32(dynamodb: Backend, limit: int) -> None:
    update, condition, code = LIMITS[limit]
    assert said(Table(dynamodb), update, condition, v=N1) == code


def nested(levels: int, of: str) -> Json:
    """A value with so many maps or lists around it."""
    value: Any = A
    for _ in range(levels):
        value = {"M": {"a": value}} if of == "M" else {"L": [value]}
    found: Json = value
    return found


@as_documented
@pytest.mark.parametrize("of", ["M", "L"])
def test_attributes_are_nested_to_32_levels(dynamodb: Backend, of: str) -> None:
    table = Table(dynamodb)
    table.put(x=nested(31, of), m={"M": {}})
    assert error_code(table.put_item, Item={**KEY, "x": nested(32, of)}) == WRONG
    assert said(table, "SET m.a = :v", v=nested(30, of)) == ""
    assert said(table, "SET m.a = :v", v=nested(31, of)) == WRONG


@as_documented
def test_keys_have_2_kb_and_1_kb(dynamodb: Backend) -> None:
    name, client = dynamodb.name("table"), dynamodb.client
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in "pq"],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "q", "KeyType": "RANGE"}],
    )
    keys = [
        {"p": {"S": "p" * first}, "q": {"S": "q" * second}} for first, second in ((2048, 1024), (2049, 1), (1, 1025))
    ]
    client.put_item(TableName=name, Item=keys[0])
    for key in keys[1:]:
        assert error_code(client.put_item, TableName=name, Item=key) == WRONG
        assert error_code(client.get_item, TableName=name, Key=key) == WRONG
    assert error_code(client.put_item, TableName=name, Item={"p": {"S": "ä" * 1025}, "q": A}) == WRONG


@as_documented
def test_a_page_starts_inside_of_what_is_asked(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    for n in range(1, 6):
        table.put(n=n)
    asked = {
        "KeyConditionExpression": "p = :p AND n BETWEEN :first AND :last",
        "ExpressionAttributeValues": {":p": A, ":first": N2, ":last": number(4)},
    }
    for p, n in (("a", 1), ("a", 5), ("b", 3)):
        start = {"p": {"S": p}, "n": number(n)}
        assert error_code(table.query, ExclusiveStartKey=start, **asked) == WRONG
    assert numbers(table.query(ExclusiveStartKey={"p": A, "n": {"N": "3.0"}}, ConsistentRead=True, **asked)) == [4]
    if dynamodb.kind != LOCAL:  # AWS names the last row where a limit ends there: it must be a start
        assert numbers(table.query(ExclusiveStartKey={"p": A, "n": number(4)}, ConsistentRead=True, **asked)) == []


COMPARED: list[tuple[str, Json, str]] = [
    ("m < :v", {"v": N1}, REFUSED),
    ("m BETWEEN :v AND :v", {"v": N1}, REFUSED),
    ("x BETWEEN m AND :v", {"v": N1}, REFUSED),
    ("begins_with(m, :v)", {"v": A}, REFUSED),
    ("begins_with(x, :v)", {"v": A}, REFUSED),
    ("m = :v", {"v": {"M": {"a": {"N": "1.0"}}}}, ""),
    ("m <> :v", {"v": {"M": {"a": {"N": "1.0"}}}}, REFUSED),
    # what is given has an order, or the request makes no sense, whatever the row
    ("x < :v", {"v": {"M": {}}}, WRONG),
    ("gone < :v", {"v": {"BOOL": True}}, WRONG),
    ("x = :w OR gone > :v", {"v": {"NULL": True}, "w": N1}, WRONG),
    ("begins_with(s, :v)", {"v": N1}, WRONG),
    ("gone BETWEEN :v AND :w", {"v": N2, "w": N1}, WRONG),
    ("gone BETWEEN :v AND :w", {"v": N2, "w": A}, WRONG),
]


@as_documented
@pytest.mark.parametrize(("condition", "values", "code"), COMPARED)
def test_what_has_no_order_compares_as_false(dynamodb: Backend, condition: str, values: Json, code: str) -> None:
    table = Table(dynamodb)
    table.put(m={"M": {"a": N1}}, x=N1, s=A)
    assert said(table, "REMOVE y", condition, **values) == code


NUMBERS = {
    "5.0": "5",
    "007": "7",
    "+5": "5",
    "-0": "0",
    "0E500": "0",
    ".5": "0.5",
    "1.50": "1.5",
    "1e3": "1000",
    "100e-2": "1",
    "1E38": "1" + 38 * "0",
    "-1.2345678901234567890123456789012345678": "-1.2345678901234567890123456789012345678",
    "9.99E+125": "999" + 123 * "0",
    "1E-130": "0." + 129 * "0" + "1",
}


@as_documented
def test_numbers_are_kept_without_what_says_nothing(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    for given, kept in NUMBERS.items():
        table.put(x={"N": given})
        assert (table.row() or {})["x"] == {"N": kept}
        if dynamodb.kind != LOCAL:  # it keeps those inside as they come
            table.update_item(
                Key=KEY,
                UpdateExpression="SET m = :m",
                ExpressionAttributeValues={":m": {"M": {"l": {"L": [{"N": given}]}}}},
            )
            assert (table.row() or {})["m"] == {"M": {"l": {"L": [{"N": kept}]}}}
    for wrong in (
        "1E126",
        "-1E126",
        "1E-131",
        "1" * 39,
        "1." + "1" * 38,
        "1E99999999999999999999",
        "",
        " 5",
        "1_0",
    ):
        assert error_code(table.put_item, Item={**KEY, "x": {"N": wrong}}) == WRONG, wrong


@as_documented
def test_sums_are_exact(dynamodb: Backend) -> None:
    table = Table(dynamodb)
    nines = 37 * "9"
    table.put(x={"N": nines + ".9"})
    assert said(table, "ADD x :v", v={"N": "0.1"}) == ""
    sum_of = (table.row() or {})["x"]["N"]
    if dynamodb.kind == LOCAL:  # it normalises what is put, and no sums
        sum_of = sum_of.removesuffix(".0")
    assert sum_of == "1" + 37 * "0"
    table.put(x={"N": nines + ".9"})
    assert said(table, "ADD x :v", v={"N": "0.05"}) == WRONG
