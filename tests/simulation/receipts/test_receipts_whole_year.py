"""A year in virtual time, with the real functions: three weeks of outage cost nothing but time."""

import pytest

from tools.simulation.receipts.whole_year import whole_year


@pytest.mark.slow
def test_a_year_with_three_weeks_of_outage_ends_well() -> None:
    year = whole_year(200)
    assert year.rows == year.facts == 200
    assert year.connections <= 2
    assert year.behind > 40
    assert year.recovered_days < 1
    assert year.sent_again < 5 * year.behind, "a queue that holds pointers is not filled with more"
    assert f"{year.behind} behind" in year.line()
