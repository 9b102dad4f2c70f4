"""check's hops to the database: name, port, TLS, login, rights, the table's shape."""

import socket
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from receipts.agent.config import Config, ConfigError
from receipts.agent.hops import Failed, Hops
from receipts.delivery import postgres
from receipts.delivery.credentials import Login
from receipts.delivery.port import Away, DatabaseError, Denied, Refused
from receipts.delivery.postgres import PostgreSql

SECONDS = 5
DATABASE, TLS, LOGIN = "database", "its certificate", "login"
RIGHTS, TABLE, ANSWER = "rights", "table", "statement"
MAY = {"INSERT", "SELECT"}
_TLS_REQUEST = bytes.fromhex("0000000804d2162f")  # PostgreSQL's SSLRequest

_AWAY = {
    "timeout": ("no answer in time", "look at the database's load, and at the firewall between"),
    "full": ("it takes no more connections", "free some, or raise the role's CONNECTION LIMIT"),
    "not-now": ("it does not serve now", "is it starting, or is the database's name wrong?"),
}

# Each table that the role was given rights on by name, or is the owner of.
_GIVEN = """
    SELECT DISTINCT table_schema || '.' || table_name FROM information_schema.table_privileges
    WHERE grantee <> 'PUBLIC' AND table_schema NOT IN ('pg_catalog', 'information_schema')
"""
_HAS = """
    SELECT kind FROM unnest(%s::text[]) AS kind WHERE CASE
        WHEN kind IN ('DELETE', 'TRUNCATE', 'TRIGGER') THEN has_table_privilege(%s::regclass, kind)
        ELSE has_any_column_privilege(%s::regclass, kind) END
"""
_KINDS = ["INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
_ROLE = """
    SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles
    WHERE rolname = current_user
"""
_ROLE_WORDS = ("superuser", "createdb", "createrole", "replication", "bypassrls")
_COLUMNS = """
    SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""
_UNIQUE = """
    SELECT array_agg(attname::text ORDER BY attname) FROM pg_index
    JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
    WHERE indrelid = %s::regclass AND indisunique AND indpred IS NULL AND indexprs IS NULL
    GROUP BY indexrelid
"""
KEY = ["customer_id", "file_id", "receipt", "revision"]


class DatabaseHops:
    """Them, by a configuration."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._database: PostgreSql | None = None

    def try_all(self, hops: Hops) -> bool:
        """The hops in their order: whether the database is reached."""
        try:
            hops.tried(DATABASE, self._reached)
            hops.tried(TLS, self._certified, DATABASE)
            reached = hops.tried(LOGIN, self._logged_in, TLS)
            hops.tried(TABLE, self._shaped, LOGIN)
            hops.tried(RIGHTS, self._entitled, TABLE)
            hops.tried(ANSWER, self._answers, RIGHTS)
            return reached
        finally:
            if self._database is not None:
                self._database.close()

    def _reached(self) -> str:
        where = self._config.database
        with self._connected() as connected:
            return f"{where.host}:{where.port} is {connected.getpeername()[0]}, and answers"

    def _certified(self) -> str:
        """That its certificate is by the authority that was given, and for this name."""
        login, context = self._login(), ssl.create_default_context()
        try:
            context = ssl.create_default_context(cadata=login.ca)
        except ssl.SSLError:
            raise Failed(
                "database.ca is no certificate", "save the authority's certificate as PEM"
            ) from None
        with self._connected() as plain:
            try:
                plain.sendall(_TLS_REQUEST)
                if plain.recv(1) != b"S":
                    raise Failed("it speaks no TLS", "turn it on: ssl = on, with a certificate")
                with context.wrap_socket(plain, server_hostname=login.host) as secured:
                    return _said(secured)
            except ssl.SSLCertVerificationError as error:
                raise Failed(*_not_verified(error, login)) from None
            except TimeoutError:
                raise Failed(
                    f"it is reached and says nothing in {SECONDS} s",
                    "is it PostgreSQL, and does something between hold it up?",
                ) from None
            except OSError as error:
                raise Failed(
                    f"TLS came to nothing: {error.strerror or type(error).__name__}",
                    "look at the database's log: it says which of version and ciphers it wants",
                ) from None

    def _logged_in(self) -> str:
        login = self._login()
        try:
            self._database = postgres.connect(login, self._config.lane, self._config.database.table)
            self._database.ping()
        except Denied:
            raise Failed(
                f"it does not take the password of {login.username}, or its address in pg_hba.conf",
                "compare them; `psql` from this machine with the same says more",
            ) from None
        except Away as away:
            raise Failed(
                *_AWAY.get(away.reason, (str(away), "look at the database's log"))
            ) from None
        return f"as {login.username} in {login.dbname}"

    def _shaped(self) -> str:
        """That the table is there, with each column that is written, and its key."""
        table = self._config.database.table
        if self._all("SELECT to_regclass(%s)", table) == [(None,)]:
            raise Failed(
                f"there is no table {table}", "run table.sql (database.table names another)"
            )
        there = dict(self._all(_COLUMNS, table))
        missing = [name for name in postgres.COLUMNS if name not in there]
        if missing:
            raise Failed(f"{table} lacks {', '.join(missing)}", "compare it with table.sql")
        if KEY not in [names for (names,) in self._all(_UNIQUE, table)]:
            raise Failed(
                f"{table} has no unique key of {', '.join(KEY)}",
                "add it: without it what comes twice would stand twice",
            )
        return f"{table} has its {len(postgres.COLUMNS)} columns, and its key"

    def _entitled(self) -> str:
        """That the role may insert and select, and nothing more."""
        table = self._config.database.table
        has = {kind for (kind,) in self._all(_HAS, _KINDS, table, table)}
        if lacks := MAY - has:
            raise Failed(
                f"it may not {_words(lacks)}", f"GRANT INSERT, SELECT ON {table} TO its role"
            )
        if more := has - MAY:
            raise Failed(
                f"it may also {_words(more)}",
                f"REVOKE {', '.join(sorted(more))} ON {table} FROM it",
            )
        (own,) = self._all("SELECT %s::regclass::oid::regclass::text", table)
        (flags,) = self._all(_ROLE)
        if is_also := [word for word, is_so in zip(_ROLE_WORDS, flags, strict=True) if is_so]:
            raise Failed(f"the role is {', '.join(is_also)}", "give the agent a role of its own")
        others = {
            name
            for (name,) in self._all(_GIVEN)
            if self._all("SELECT %s::regclass::text", name) != [own]
        }
        if others:
            raise Failed(
                f"it has rights on other tables: {', '.join(sorted(others)[:5])}",
                "give the agent a role of its own",
            )
        return f"insert and select on {own[0]}, and nothing more"

    def _answers(self) -> str:
        """That the statement itself is taken; it inserts no row."""
        assert self._database is not None
        try:
            self._database.deliver([])
        except Refused as refused:
            raise Failed(str(refused), "compare the columns' types with table.sql") from None
        except DatabaseError as error:
            raise Failed(str(error), "compare the columns' types with table.sql") from None
        return "an insert of no row is taken"

    def _all(self, statement: str, *values: object) -> list[Any]:
        assert self._database is not None
        try:
            return self._database.rows(statement, values)
        except DatabaseError as error:
            raise Failed(str(error), "look at the database's log") from None

    def _login(self) -> Login:
        try:
            return self._config.database.login()
        except ConfigError as error:
            raise Failed(str(error), "then try again") from None

    def _connected(self) -> socket.socket:
        where = self._config.database
        try:
            return socket.create_connection((where.host, where.port), SECONDS)
        except socket.gaierror as error:
            raise Failed(
                f"{where.host} does not resolve: {error.strerror}", "is the name right here?"
            ) from None
        except TimeoutError:
            raise Failed(
                f"{where.host}:{where.port} does not answer in {SECONDS} s",
                "let this machine through the firewall to that port",
            ) from None
        except OSError as error:
            raise Failed(
                f"{where.host}:{where.port}: {error.strerror}",
                "does it run, and does it listen on that address (listen_addresses)?",
            ) from None


def _said(secured: ssl.SSLSocket) -> str:
    certificate = secured.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    return f"{secured.version()}, by the authority given, for this name, until {ends:%Y-%m-%d}"


def _not_verified(error: ssl.SSLCertVerificationError, login: Login) -> tuple[str, str]:
    text = error.verify_message
    if "mismatch" in text or "not valid for" in text:
        return (
            f"its certificate is for another name than {login.host}",
            "use the name that is in the certificate as database.host",
        )
    if "expired" in text:
        return "its certificate has expired", "renew it"
    return (
        f"it is not signed by the authority in database.ca: {text}",
        "take the certificate of the authority that signed the server's",
    )


def _words(kinds: Iterable[str]) -> str:
    return ", ".join(sorted(kind.lower() for kind in kinds))
