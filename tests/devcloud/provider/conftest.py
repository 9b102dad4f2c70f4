"""The provider offline, and on an emulator of these tests' own."""

from collections.abc import Iterator
from typing import Any

import pytest

from devcloud import emulator
from devcloud.provider import serve
from devcloud.runs import Run
from tests.devcloud.provider.attached import Cloud


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
