"""The picture of a run: load, ballots on their way, age, concurrency."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.common import pictures

Json = dict[str, Any]
PANELS = (
    ("ballots a second", {"offered": "#999999", "accepted": "#0072b2"}),
    ("ballots on their way", {"ingest": "#0072b2", "count": "#e69f00", "journal": "#009e73"}),
    ("oldest not counted, s", {"oldest": "#d55e00"}),
    ("functions at once", {"receive": "#999999", "process": "#0072b2", "write": "#e69f00", "tally": "#009e73"}),
)


def draw(summary: Json, file: Path) -> None:
    """Draw the samples of a run's summary."""
    with pictures.figure([file], (9, 8)) as figure:
        _panels(figure, summary)


def _panels(figure: Any, summary: Json) -> None:
    samples = summary["samples"]
    hours = samples[-1]["at"] > 7_200
    times = [sample["at"] / (3_600 if hours else 1) for sample in samples]
    panels = figure.subplots(len(PANELS), 1, sharex=True)
    for axes, (label, series) in zip(panels, PANELS, strict=True):
        for name, colour in series.items():
            axes.plot(times, [sample[name] for sample in samples], color=colour, label=name, linewidth=1.2)
        axes.set_ylabel(label, fontsize=9)
        axes.set_ylim(0, None)
        axes.spines[["top", "right"]].set_visible(False)
        if len(series) > 1:
            axes.legend(frameon=False, fontsize=8, loc="upper right")
    panels[0].set_title(
        f"{summary['environment']}: {summary['load']}; bottleneck: {summary['bottleneck'] or 'none'}", fontsize=10
    )
    panels[-1].set_xlabel("hours" if hours else "seconds")
