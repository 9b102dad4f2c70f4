"""What a month without receipts costs, as the docs say, is what plans and prices come to."""

from __future__ import annotations

import pytest

from tests.support.plan import ROOT
from tools.bench.receipts import idle


@pytest.mark.slow
def test_the_table_is_that_of_the_plans() -> None:
    assert idle.table() in (ROOT / "docs/receipts/README.md").read_text()
