"""make smoke and make soak on the deployed stack: all is well; and with a mapping off, both say so and how to go back."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from devcloud.runs import LocalCloudError
from operations import rollback, smoke, soak
from operations.place import Place
from tests.integration.test_conservation_deployed import off


@pytest.fixture
def console() -> Console:
    return Console(width=300, file=io.StringIO(), record=True)


def test_all_is_well_and_stays_so(place: Place, drained: Callable[[], None], console: Console) -> None:
    drained()
    code = smoke.run(place, console)
    said = console.export_text()
    assert code == 0, said
    assert "read back by the API: 1 voter" in said
    code = soak.run(place, console, soak.Order(minutes=0.1))
    said = console.export_text()
    assert code == 0, said
    assert "all held for 0.1 minutes" in said


def test_a_mapping_that_is_off_ends_a_soak_at_once(place: Place, console: Console) -> None:
    with off(place, "write"):
        assert soak.run(place, console, soak.Order(minutes=1)) == 1
    said = console.export_text()
    assert "VIOLATED: the mappings of write are off" in said
    assert "make rollback ENV=local" in said


def test_what_was_applied_once_has_nothing_to_go_back_to(place: Place, console: Console) -> None:
    with pytest.raises(LocalCloudError, match="no version to go back to"):
        rollback.run(place, console)
    assert console.export_text().count("there is no version before it") == 7
