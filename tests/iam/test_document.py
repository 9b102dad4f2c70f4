"""docs/iam.md says what was recorded."""

from __future__ import annotations

import pytest

from tests.iam import roles, table
from tests.iam.used import Used
from tests.support.plan import plan


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_table_of_roles_is_what_was_recorded(seeded: set[Used], environment: str) -> None:
    written = table.in_document("roles", table.DOCUMENT.read_text()).splitlines()
    recorded = table.markdown(table.of_roles(seeded, plan(environment))).splitlines()
    assert [line for line in recorded if line not in written] == [], "recorded, and not in docs/iam.md: `make iam` writes it"
    assert written == recorded, "in docs/iam.md, and not recorded: `make iam` takes it away"


def test_what_aws_does_in_a_roles_name_is_told_with_its_source() -> None:
    text = table.DOCUMENT.read_text()
    for one in roles.RUNTIME:
        assert one.source in text
        assert ", ".join(f"`{action}`" for action in one.actions) in text
