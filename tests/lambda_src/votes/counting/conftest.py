"""Empty stores to test on, on simulated DynamoDB and on the emulator; a worker of write."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared import clock, logs
from tests.lambda_src.votes.counting.writing import Rig
from tests.support import emulated
from tests.support.captured import own_logger
from tests.support.counted import Counted
from tests.support.emulated import Stores, Tables


@pytest.fixture(scope="session")
def dynamodb(emulator: Callable[[str], Any]) -> Any:
    """A DynamoDB client of the session's emulator."""
    return emulator("dynamodb")


@pytest.fixture
def tables(dynamodb: Any) -> Tables:
    """Three new tables."""
    return emulated.tables(dynamodb)


@pytest.fixture(params=["simulated", "emulator", "simulated, packed", "emulator, packed"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Empty stores: on simulated DynamoDB and on the emulator, votes in full and packed."""
    packed = "packed" in request.param
    if "simulated" in request.param:
        counted = Counted(packed=packed)
        return Stores(counted.journal, counted.tallies)
    made: Tables = request.getfixturevalue("tables")
    return made.stores(packed=packed)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A worker of write, and what it logs."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "votes-write")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
    monkeypatch.setattr(clock, "sleep", lambda _: None)
    logs.metrics.cache_clear()
    with own_logger("votes-write") as log:
        made = Rig()
        made.log = log
        yield made
    logs.metrics.cache_clear()
