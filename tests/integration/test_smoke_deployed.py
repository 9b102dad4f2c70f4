"""make smoke and make soak on the deployed stack: all is well; and with a mapping off, both say so
and how to go back.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from tests.integration.test_conservation_deployed import off
from tools.common.errors import CommandError
from tools.operations import rollback, soak
from tools.operations.deployment import Deployment
from tools.operations.votes import smoke
from tools.operations.votes.pipeline import PIPELINE as VOTES


@pytest.fixture
def console() -> Console:
    return Console(width=300, file=io.StringIO(), record=True)


def test_all_is_well_and_stays_so(deployment: Deployment, drained: Callable[[], None], console: Console) -> None:
    drained()
    code = smoke.run(deployment, console)
    said = console.export_text()
    assert code == 0, said
    assert "read back by the API: 1 voter" in said
    code = soak.run([(deployment, VOTES)], console, soak.Options(minutes=0.1))
    said = console.export_text()
    assert code == 0, said
    assert "all held for 0.1 minutes" in said


def test_a_mapping_that_is_off_ends_a_soak_at_once(deployment: Deployment, console: Console) -> None:
    with off(deployment, "write"):
        assert soak.run([(deployment, VOTES)], console, soak.Options(minutes=1)) == 1
    said = console.export_text()
    assert "VIOLATED in votes: write takes nothing, its mapping is off since" in said
    assert "→ make mapping ENV=local FUNCTION=write ON=yes" in said
    assert "make rollback PIPELINE=votes ENV=local" in said


def test_what_was_applied_once_has_nothing_to_go_back_to(deployment: Deployment, console: Console) -> None:
    with pytest.raises(CommandError, match="no version to go back to"):
        rollback.run([(deployment, VOTES)], console)
    assert console.export_text().count("there is no version before it") == len(VOTES.rollback_order) == 9
