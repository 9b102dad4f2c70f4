"""What the page breaks of a database and of a vendor bites whoever calls them, and is mended."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import psycopg
import pytest

from tests.live.places import place
from tests.support.left import processes_in
from tools.common.loopback import fetch
from tools.live.harvest import faults as of_harvest
from tools.live.local.breaking import Breaking
from tools.live.local.faults import Faults
from tools.live.receipts import faults as of_receipts
from tools.local_cloud import emulator, stack
from tools.local_cloud.harvest.pipeline import LIMITS
from tools.local_cloud.premises.stand_in import StandIn
from tools.local_cloud.receipts.pipeline import ROLE, SCHEMA
from tools.local_cloud.runs import Run
from tools.local_cloud.vendor import stand_in as vendors

SECONDS = 200.0  # of a fuse: each test heals by itself
OUTPUTS: dict[str, Any] = {"tables": {"ledger": "ledger"}, "queues": {}, "functions": {}}


@pytest.fixture
def database(premises_of: Callable[[Path, str], StandIn]) -> Iterator[StandIn]:
    """The client's database, with nothing wrong before and after."""
    started = premises_of(SCHEMA, ROLE)
    started.begin()
    try:
        yield started
    finally:
        started.begin()


@pytest.fixture
def receipts(database: StandIn) -> Faults:
    """What the page offers to break of receipts."""
    return Faults(of_receipts.faults(Breaking(place("receipts", OUTPUTS, {}), None), database))


def connect(database: StandIn) -> psycopg.Connection[tuple[Any, ...]]:
    told = database.credentials
    way = {"host": told["host"], "port": told["port"], "dbname": told["dbname"], "user": told["username"]}
    return psycopg.connect(**way, password=told["password"], sslmode="require", connect_timeout=20)


def took_ms(database: StandIn, times: int) -> list[float]:
    """How long each of some statements took, as the front counted."""
    begin = len(database.log())
    with closing(connect(database)) as connection:
        for _ in range(times):
            connection.execute("SELECT 1")
    return [took for _, took, word in database.log(begin) if word.upper() == "SELECT"]


def test_a_stopped_database_takes_nobody_and_is_back_with_all_that_it_had(receipts: Faults, database: StandIn) -> None:
    rows = database.ask("SELECT count(*) FROM pg_roles")
    with closing(connect(database)) as connection:
        receipts.start("receipts-stop-database", SECONDS)
        assert not database.health()["up"]
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        connect(database)
    receipts.heal("receipts-stop-database")
    assert database.health()["up"]
    assert database.ask("SELECT count(*) FROM pg_roles") == rows
    assert took_ms(database, 1)


def test_a_slow_database_is_slow_to_every_statement_until_it_is_healed(receipts: Faults, database: StandIn) -> None:
    receipts.start("receipts-slow-database", SECONDS)
    slow = took_ms(database, 2)
    assert len(slow) == 2
    assert min(slow) >= of_receipts.SLOW_MS
    receipts.heal_all()
    assert min(took_ms(database, 8)) < of_receipts.SLOW_MS


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A run with an emulator, and nothing left of it."""
    run = Run(tmp_path / "run")
    emulator.start(run)
    try:
        yield run
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []


def test_a_vendor_that_refuses_says_when_to_come_again_and_permits_as_before_in_the_end(run: Run) -> None:
    vendor = vendors.start(run)
    vendor.ask("begin", groups={"a": 2}, limits=[{**limit, "window": "fixed"} for limit in LIMITS])
    form = {"grant_type": "client_credentials", **vendor.credentials}
    token = json.loads(fetch(f"{vendor.address}/oauth/token", urlencode(form).encode()))["access_token"]

    def call() -> tuple[int, str | None]:
        request = Request(f"{vendor.address}/v1/groups", headers={"Authorization": f"Bearer {token}"})
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, None
        except urllib.error.HTTPError as error:
            return error.code, error.headers["Retry-After"]

    faults = Faults(of_harvest.faults(Breaking(place("harvest", OUTPUTS, {}), None), vendor))
    assert {status for status, _ in (call() for _ in range(5))} == {200}
    faults.start("harvest-429", SECONDS)
    told = [call() for _ in range(4)]
    refused = [wait for status, wait in told if status == 429]
    assert len(refused) >= 2, told
    assert all(wait and float(wait) > 0 for wait in refused)
    faults.heal("harvest-429")
    assert {status for status, _ in (call() for _ in range(5))} == {200}
    assert vendor.ask("judge")["throttled"] == len(refused)
