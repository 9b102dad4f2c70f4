"""What a lane may rely on, of any database: the one in memory, and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from receipts.delivery import postgres
from receipts.delivery.credentials import Login
from receipts.delivery.port import Away, Database, Key, Refused
from tests.lambda_src.receipts.delivery.made import MemoryDatabase, file_id, row
from tests.lambda_src.receipts.tables import CUSTOMER


def refuses(one: Any) -> tuple[str, str | None] | None:
    """What the table refuses in postgres.sql."""
    return ("23514", "receipts_kind") if one.kind not in ("purchase", "refund", None) else None


@pytest.fixture(params=["memory", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A connection to an empty database of each kind."""
    made: Database
    if request.param == "memory":
        memory = MemoryDatabase()
        memory.refuses = refuses
        made = memory.connect()
    else:
        premises = request.getfixturevalue("premises")
        made = postgres.connect(Login.model_validate(premises.credentials), "lambda-0", "receipts")
    yield made
    made.close()


def test_it_answers(database: Database) -> None:
    database.ping()


def test_rows_are_new_once(database: Database) -> None:
    assert set(database.deliver([row(1), row(2)])) == {row(1).key, row(2).key}
    assert set(database.deliver([row(2), row(3)])) == {row(3).key}
    assert set(database.deliver([row(1), row(2), row(3)])) == set()


def test_a_row_that_comes_twice_at_once_is_one(database: Database) -> None:
    assert list(database.deliver([row(1), row(1, merchant="another")])) == [row(1).key]
    assert database.count(CUSTOMER, [file_id(1)]) == {file_id(1): 1}


def test_receipts_revisions_and_customers_are_rows_of_their_own(database: Database) -> None:
    keys = [Key(customer, file_id(1), *part) for customer in (CUSTOMER, "other") for part in ((0, 0), (1, 0), (0, 1))]
    assert set(database.deliver([row(1, key=key) for key in keys])) == set(keys)
    assert database.count(CUSTOMER, [file_id(1), file_id(2)]) == {file_id(1): 3}
    assert database.count("nobody", [file_id(1)]) == {}


def test_what_was_not_read_is_nothing(database: Database) -> None:
    unread = dict.fromkeys(("kind", "merchant", "receipt_date", "currency", "total"))
    assert len(database.deliver([row(1, taxes="[]", review=(), **unread)])) == 1


def test_one_bad_row_refuses_all_of_its_transaction(database: Database) -> None:
    database.deliver([row(1)])
    with pytest.raises(Refused) as refused:
        database.deliver([row(2), row(3, kind="gift"), row(4)])
    assert (refused.value.sqlstate, refused.value.constraint) == ("23514", "receipts_kind")
    assert database.count(CUSTOMER, [file_id(number) for number in range(5)]) == {file_id(1): 1}
    assert len(database.deliver([row(2), row(4)])) == 2, "the connection is good"


def test_many_rows_are_one_transaction(database: Database) -> None:
    assert len(database.deliver([row(number) for number in range(1_000)])) == 1_000


@pytest.mark.parametrize(
    "call",
    [
        lambda database: database.ping(),
        lambda database: database.deliver([row()]),
        lambda database: database.count(CUSTOMER, [file_id(0)]),
    ],
)
def test_a_connection_that_is_closed_is_lost(database: Database, call: Callable[[Database], object]) -> None:
    database.close()
    database.close()
    with pytest.raises(Away) as away:
        call(database)
    assert away.value.reason == "lost"
