"""Load curves: what a LOAD says, and that no ballot of it is lost between the steps."""

from pathlib import Path

import pytest

from tools.bench.votes.capacity import curves
from tools.common.errors import CommandError


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
    [
        ("0,1\n", "1 points"),
        ("0,1\n0,2\n", "line 2"),
        ("0,1\n5,-1\n", "line 2"),
        ("0,1\nx,2\n", "line 2"),
        ("0,1\n5,nan\n", "line 2"),
        ("nan,1\n0,1\n5,1\n", "line 1"),
        ("O,20000\n60,100\n120,0\n", "line 1"),
        ("0s,20k\n60,100\n120,0\n", "line 1"),
        ("0;20000\n60,100\n120,0\n", "line 1"),
        ("'0,'20000\n60,100\n120,0\n", "line 1"),
        ("seconds\n0,1\n5,1\n", "line 1"),
        ("seconds,rate\nseconds,rate\n0,1\n5,1\n", "line 2"),
        (f"0,1\n{curves.MOST_SECONDS + 1},1\n", "line 2"),
        ("0,1\n1,1e300\n", "line 2"),
        ("0,1\x1b[2J\n", r"\\x1b\[2J"),
        ("".join(f"{at},1\n" for at in range(curves.MOST_POINTS + 1)), "more than 10,000 points"),
        ("0," + "1" * curves.MOST_BYTES, "larger than"),
        ("0," + "1" * 200_000 + "\n", "cannot be read as CSV"),
    ],
)
def test_a_csv_that_is_no_curve_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "load.csv"
    file.write_text(text)
    with pytest.raises(CommandError, match=says):
        curves.named(str(file))


@pytest.mark.parametrize("load", ["", "steps", "step:many", "daily:-5", "step:0", "/nowhere.csv"])
def test_what_is_no_load_says_what_is(load: str) -> None:
    with pytest.raises(CommandError, match=r"step|daily"):
        curves.named(load)


def test_what_excel_writes_is_read_to_the_last_point(tmp_path: Path) -> None:
    """A byte order mark and lines that end as on Windows; there may be names or not."""
    for names in ("", "seconds,ballots_per_second\r\n", "Zeit,Stimmen pro Sekunde\r\n"):
        file = tmp_path / "load.csv"
        file.write_bytes(f"\ufeff{names}0,20000\r\n60,100\r\n120,0\r\n".encode())
        curve = curves.named(str(file))
        assert curve.points == [(0, 20_000), (60, 100), (120, 0)]
        assert curve.name == "load.csv (3 points, peak 20,000 ballots a second, 120 s)"


def test_other_encodings_are_named(tmp_path: Path) -> None:
    file = tmp_path / "load.csv"
    file.write_bytes("0,1\n5,1\n".encode("utf-16"))
    with pytest.raises(CommandError, match="UTF-8"):
        curves.named(str(file))
