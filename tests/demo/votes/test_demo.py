"""What the demonstration shows where nothing that draws is installed."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from rich.console import Console

from tools.common import pictures
from tools.demo.votes import demo
from tools.traffic.queue_picture import Sample

WATCH: Any = mock.Mock(samples=[Sample(float(at), {"ingest": at, "count": 1, "tick": 0}) for at in range(3)])


def printed(images: list[Path]) -> str:
    """The picture of the queues as a terminal gets it."""
    output = StringIO()
    demo._depths(Console(file=output, width=200), WATCH, images)
    return output.getvalue()


def test_queues_are_drawn_in_blocks_and_as_images(tmp_path: Path) -> None:
    images = demo._images(WATCH, demo.Figures(send_seconds=1.0), tmp_path)
    assert printed(images).count("│") == 3 * 4
    assert printed(images).endswith(f"as an image: {tmp_path}/queue-depth.svg, {tmp_path}/queue-depth.png\n")


def test_without_what_draws_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "can_draw", lambda: False)
    images = demo._images(WATCH, demo.Figures(send_seconds=1.0), tmp_path)
    assert not images
    assert printed(images).count("│") == 3 * 4
    assert printed(images).endswith("as an image: make demo PICTURE=yes (installs matplotlib)\n")
