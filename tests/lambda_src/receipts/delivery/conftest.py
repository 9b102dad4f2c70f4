"""Fixtures of the tests of the delivery."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.common.paths import ROOT
from tools.local_cloud.premises.stand_in import StandIn

SCHEMA = ROOT / "lambda_src/receipts/delivery/postgres.sql"


@pytest.fixture
def premises(premises_of: Callable[[Path, str], StandIn]) -> StandIn:
    """PostgreSQL behind TLS, with an empty table and nothing wrong."""
    made = premises_of(SCHEMA, "sluice")
    made.cut()
    made.begin()
    made.ask("TRUNCATE receipts")
    return made
