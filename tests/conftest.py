"""Fixtures of all tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.iam.rare import interrupted_erasure
from tests.iam.used import Used
from tests.support import emulated
from tests.support.histories import found


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Clients, by the service's name, of the session's emulator; what a test makes there needs names of its own."""
    with emulated.clients(tmp_path_factory.mktemp("emulator")) as client:
        yield client


@pytest.fixture(scope="session")
def histories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the session's seeded histories came to."""
    return found(tmp_path_factory.mktemp("histories"))


@pytest.fixture(scope="session")
def seeded(histories: dict[str, Any]) -> set[Used]:
    """The rights that the handlers used in the session's seeded histories, and in what those do not bring about."""
    return {Used(*used) for used in histories["used"]} | interrupted_erasure()
