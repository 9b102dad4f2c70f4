"""Empty stores to test on: on simulated DynamoDB, and on the emulator."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import emulated
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


@pytest.fixture(params=["simulated", "emulator"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Empty stores: on simulated DynamoDB, then on the emulator."""
    if request.param == "simulated":
        counted = Counted()
        return Stores(counted.journal, counted.tallies)
    made: Tables = request.getfixturevalue("tables")
    return made.stores()
