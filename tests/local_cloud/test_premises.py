"""The premises' PostgreSQL through its front: what it counts, and what it does wrong."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import psycopg
import pytest

from tests.support.left import processes_in
from tools.common import private
from tools.common.errors import CommandError
from tools.common.loopback import fetch
from tools.local_cloud import server
from tools.local_cloud.premises import installation, stand_in
from tools.local_cloud.premises.stand_in import DOORS, StandIn
from tools.local_cloud.runs import Run

SCHEMA = """
CREATE TABLE things (id int PRIMARY KEY);
CREATE ROLE guest;
GRANT INSERT, SELECT ON things TO guest;
"""
SSL_REQUEST = bytes.fromhex("00000008 04d2162f")
PUT = "INSERT INTO things VALUES (%s)"

Connect = Callable[..., psycopg.Connection[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def started(premises_of: Callable[[Path, str], StandIn], tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    """The module's database."""
    schema = tmp_path_factory.mktemp("schema") / "things.sql"
    schema.write_text(SCHEMA)
    return premises_of(schema, "guest")


@pytest.fixture
def premises(started: StandIn) -> StandIn:
    """The database, with nothing in it and nothing wrong."""
    started.cut()
    started.begin()
    started.ask("TRUNCATE things")
    return started


@pytest.fixture
def connect(premises: StandIn, tmp_path: Path) -> Iterator[Connect]:
    """Connects as a client would: the certificate is verified."""
    told = premises.credentials
    (tmp_path / "ca.pem").write_text(told["ca"])
    made: list[psycopg.Connection[tuple[Any, ...]]] = []

    def connect(**otherwise: Any) -> psycopg.Connection[tuple[Any, ...]]:
        way = {"host": told["host"], "port": told["port"], "dbname": told["dbname"], "user": told["username"]}
        way |= {"password": told["password"], "sslmode": "verify-full", "sslrootcert": str(tmp_path / "ca.pem")}
        made.append(psycopg.connect(**(way | {"connect_timeout": 10} | otherwise), autocommit=True))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def _soon(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def _refused(call: Callable[[], object]) -> tuple[int, str]:
    """With which status a door refuses, and what it says."""
    with pytest.raises(HTTPError) as refused:
        call()
    with refused.value as answer:
        return answer.code, answer.read().decode()


def test_it_is_a_small_database_with_the_grants_of_its_file(premises: StandIn, connect: Connect) -> None:
    guest = connect()
    guest.execute(PUT, (1,))
    assert premises.ask("SELECT id FROM things") == [["1"]]
    for refused in ("DELETE FROM things", "UPDATE things SET id = 2", "CREATE TABLE mine (id int)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            guest.execute(refused)
    assert premises.ask("SHOW max_connections") == [["10"]]


def test_it_counts_sessions_attempts_and_errors(premises: StandIn, connect: Connect) -> None:
    guests = [connect() for _ in range(7)]
    with pytest.raises(psycopg.OperationalError) as refused:
        connect()
    assert "remaining connection slots are reserved" in str(refused.value)
    for guest in guests[:5]:
        guest.close()
    assert _soon(lambda: premises.health()["open"] == 2)
    assert premises.health()["opens"] == {"guest": 2}
    health = premises.health()
    assert (health["attempts"], health["handshakes"], health["errors"]) == (8, 8, {"53300": 1})
    assert health["peak"] in (7, 8), "the refused one is the eighth while it is refused"
    assert health["peaks"] == {"guest": health["peak"]}
    premises.begin()
    health = premises.health()
    assert (health["attempts"], health["open"], health["peak"], health["errors"]) == (0, 2, 2, {})


def test_each_statement_is_in_its_log_and_waits_where_it_is_slow(premises: StandIn, connect: Connect) -> None:
    guest, before = connect(), time.time()
    for number in range(7):  # psycopg prepares it at the sixth
        guest.execute(PUT, (number,))
    premises.change(slow_ms=150)
    began = time.monotonic()
    guest.execute("SELECT count(*) FROM things")
    assert time.monotonic() - began >= 0.15
    log = premises.log()
    assert [word for _, _, word in log if word] == ["INSERT"] * 8 + ["SELECT"], "the eighth prepared it"
    assert all(before <= at <= time.time() for at, _, _ in log)
    assert log[-1][1] >= 150 > log[0][1]
    assert premises.log(begin=len(log) - 1) == log[-1:]
    assert premises.health()["statements"] == len(log)


@pytest.mark.parametrize("kind", ["unknown-authority", "wrong-name", "expired", "none"])
def test_a_client_that_verifies_refuses_every_other_certificate(premises: StandIn, connect: Connect, kind: str) -> None:
    premises.change(certificate=kind)
    with pytest.raises(psycopg.OperationalError, match=r"certificate|SSL"):
        connect()
    assert premises.health()["peak"] == 0


def test_nobody_comes_in_without_tls_or_password(connect: Connect) -> None:
    for otherwise in ({"sslmode": "disable"}, {"password": "guess"}, {"user": "postgres", "password": ""}):
        with pytest.raises(psycopg.OperationalError):
            connect(**otherwise)


@pytest.mark.parametrize(("lose", "stands"), [("before", 0), ("after", 1), ("half", 1)])
def test_a_statement_is_lost_once_before_it_is_done_or_after(
    premises: StandIn, connect: Connect, lose: str, stands: int
) -> None:
    guest = connect()
    premises.change(lose=lose, matching="insert")
    guest.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        guest.execute(PUT, (1,))
    assert premises.ask("SELECT count(*) FROM things") == [[str(stands)]]
    connect().execute(PUT, (2,))


def test_a_stopped_database_ends_its_sessions_and_keeps_what_was_committed(premises: StandIn, connect: Connect) -> None:
    guest = connect()
    guest.execute(PUT, (1,))
    premises.stop_database()
    with pytest.raises(psycopg.errors.AdminShutdown):
        guest.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="closed the connection"):
        connect()
    premises.start_database()
    guest = connect()
    premises.stop_database(crash=True)
    with pytest.raises(psycopg.OperationalError):
        guest.execute("SELECT 1")
    premises.start_database()
    assert connect().execute("SELECT id FROM things").fetchall() == [(1,)]


def test_connections_are_cut_closed_and_swallowed(premises: StandIn, connect: Connect) -> None:
    guest = connect()
    assert premises.cut() == 1
    with pytest.raises(psycopg.OperationalError):
        guest.execute("SELECT 1")
    assert _soon(lambda: premises.health()["open"] == 0)
    premises.change(closed=True)
    with pytest.raises(psycopg.OperationalError):
        connect()
    premises.change(closed=False, black_hole=True)
    with socket.create_connection(("127.0.0.1", premises.credentials["port"]), timeout=0.3) as waiting:
        waiting.sendall(SSL_REQUEST)
        with pytest.raises(TimeoutError):
            waiting.recv(1)
        premises.change(black_hole=False)
        waiting.settimeout(5)
        assert waiting.recv(1) == b"S"
    connect().execute("SELECT 1")


def test_a_changed_password_is_the_only_one(premises: StandIn, connect: Connect) -> None:
    changed = premises.changed_password()
    with pytest.raises(psycopg.OperationalError):
        connect()
    connect(password=changed.password)
    premises.ask(f"ALTER ROLE guest PASSWORD '{premises.password}'")


def test_its_doors_need_the_token_and_say_what_is_wrong(premises: StandIn) -> None:
    assert _refused(lambda: fetch(f"{premises.address}{DOORS}/health", b"{}"))[0] == 403
    for name, value in (("slow_ms", -1), ("lose", "all"), ("certificate", "best"), ("fast", True)):
        assert _refused(partial(premises.change, **{name: value}))[0] == 400
    code, said = _refused(lambda: premises.ask("SELECT nothing"))
    assert code == 400
    assert "does not exist" in said
    assert _refused(lambda: premises.through("window"))[0] == 404


def test_a_run_keeps_its_premises_and_leaves_nothing(tmp_path: Path) -> None:
    run, schema = Run(tmp_path / "run"), tmp_path / "things.sql"
    schema.write_text(SCHEMA)
    first = stand_in.start(run, schema, "guest")
    try:
        assert stand_in.start(run, schema, "guest") == first
        state = server.beside(run, stand_in.NAME).state()
        assert os.stat(state["leaves"]).st_mode & 0o077 == 0
        assert first.password not in (run.folder / f"{stand_in.NAME}.log").read_text()
    finally:
        assert stand_in.stop(run)
    assert not Path(state["leaves"]).exists()
    assert processes_in(Path(state["leaves"])) == [], "PostgreSQL ends with the front"
    assert not stand_in.stop(run)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    run, schema = Run(tmp_path / "run"), tmp_path / "things.sql"
    schema.write_text("CREATE TABLE things (id nothing);")
    with pytest.raises(CommandError, match=r'type "nothing" does not exist'):
        stand_in.start(run, schema, "guest")
    assert not stand_in.stop(run)


def test_a_server_needs_nothing_of_where_its_package_is(tmp_path: Path) -> None:
    """Whom it runs as may not read that where the checkout is in a folder of its owner's alone."""
    folder = installation.prepared(tmp_path / "templates")
    try:
        links = [path for path in folder.rglob("*") if path.is_symlink()]
        assert [path for path in links if not path.resolve().is_relative_to(folder.resolve())] == []
    finally:
        private.remove(folder)
