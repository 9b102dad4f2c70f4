"""PostgreSQL behind TLS: what it is told, what it may do, and that no word of it gets out."""

from __future__ import annotations

import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from receipts.delivery import credentials, postgres
from receipts.delivery.credentials import Login
from receipts.delivery.port import Away, Denied, Refused
from receipts.delivery.postgres import Limits, PostgreSql
from tests.lambda_src.receipts.delivery.conftest import SCHEMA
from tests.lambda_src.receipts.delivery.made import CANARY, file_id, row
from tests.lambda_src.receipts.tables import CUSTOMER
from tools.local_cloud.premises.stand_in import StandIn

Connect = Callable[..., PostgreSql]
DEFAULT = Limits()


@pytest.fixture
def connect(premises: StandIn) -> Iterator[Connect]:
    """Connects, by the stand-in's credentials but for what is named."""
    made: list[PostgreSql] = []

    def connect(limits: Limits = DEFAULT, **changes: Any) -> PostgreSql:
        login = Login.model_validate(premises.credentials | changes)
        made.append(postgres.connect(login, "lambda-3", "receipts", limits))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def test_a_row_stands_as_it_was_read(premises: StandIn, connect: Connect) -> None:
    database = connect()
    database.deliver([row(1), row(2, merchant="O'Neil; ☕ \\N {x}", total=Decimal("-0.005"), review=())])
    columns = "merchant, kind, receipt_date, currency, total, taxes, review, read_at AT TIME ZONE 'UTC', batch_id"
    asked = f"SELECT {columns} FROM receipts WHERE file_id = '{{}}'"
    assert premises.ask(asked.format(file_id(1))) == [
        [
            *(CANARY, "purchase", "2026-01-31", "GBP", "12.500", '[{"net": null, "rate": "20", "amount": "2.08"}]'),
            "{date:ambiguous-day-and-month,total:one-source}",
            "2026-01-31 23:59:59.123456",
            row().batch_id,
        ]
    ]
    other = premises.ask(asked.format(file_id(2)))[0]
    assert (other[0], other[4], other[6]) == ("O'Neil; ☕ \\N {x}", "-0.005", "{}")
    assert premises.ask("SELECT now() - delivered_at < '1 minute' FROM receipts")[0] == ["t"]


def test_the_role_may_insert_and_select_and_nothing_else(premises: StandIn, connect: Connect) -> None:
    database = connect()
    database.deliver([row()])
    rights = premises.ask(
        "SELECT privilege_type FROM information_schema.role_table_grants WHERE grantee = 'sluice' ORDER BY 1"
    )
    assert rights == [["INSERT"], ["SELECT"]]
    for statement in ("DELETE FROM receipts", "TRUNCATE receipts", "CREATE TABLE mine (n int)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database._connection.execute(statement)
    with pytest.raises(Away) as away:
        database._ask(lambda: database._connection.execute("UPDATE receipts SET total = 0"))
    assert (away.value.reason, away.value.sqlstate) == ("not-now", "42501"), "no row is to blame for it"


def test_the_schema_may_be_run_again(premises: StandIn, connect: Connect) -> None:
    connect().deliver([row()])
    premises.ask(SCHEMA.read_text())
    assert connect().count(CUSTOMER, [file_id(0)]) == {file_id(0): 1}


def test_the_server_knows_who_it_is_and_bounds_it(premises: StandIn, connect: Connect) -> None:
    database = connect(Limits(statement_seconds=0.2))
    assert premises.ask("SELECT application_name FROM pg_stat_activity WHERE usename = 'sluice'") == [
        ["sluice lambda-3"]
    ]
    with pytest.raises(Away) as away:
        database._ask(lambda: database._connection.execute("SELECT pg_sleep(5)"))
    assert (away.value.reason, away.value.sqlstate) == ("timeout", "57014")
    database.ping()
    told = database._connection.info.get_parameters()
    assert "-c tcp_keepalives_idle=15 " in told["options"], "the server notes a worker that was killed"
    assert (told["sslmode"], told["tcp_user_timeout"]) == ("verify-full", "7000")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"port": 1}, "unreachable"), ({"dbname": "other"}, "not-now")],
)
def test_why_nobody_is_reached(connect: Connect, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Away) as away:
        connect(**changes)
    assert away.value.reason == reason


def test_a_server_without_tls_is_told_nothing(premises: StandIn) -> None:
    heard: list[bytes] = []

    def serve() -> None:
        taken, _ = server.accept()
        with taken:
            heard.append(taken.recv(8))
            taken.sendall(b"N")
            heard.append(taken.recv(64))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        login = Login.model_validate(premises.credentials | {"port": server.getsockname()[1]})
        with pytest.raises(Away) as away:
            postgres.connect(login, "lambda-0", "receipts")
        thread.join(5)
    assert away.value.reason == "no-tls"
    assert heard[1:] == [b""], "neither who it is nor its password"


@pytest.mark.parametrize("kind", ["unknown-authority", "wrong-name", "expired"])
def test_a_certificate_that_is_not_the_servers_is_refused(premises: StandIn, connect: Connect, kind: str) -> None:
    premises.change(certificate=kind)
    with pytest.raises(Away) as away:
        connect()
    assert away.value.reason == "certificate"


def test_a_wrong_password_is_denied_and_one_too_many_is_not(premises: StandIn, connect: Connect) -> None:
    with pytest.raises(Denied):
        connect(password="wrong")
    for _ in range(7):
        connect()
    with pytest.raises(Away) as away:
        connect()
    assert away.value.reason == "full"


def test_a_rotated_password_is_read_again(premises: StandIn, connect: Connect) -> None:
    rotated = premises.changed_password()
    logins = [Login.model_validate(one.credentials) for one in (premises, rotated)]

    class Source:
        def login(self) -> Login:
            return logins.pop(0)

    with closing(credentials.connect(Source(), lambda login: postgres.connect(login, "lambda-0", "receipts"))) as made:
        made.ping()
    premises.ask(f"ALTER ROLE sluice PASSWORD '{premises.password}'")


def test_one_that_never_answers_is_left(premises: StandIn, connect: Connect) -> None:
    database = connect(Limits(answer_seconds=0.3))
    premises.change(black_hole=True)
    began = time.monotonic()
    with pytest.raises(Away) as away:
        database.deliver([row()])
    assert away.value.reason == "timeout"
    assert time.monotonic() - began < 2
    with pytest.raises(Away):
        database.ping()


@pytest.mark.parametrize(("lose", "stands"), [("before", 0), ("after", 1), ("half", 1)])
def test_a_connection_lost_in_a_transaction_is_away(
    premises: StandIn, connect: Connect, lose: str, stands: int
) -> None:
    database = connect()
    premises.change(lose=lose, matching="INSERT")
    with pytest.raises(Away) as away:
        database.deliver([row(1)])
    assert away.value.reason == "lost"
    deadline = time.monotonic() + 5
    while premises.ask("SELECT count(*) FROM receipts") != [[str(stands)]] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert premises.ask("SELECT count(*) FROM receipts") == [[str(stands)]]
    assert len(connect().deliver([row(1)])) == 1 - stands, "it comes again, and is there once"


@pytest.mark.parametrize(
    ("changes", "sqlstate", "constraint"),
    [
        ({"kind": f"{CANARY}"}, "23514", "receipts_kind"),
        ({"total": Decimal("NaN")}, "23514", "receipts_total"),
        ({"total": Decimal("9" * 300)}, "22003", None),
        ({"merchant": f"{CANARY}\0"}, "22021", None),
        ({"merchant": f"{CANARY}\ud800"}, "22021", None),
        ({"taxes": f'["{CANARY}'}, "22P02", None),
    ],
)
def test_a_refusal_says_why_and_nothing_of_the_row(
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, Any],
    sqlstate: str,
    constraint: str | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Refused) as refused:
        connect().deliver([row(1), row(2, **changes)])
    error = refused.value
    assert (error.sqlstate, error.constraint) == (sqlstate, constraint)
    assert error.__context__ is error.__cause__ is None
    shown = "".join(traceback.format_exception(error, limit=50)) + caplog.text + repr(error.__dict__)
    assert CANARY not in shown
