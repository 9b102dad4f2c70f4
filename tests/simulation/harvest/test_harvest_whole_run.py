"""Whole runs in virtual time, with the real functions: what they reach, nothing over the limit."""

import pytest

from tools.simulation.harvest import whole_run
from tools.simulation.harvest.whole_run import WholeRun


def _is_right(run: WholeRun) -> None:
    assert run.state == "completed"
    assert (run.over, run.throttled, run.lost, run.repeated) == (0, 0, 0, 0)
    assert run.small_seconds <= max(12.0, 0.05 * run.seconds)
    assert run.inner <= run.bound + 0.001


def test_a_small_run_reaches_what_a_short_one_can() -> None:
    run = whole_run.whole_run(50, 3_000)
    _is_right(run)
    assert 2_800 <= run.calls <= 3_300
    assert run.share >= 0.88, "four levels deep, each costs a lead, a call and a look"
    assert run.inner >= 0.93
    assert run.write_units <= 0.25
    assert f"share {run.share:.3f}" in run.line()


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "calls", "share"), [(5, 10_000, 0.965), (50, 65_000, 0.965), (500, 65_000, 0.93)])
def test_a_whole_run_reaches_its_share(rate: int, calls: int, share: float) -> None:
    """At 5 a second 65,000 are hours of looks: `python -m tools.simulation.harvest.whole_run`."""
    run = whole_run.whole_run(rate, calls)
    _is_right(run)
    assert run.calls > 0.92 * calls
    assert run.share >= share
    if rate == 50:
        assert run.write_units <= 0.2
