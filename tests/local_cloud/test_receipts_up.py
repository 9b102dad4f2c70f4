"""`make up` with receipts: the database's login is the secret that deliver reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from receipts.delivery.credentials import parsed
from tools.local_cloud import secret
from tools.local_cloud.premises import stand_in
from tools.local_cloud.premises.stand_in import StandIn
from tools.local_cloud.receipts import pipeline
from tools.local_cloud.runs import Run
from tools.operations.receipts import local_database


@pytest.fixture
def premises(premises_of: Callable[[Path, str], StandIn]) -> StandIn:
    """The database with the product's own table and role."""
    made = premises_of(pipeline.SCHEMA, pipeline.ROLE)
    made.begin()
    made.ask("TRUNCATE receipts")
    return made


def test_the_login_is_put_where_the_environment_says(premises: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[Any] = []
    arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:sluice-local-receipts-database-AbC123"

    def held(*given: Any) -> str:
        put.append(given)
        return arn

    monkeypatch.setattr(secret, "put", held)
    monkeypatch.setattr(pipeline, "database", lambda _: premises)
    override = pipeline.delivery(Run(Path("nowhere")))["module"]["receipts"]["delivery"]
    begin = "${merge(local.receipts.delivery, jsondecode("
    assert override.startswith(begin)
    assert json.loads(json.loads(override.removeprefix(begin).removesuffix("))}"))) == {"secret_arn": arn}
    ((_, name, login, stays),) = put
    assert name == pipeline.SECRET
    assert parsed(json.dumps(login)).username == pipeline.ROLE, "it is what deliver takes for a login"
    assert stays(login)
    assert not stays(login | {"password": "another"})


def test_status_tells_of_the_database_beside_it(premises: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = {"settings": {"delivery": {"table": "receipts"}}}
    deployment: Any = SimpleNamespace(endpoint="http://127.0.0.1:9", outputs=outputs)
    monkeypatch.setattr(Run, "state_if_readable", lambda _: {"endpoint": "http://127.0.0.1:9"})
    monkeypatch.setattr(stand_in, "running", lambda _: premises)
    (line,) = local_database.lines(deployment)
    port = premises.health()["port"]
    assert line == f"database of this machine, port {port}: up; 0 rows; connections 0 now, 0 at most, 0 attempts"
    premises.stop_database()
    assert "stopped; nobody can say how many rows" in next(local_database.lines(deployment))
    assert not list(local_database.lines(SimpleNamespace(endpoint="http://127.0.0.1:8", outputs=outputs)))  # type: ignore[arg-type]
    assert not list(local_database.lines(SimpleNamespace(endpoint=None, outputs=outputs)))  # type: ignore[arg-type]
