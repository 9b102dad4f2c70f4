"""The year's cost in the docs is what the price list comes to."""

from __future__ import annotations

from tests.support.plan import ROOT
from tools.bench.receipts import year


def test_the_table_is_that_of_the_price_list() -> None:
    assert year.table() in (ROOT / "docs/receipts/network.md").read_text()
