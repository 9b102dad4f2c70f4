"""The provider offline, and on an emulator of these tests' own."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.offline_provider.attached import Cloud
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run
from tools.offline_provider import serve


@pytest.fixture(scope="session")
def offline() -> Iterator[dict[str, Any]]:
    """The provider with nothing behind it."""
    with serve(None) as reattach:
        yield reattach


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An emulator with enforced roles, and the provider attached to it."""
    run = Run(tmp_path_factory.mktemp("cloud"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in emulator.credentials(state := emulator.start(run)).items():
            patch.setenv(name, value)
        try:
            with serve(state["endpoint"]) as reattach:
                yield Cloud(state["endpoint"], reattach)
        finally:
            emulator.stop(run)
