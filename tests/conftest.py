"""Fixtures of all tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support import emulated


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Clients, by the service's name, of the session's emulator; what a test makes there needs names of its own."""
    with emulated.clients(tmp_path_factory.mktemp("emulator")) as client:
        yield client
