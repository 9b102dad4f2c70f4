"""Calls a second beside what is permitted, above the queues' depths: in blocks and as an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.common import pictures
from tools.traffic import queue_picture
from tools.traffic.harvest.rates import Permitted
from tools.traffic.queue_picture import COLOURS, Sample

BIN_SECONDS = 1.0


def rates(arrivals: Sequence[float], began: float, seconds: float) -> list[Sample]:
    """Calls in each second since `began`, as samples of a thing named "calls"."""
    made = [0] * (int(seconds / BIN_SECONDS) + 1)
    for at in arrivals:
        place = int((at - began) / BIN_SECONDS)
        if 0 <= place < len(made):
            made[place] += 1
    return [Sample(place * BIN_SECONDS, {"calls": number}) for place, number in enumerate(made)]


def lines(calls: Sequence[Sample], depths: Sequence[Sample], queues: Sequence[str]) -> list[str]:
    """The same in blocks, for a terminal."""
    drawn = []
    for name, samples in [("calls", calls), *((queue, depths) for queue in queues)]:
        most = max(sample.depths[name] for sample in samples)
        for row, blocks in enumerate(queue_picture.lines(samples, name)):
            label = f"{name + (' a s' if name == 'calls' else ''):>9} {most:>5} " if row == 0 else " " * 16
            drawn.append(f"{label}│{blocks}")
    return drawn


def image(
    calls: Sequence[Sample],
    depths: Sequence[Sample],
    queues: Sequence[str],
    permitted: Permitted,
    began: float,
    marks: Mapping[str, float],
    folder: Path,
) -> list[Path]:
    """Draw both as harvest.svg and harvest.png in `folder`; `marks`: what was done, seconds since
    `began`.

    Raises ModuleNotFoundError where matplotlib is not installed (`pictures.can_draw`).
    """
    files = [folder / "harvest.svg", folder / "harvest.png"]
    with pictures.figure(files, (9, 6)) as figure:
        upper, lower = figure.subplots(2, 1, sharex=True)
        _calls(upper, calls, permitted, began, marks)
        _depths(lower, depths, queues)
    return files


def _calls(axes: Any, calls: Sequence[Sample], permitted: Permitted, began: float, marks: Mapping[str, float]) -> None:
    times = [sample.seconds for sample in calls]
    axes.step(times, [sample.depths["calls"] for sample in calls], where="post", color=COLOURS[0], label="calls made")
    allowed = [permitted.at(began + at) for at in times]
    axes.step(times, allowed, where="post", color=COLOURS[1], linestyle="--", label="permitted")
    axes.set(ylabel="calls a second", title="A harvest at the rate that its vendor permits")
    axes.set_ylim(bottom=0, top=1.45 * max([1.0, *allowed]))
    for number, (what, at) in enumerate(sorted(marks.items(), key=lambda mark: mark[1])):
        axes.axvline(at, color="#555555", linestyle=":", linewidth=1)
        offset = (3, -10 - 11 * (number % 3))
        top = (at, axes.get_ylim()[1])
        axes.annotate(what, top, textcoords="offset points", xytext=offset, color="#555555", fontsize=8)
    axes.legend(frameon=False, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)


def _depths(axes: Any, depths: Sequence[Sample], queues: Sequence[str]) -> None:
    times = [sample.seconds for sample in depths]
    for queue, colour in zip(queues, COLOURS, strict=False):
        deep = [sample.depths[queue] for sample in depths]
        axes.plot(times, deep, color=colour, label=f"{queue} (most {max(deep)})", linewidth=1.5)
    axes.set(xlabel="seconds since the run was started", ylabel="messages in queues")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
