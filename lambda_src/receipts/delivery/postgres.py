"""PostgreSQL, by psycopg: the one dialect.

An INSERT with RETURNING needs the rights to insert and to select, and nothing else; the statement
is its own transaction, so a commit is one round trip. Nothing of the driver's leaves this file: its
errors quote the whole row, and are dropped before ours are raised.
"""

import logging
import os
import re
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import sql

from receipts.delivery.credentials import Login
from receipts.delivery.port import Away, DatabaseError, Denied, Key, Refused, Row

T = TypeVar("T")

# What is refused for what is in it: data, integrity, a view's check, an error of a trigger's own.
# All else is about the database (no table, no right, full, overloaded, going down), not the row.
DATA_CLASSES = ("22", "23", "44", "P0")
TIMED_OUT = "57014"  # the server's statement_timeout
BAD_TEXT = "22021"  # what the driver itself refuses to send: not a character of the encoding
_ROW_TYPES: Mapping[LiteralString, LiteralString] = {
    "customer_id": "text",
    "file_id": "text",
    "receipt": "smallint",
    "revision": "smallint",
    "batch_id": "text",
    "kind": "text",
    "merchant": "text",
    "receipt_date": "date",
    "currency": "text",
    "total": "numeric",
    "taxes": "text",
    "review": "text",
    "read_at": "timestamptz",
}
COLUMNS = tuple(_ROW_TYPES)
_CASTS: Mapping[str, LiteralString] = {
    "taxes": "taxes::jsonb",
    "review": "string_to_array(review, ',')",
}

# A refused connection has no SQLSTATE: libpq keeps the text alone. It is read for the code that we
# give it, and dropped; a server that speaks another language is "unreachable" then.
_REFUSALS = {
    "certificate": ("certificate", "SSL error"),
    "no-tls": ("does not support SSL",),
    "full": ("too many ", "remaining connection slots", "not currently accepting"),
    "not-now": ("starting up", "shutting down", "recovery", "does not exist"),
}
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_$.-]")

logging.getLogger("psycopg").disabled = True  # what it warns of quotes what it was doing


@dataclass(frozen=True)
class Limits:
    """Seconds: to connect in; that the server gives a statement; that we wait for its answer."""

    connect_seconds: int = 5
    statement_seconds: float = 5
    answer_seconds: float = 7


class PostgreSql:
    """A connection to PostgreSQL: a `port.Database`. Open one with `connect`."""

    def __init__(
        self, connection: psycopg.Connection[Any], table: str, limits: Limits = Limits()
    ) -> None:
        self._connection, self._limits = connection, limits
        self._is_cut = False
        name = sql.Identifier(*table.split("."))
        self._insert = _insert(name)
        self._count = sql.SQL(
            "SELECT file_id, count(*) FROM {} WHERE customer_id = %s AND file_id = ANY(%s) "
            "GROUP BY file_id"
        ).format(name)

    def ping(self) -> None:
        """Ask whether it answers."""
        self._ask(lambda: self._connection.execute("SELECT 1").fetchall())

    def deliver(self, rows: Sequence[Row]) -> Collection[Key]:
        """Insert what is not there yet, in one transaction: the keys that were new."""
        values = [_values(row) for row in rows]
        columns = [[row[i] for row in values] for i in range(len(COLUMNS))]
        asked = self._insert, columns
        return {Key(*row) for row in self._ask(lambda: self._connection.execute(*asked).fetchall())}

    def count(self, customer_id: str, file_ids: Sequence[str]) -> Mapping[str, int]:
        """How many rows stand of each of these files; files without any are left out."""
        asked = self._count, (customer_id, list(file_ids))
        return dict(self._ask(lambda: self._connection.execute(*asked).fetchall()))

    def rows(self, statement: LiteralString, values: Sequence[object] = ()) -> list[Any]:
        """The rows of a statement about the database itself: for who checks it."""
        return self._ask(lambda: self._connection.execute(statement, values).fetchall())

    def close(self) -> None:
        """End the connection; never raises."""
        with suppress(psycopg.Error, OSError):
            self._connection.close()

    def _ask(self, call: Callable[[], T]) -> T:
        """What `call` gives, within the time for an answer. Raises Away or Refused.

        A server that is reached and never answers is no error of TCP's: somebody has to hang up.
        """
        timer = threading.Timer(self._limits.answer_seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            return call()
        except (psycopg.Error, ValueError, OverflowError, OSError) as error:
            trouble = Away("timeout") if self._is_cut else _translated(error)
        finally:
            timer.cancel()
        raise trouble  # out here, where the driver's error is not even its context

    def _cut(self) -> None:
        self._is_cut = True
        with (
            suppress(psycopg.Error, OSError),
            socket.socket(fileno=os.dup(self._connection.fileno())) as held,
        ):
            held.shutdown(socket.SHUT_RDWR)


def connect(login: Login, lane: str, table: str, limits: Limits = Limits()) -> PostgreSql:
    """A connection, by TLS to the very host that the certificate names. Raises Away or Denied."""
    try:
        with _file_of(login.ca) as ca:
            connection = psycopg.connect(
                host=login.host,
                port=login.port,
                dbname=login.dbname,
                user=login.username,
                password=login.password.get_secret_value(),
                sslmode="verify-full",
                sslrootcert=ca,
                application_name=f"sluice {lane}",
                connect_timeout=limits.connect_seconds,
                keepalives_idle=10,
                keepalives_interval=5,
                keepalives_count=3,
                tcp_user_timeout=int(limits.answer_seconds * 1000),
                # a worker that was killed says no goodbye: the server is to notice soon
                options=f"-c statement_timeout={int(limits.statement_seconds * 1000)} "
                "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
                autocommit=True,
                prepare_threshold=None,
            )
        return PostgreSql(connection, table, limits)
    except (psycopg.Error, ValueError, OSError) as error:
        trouble = _not_connected(error)
    raise trouble


def _insert(table: sql.Identifier) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, _ROW_TYPES))
    selected = sql.SQL(", ").join(sql.SQL(_CASTS.get(name, name)) for name in _ROW_TYPES)
    arrays = sql.SQL(", ").join(sql.SQL("%s::" + kind + "[]") for kind in _ROW_TYPES.values())
    return sql.SQL(
        "INSERT INTO {} ({}) SELECT {} FROM unnest({}) AS row ({}) ON CONFLICT DO NOTHING "
        "RETURNING customer_id, file_id, receipt, revision"
    ).format(table, columns, selected, arrays, columns)


def _values(row: Row) -> tuple[object, ...]:
    review = ",".join(row.review)
    return (*row.key, *row[1:8], review, row.read_at)


@contextmanager
def _file_of(text: str) -> Iterator[str]:
    """A file of this text: libpq takes certificates from files alone."""
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".pem") as file:
        file.write(text)
        file.flush()
        yield file.name


def _translated(error: Exception) -> DatabaseError:
    """Our error of the driver's, without a word of it."""
    if not isinstance(error, psycopg.Error):
        return Away("lost") if isinstance(error, OSError) else Refused(BAD_TEXT)
    state = error.sqlstate
    if state is None:  # not the server's: the connection's, or the driver's own of a value
        return Refused(BAD_TEXT) if isinstance(error, psycopg.DataError) else Away("lost")
    if state.startswith(DATA_CLASSES):
        return Refused(state, _identifier(error.diag.constraint_name))
    return Away("timeout" if state == TIMED_OUT else "not-now", state)


def _identifier(name: str | None) -> str | None:
    """A constraint's name as a message holds one."""
    return _NOT_A_NAME.sub("_", name)[:63] if name else None


def _not_connected(error: Exception) -> DatabaseError:
    """Our error of a connection that came to nothing, without a word of the driver's."""
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return Away("timeout")
    text = str(error)
    for reason, signs in _REFUSALS.items():
        if any(sign in text for sign in signs):
            return Away(reason)
    asked = isinstance(error, psycopg.OperationalError) and error.pgconn
    return Denied() if asked and asked.used_password else Away("unreachable")
