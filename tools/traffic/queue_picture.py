"""Queue depth over time: as lines of blocks for a terminal, and as an image."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.common import pictures

BLOCKS = " ▁▂▃▄▅▆▇█"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#999999")


@dataclass(frozen=True)
class Sample:
    """Messages in each queue, `seconds` after the first request."""

    seconds: float
    depths: dict[str, int]


def lines(samples: Sequence[Sample], queue: str, width: int = 72, height: int = 4) -> list[str]:
    """A queue's depth over time as `height` lines of `width` blocks; a column shows the deepest of
    its time.
    """
    columns = [0] * width
    last = samples[-1].seconds or 1.0
    for sample in samples:
        at = min(width - 1, int(sample.seconds / last * width))
        columns[at] = max(columns[at], sample.depths[queue])
    for at in range(1, width):  # a time without a sample looks like the one before
        if not any(min(width - 1, int(sample.seconds / last * width)) == at for sample in samples):
            columns[at] = columns[at - 1]
    most = max(columns) or 1
    steps = [round(depth / most * height * (len(BLOCKS) - 1)) for depth in columns]
    steps = [max(1, step) if depth else 0 for step, depth in zip(steps, columns, strict=True)]
    full = len(BLOCKS) - 1
    return [_row(steps, full * row) for row in reversed(range(height))]


def _row(steps: Sequence[int], below: int) -> str:
    """A line of blocks, each full, empty, or as high as its steps are above those `below`."""
    return "".join(BLOCKS[min(len(BLOCKS) - 1, max(0, step - below))] for step in steps)


def image(
    samples: Sequence[Sample], queues: Sequence[str], sent_seconds: float, title: str, folder: Path
) -> list[Path]:
    """Draw the depths of `queues` as queue-depth.svg and queue-depth.png in `folder`.

    Raises ModuleNotFoundError where matplotlib is not installed (`pictures.can_draw`).
    """
    files = [folder / "queue-depth.svg", folder / "queue-depth.png"]
    with pictures.figure(files, (9, 4.2)) as figure:
        _draw(figure.subplots(), samples, queues, sent_seconds, title)
    return files


def _draw(axes: Any, samples: Sequence[Sample], queues: Sequence[str], sent_seconds: float, title: str) -> None:
    times = [sample.seconds for sample in samples]
    for queue, colour in zip(queues, itertools.cycle(COLOURS), strict=False):
        depths = [sample.depths[queue] for sample in samples]
        axes.plot(times, depths, color=colour, label=f"{queue} (most {max(depths)})", linewidth=1.8)
        axes.fill_between(times, depths, color=colour, alpha=0.15)
    axes.axvline(sent_seconds, color="#555555", linestyle="--", linewidth=1)
    axes.annotate(
        "last request", (sent_seconds, axes.get_ylim()[1]), textcoords="offset points", xytext=(4, -12), color="#555555"
    )
    axes.set(
        xlabel="seconds since the first request",
        ylabel="messages",
        title=title,
    )
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
