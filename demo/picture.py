"""Queue depth over time: as lines of blocks for a terminal, and as an image."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devcloud.runs import BUILD

BLOCKS = " ▁▂▃▄▅▆▇█"
COLOURS = {"ingest": "#0072b2", "count": "#d55e00", "tick": "#009e73"}


@dataclass(frozen=True)
class Sample:
    """Messages in each queue, `seconds` after the first request."""

    seconds: float
    depths: dict[str, int]


def lines(samples: Sequence[Sample], queue: str, width: int = 72, height: int = 4) -> list[str]:
    """A queue's depth over time as `height` lines of `width` blocks; a column shows the deepest of its time."""
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
    return ["".join(BLOCKS[min(full, max(0, step - full * row))] for step in steps) for row in reversed(range(height))]


def image(samples: Sequence[Sample], sent_seconds: float, folder: Path) -> list[Path]:
    """Draw the depths as queue-depth.svg and queue-depth.png in `folder`."""
    os.environ.setdefault("MPLCONFIGDIR", str(BUILD / "matplotlib"))  # a home folder may be missing or not ours to write in
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 4.2), layout="constrained")
    times = [sample.seconds for sample in samples]
    for queue, colour in COLOURS.items():
        depths = [sample.depths[queue] for sample in samples]
        axes.plot(times, depths, color=colour, label=f"{queue} (most {max(depths)})", linewidth=1.8)
        axes.fill_between(times, depths, color=colour, alpha=0.15)
    axes.axvline(sent_seconds, color="#555555", linestyle="--", linewidth=1)
    axes.annotate("last request", (sent_seconds, axes.get_ylim()[1]), textcoords="offset points", xytext=(4, -12), color="#555555")
    axes.set(xlabel="seconds since the first request", ylabel="messages", title="Queue depth while the votes pipeline takes in a burst")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    paths = [folder / "queue-depth.svg", folder / "queue-depth.png"]
    for path in paths:
        figure.savefig(path, dpi=130)
    plt.close(figure)
    return paths
