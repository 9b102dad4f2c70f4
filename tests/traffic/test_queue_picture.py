"""Queue depth as blocks."""

from pathlib import Path
from typing import Any

from tools.traffic.queue_picture import Sample, image, lines


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


def test_the_image_is_drawn_in_two_formats(tmp_path: Path) -> None:
    samples = [Sample(0.0, {"q": 4, "r": 0}), Sample(10.0, {"q": 0, "r": 1})]
    files = image(samples, ("q", "r"), 5.0, "Queue depth", tmp_path)
    assert [file.name for file in files] == ["queue-depth.svg", "queue-depth.png"]
    assert all(file.stat().st_size > 1_000 for file in files)
