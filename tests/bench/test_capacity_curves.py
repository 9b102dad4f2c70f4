"""Load curves: what a LOAD says, and that no ballot of it is lost between the steps."""

from pathlib import Path

import pytest

from bench.capacity import curves
from devcloud.runs import LocalCloudError


def test_a_step_is_all_there_at_once_and_for_its_time() -> None:
    curve = curves.named("step:1500.5")
    assert (curve.peak, curve.lasts) == (1500.5, 600)
    assert [curve.rate(at) for at in (-1, 0, 599, 601)] == [0, 1500.5, 1500.5, 0]
    assert sum(came for _, came in curve.arrivals(0.1)) == 1500.5 * 600
    assert curves.named("step").peak == 20_000


def test_a_day_is_a_day() -> None:
    curve = curves.named("daily:100")
    assert curve.lasts == 86_400
    assert curve.peak == curve.rate(16 * 3600) == 100  # 20:00
    assert min(rate for _, rate in curve.points) == curve.rate(0) == 5  # 04:00


def test_a_csv_is_straight_between_its_points(tmp_path: Path) -> None:
    file = tmp_path / "load.csv"
    file.write_text("seconds,ballots_per_second\n0,0\n10,100\n\n20,0\n")
    curve = curves.named(str(file))
    assert curve.rate(5) == 50
    assert sum(came for _, came in curve.arrivals(0.1)) in (999, 1000)


@pytest.mark.parametrize(
    ("text", "says"),
    [("0,1\n", "1 points"), ("0,1\n0,2\n", "line 2"), ("0,1\n5,-1\n", "line 2"), ("0,1\nx,2\n", "line 2"), ("0,1\n5,nan\n", "line 2")],
)
def test_a_csv_that_is_no_curve_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "load.csv"
    file.write_text(text)
    with pytest.raises(LocalCloudError, match=says):
        curves.named(str(file))


@pytest.mark.parametrize("load", ["", "steps", "step:many", "daily:-5", "step:0", "/nowhere.csv"])
def test_what_is_no_load_says_what_is(load: str) -> None:
    with pytest.raises(LocalCloudError, match=r"step|daily"):
        curves.named(load)
