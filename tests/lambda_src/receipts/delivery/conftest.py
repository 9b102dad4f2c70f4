"""Fixtures of the tests of the delivery."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shared import clock
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivery.lanes import Lanes
from tools.common.paths import ROOT
from tools.local_cloud.premises.stand_in import StandIn
from tools.simulation.aws.cloud import Cloud

SCHEMA = ROOT / "lambda_src/receipts/delivery/postgres.sql"


@pytest.fixture
def premises(premises_of: Callable[[Path, str], StandIn]) -> StandIn:
    """PostgreSQL behind TLS, with an empty table and nothing wrong."""
    made = premises_of(SCHEMA, "sluice")
    made.cut()
    made.begin()
    made.ask("TRUNCATE receipts")
    return made


@pytest.fixture
def lanes(simulated: Cloud, time: Clock, monkeypatch: pytest.MonkeyPatch) -> Lanes:
    """Empty services, an empty database, and a worker; sleeping takes its time."""
    monkeypatch.setattr(clock, "sleep", time.later)
    monkeypatch.setattr(clock, "monotonic", lambda: time.now / 1_000_000)
    return Lanes(simulated)
