"""Queue depth as blocks."""

from typing import Any

from demo.picture import Sample, lines


def _drawn(*depths: Any) -> Any:
    return lines([Sample(float(at), {"q": depth}) for at, depth in enumerate(depths)], "q", width=len(depths), height=2)


def test_the_highest_fills_its_column_and_zero_is_empty() -> None:
    assert _drawn(0, 5, 10, 5) == ["  █ ", " ███"]


def test_little_is_never_nothing() -> None:
    assert _drawn(0, 1, 1000)[1][1] == "▁"


def test_columns_without_a_sample_show_the_last_one() -> None:
    drawn = lines([Sample(0.0, {"q": 4}), Sample(10.0, {"q": 0})], "q", width=5, height=1)
    assert drawn == ["████ "]


def test_nothing_at_all() -> None:
    assert _drawn(0, 0) == ["  ", "  "]
