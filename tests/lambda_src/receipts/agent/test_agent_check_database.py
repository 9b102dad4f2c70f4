"""check's hops to the database: each that is wrong is told as what it is, with what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from receipts.agent import check_database
from receipts.agent.check_database import DatabaseHops
from receipts.agent.hops import Hops, State
from tests.lambda_src.receipts.agent.sites import site
from tools.common.paths import ROOT
from tools.local_cloud.premises.stand_in import StandIn

SCHEMA = ROOT / "lambda_src/receipts/delivery/postgres.sql"


@pytest.fixture
def premises(premises_of: Callable[[Path, str], StandIn]) -> StandIn:
    """The table as its file makes it, behind TLS."""
    made = premises_of(SCHEMA, "sluice")
    made.begin()
    return made


class Checked:
    """What a check of the database found."""

    def __init__(self, folder: Path, premises: StandIn, **changed: Any) -> None:
        told = premises.credentials
        (folder / "ca.pem").write_text(told["ca"])
        where = {f"database_{key}": told[key] for key in ("host", "port", "dbname", "username", "password")}
        self.said: list[str] = []
        hops = Hops(self.said.append)
        self.reached = DatabaseHops(site(folder, **(where | changed))).try_all(hops)
        self.states = hops.states
        assert told["password"] not in "\n".join(self.said)

    @property
    def failed(self) -> dict[str, str]:
        """What was found of each that failed, with what to do."""
        found = {}
        for number, line in enumerate(self.said):
            if line.startswith(State.FAILED):
                name, _, said = line.removeprefix(State.FAILED).strip().partition("  ")
                found[name] = f"{said.strip()} -> {self.said[number + 1].strip()[3:]}"
        return found


@contextmanager
def otherwise(premises: StandIn, change: str, back: str) -> Iterator[None]:
    premises.ask(change)
    try:
        yield
    finally:
        premises.ask(back)


def test_all_is_well(premises: StandIn, tmp_path: Path) -> None:
    found = Checked(tmp_path, premises)
    assert found.failed == {}
    assert set(found.states.values()) == {State.OK}
    assert found.reached
    said = "\n".join(found.said)
    assert "TLSv1.3, by the authority given, for this name, until 20" in said
    assert "insert and select on receipts, and nothing more" in said
    assert premises.ask("SELECT count(*) FROM receipts") == [["0"]], "it inserts nothing"
    assert premises.health()["peak"] == 1, "one connection at a time"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("unknown-authority", "it is not signed by the authority in database.ca"),
        ("wrong-name", "its certificate is for another name than 127.0.0.1 -> use the name that is in"),
        ("expired", "its certificate has expired -> renew it"),
        ("none", "it speaks no TLS -> turn it on"),
    ],
)
def test_a_certificate_that_is_not_right(premises: StandIn, tmp_path: Path, kind: str, said: str) -> None:
    premises.change(certificate=kind)
    found = Checked(tmp_path, premises)
    assert said in found.failed["its certificate"]
    assert found.states["login"] == State.SKIPPED
    assert not found.reached


@pytest.mark.parametrize(
    ("changed", "hop", "said"),
    [
        ({"database_password": "guess"}, "login", "it does not take the password of sluice"),
        ({"database_dbname": "none"}, "login", "is it starting, or is the database's name wrong?"),
        ({"database_table": "other"}, "table", "there is no table other -> run table.sql"),
        ({"database_port": 1}, "database", "Connection refused -> does it run, and does it listen"),
        ({"database_host": "no-such-host.invalid"}, "database", "no-such-host.invalid does not resolve"),
        ({"database_ca": "/dev/null"}, "its certificate", "the authority's certificate as PEM is needed"),
    ],
)
def test_what_the_site_has_wrong(
    premises: StandIn, tmp_path: Path, changed: dict[str, Any], hop: str, said: str
) -> None:
    assert said in Checked(tmp_path, premises, **changed).failed[hop]


@pytest.mark.parametrize(
    ("change", "back", "hop", "said"),
    [
        ("GRANT UPDATE (total) ON receipts TO sluice", "REVOKE UPDATE (total) ON receipts FROM sluice", "rights",
         "it may also update -> REVOKE UPDATE ON receipts FROM it"),
        ("GRANT DELETE, TRUNCATE ON receipts TO PUBLIC", "REVOKE ALL ON receipts FROM PUBLIC", "rights",
         "it may also delete, truncate"),
        ("REVOKE SELECT ON receipts FROM sluice", "GRANT SELECT ON receipts TO sluice", "rights",
         "it may not select -> GRANT INSERT, SELECT ON receipts"),
        ("ALTER ROLE sluice CREATEDB", "ALTER ROLE sluice NOCREATEDB", "rights", "the role is createdb"),
        ("CREATE TABLE salaries (id int); GRANT SELECT ON salaries TO sluice", "DROP TABLE salaries", "rights",
         "it has rights on other tables: public.salaries"),
        ("ALTER TABLE receipts RENAME merchant TO shop", "ALTER TABLE receipts RENAME shop TO merchant", "table",
         "receipts lacks merchant"),
        ("ALTER TABLE receipts DROP CONSTRAINT receipts_pkey",
         "ALTER TABLE receipts ADD CONSTRAINT receipts_pkey PRIMARY KEY (customer_id, file_id, receipt, revision)",
         "table", "what comes twice would stand twice"),
        ("ALTER TABLE receipts ALTER taxes DROP DEFAULT, ALTER taxes TYPE boolean USING true",
         "DROP TABLE receipts", "statement", "compare the columns' types with table.sql"),
    ],
    ids=["update", "public", "select", "createdb", "other", "column", "key", "type"],
)  # fmt: skip
def test_what_the_database_has_wrong(
    premises: StandIn, tmp_path: Path, change: str, back: str, hop: str, said: str
) -> None:
    if hop == "statement":
        change = "ALTER TABLE receipts RENAME TO kept; CREATE TABLE receipts (LIKE kept INCLUDING INDEXES); " + (
            "GRANT INSERT, SELECT ON receipts TO sluice; REVOKE ALL ON kept FROM sluice; " + change
        )
        back += "; ALTER TABLE kept RENAME TO receipts; GRANT INSERT, SELECT ON receipts TO sluice"
    with otherwise(premises, change, back):
        found = Checked(tmp_path, premises)
    assert said in found.failed[hop]
    assert found.reached
    assert Checked(tmp_path, premises).failed == {}


def test_a_server_that_says_nothing(premises: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_database, "SECONDS", 0.3)
    premises.change(black_hole=True)
    assert "it is reached and says nothing in 0.3 s" in Checked(tmp_path, premises).failed["its certificate"]
