"""Pictures: the same figures give the same file."""

from pathlib import Path

import pytest

from tools.common import pictures


def drawn(file: Path) -> bytes:
    """A picture of two points."""
    with pictures.figure([file], (4, 2)) as figure:
        figure.subplots().plot([1, 2])
    return file.read_bytes()


def test_a_figure_is_saved_as_each_file(tmp_path: Path) -> None:
    assert pictures.can_draw()
    assert drawn(tmp_path / "a.png").startswith(b"\x89PNG")
    assert b"dc:date" not in drawn(tmp_path / "a.svg")


def test_what_cannot_be_drawn_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no"), pictures.figure([tmp_path / "a.svg"], (4, 2)):
        raise ValueError("no")
    assert not list(tmp_path.iterdir())
