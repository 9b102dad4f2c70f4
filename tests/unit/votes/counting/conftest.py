"""Empty stores to test on: in memory, and on the emulator."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import emulated
from tests.support.emulated import Stores, Tables
from tests.support.memory_store import MemoryStore


@pytest.fixture(scope="session")
def dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A DynamoDB client of an emulator of its own."""
    with emulated.dynamodb(tmp_path_factory.mktemp("emulator")) as client:
        yield client


@pytest.fixture
def tables(dynamodb: Any) -> Tables:
    """Three new tables."""
    return emulated.tables(dynamodb)


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Empty stores: in memory, then on the emulator."""
    if request.param == "memory":
        store = MemoryStore()
        return Stores(store, store)
    made: Tables = request.getfixturevalue("tables")
    return made.stores()
