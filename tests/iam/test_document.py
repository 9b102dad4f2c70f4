"""docs/reference/iam.md says what was recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.plan import plan_of
from tools.iam import roles, table
from tools.iam.pipeline import Pipeline, pipelines
from tools.simulation.aws.used import Used


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_table_of_roles_is_what_was_recorded(rights_of: Callable[[Pipeline], set[Used]], environment: str) -> None:
    written = table.in_document("roles", table.DOCUMENT.read_text()).splitlines()
    rows = [row for one in pipelines() for row in table.of_roles(rights_of(one), plan_of(one.name, environment), one)]
    recorded = table.markdown(rows).splitlines()
    assert [line for line in recorded if line not in written] == [], (
        "recorded, and not in docs/reference/iam.md: `make iam` writes it"
    )
    assert written == recorded, "in docs/reference/iam.md, and not recorded: `make iam` takes it away"


def test_what_aws_does_in_a_roles_name_is_told_with_its_source() -> None:
    text = table.DOCUMENT.read_text()
    for one in roles.RUNTIME:
        assert one.source in text
        assert ", ".join(f"`{action}`" for action in one.actions) in text
