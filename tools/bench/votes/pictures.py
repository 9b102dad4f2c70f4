"""The pictures: costs stacked by service, units against rate, growth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.bench.dollars import SERVICES
from tools.common import pictures

Json = dict[str, Any]
COLOURS = {
    "API": "#999999",
    "Lambda": "#e69f00",
    "SQS": "#0072b2",
    "DynamoDB": "#d55e00",
    "Logs": "#009e73",
    "Access logs": "#cccccc",
    "Data out": "#555555",
    "Storage": "#cc79a7",
}


def draw(found: Json, folder: Path) -> None:
    """Draw costs.svg, rates.svg and growth.svg into `folder`."""
    for name, picture in (("costs", _costs), ("rates", _rates), ("growth", _growth)):
        with pictures.figure([folder / f"{name}.svg"], (9, 4.6)) as figure:
            picture(figure, found)


def _costs(figure: Any, found: Json) -> None:
    """A group of bars for one, ten and a hundred ballots a request; a bar a design."""
    panels = figure.subplots(1, 3, sharey=True)
    for axes, a_request in zip(panels, (1, 10, 100), strict=True):
        flows = {
            name.rsplit(", ", 1)[0]: one["costs"]
            for name, one in found["flows"].items()
            if name.endswith(f", {a_request}")
        }
        below = [0.0] * len(flows)
        for service in SERVICES:
            heights = [costs[service] for costs in flows.values()]
            axes.bar(range(len(flows)), heights, bottom=below, color=COLOURS[service], label=service)
            below = [low + high for low, high in zip(below, heights, strict=True)]
        for index, total in enumerate(below):
            axes.annotate(f"{total:.2f}", (index, total), ha="center", va="bottom", fontsize=8)
        axes.set_xticks(range(len(flows)), [name.replace(", ", ",\n") for name in flows], rotation=60, fontsize=8)
        axes.set_title(f"{a_request} a request", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("dollars a million ballots")
    panels[-1].legend(frameon=False, fontsize=8)


def _rates(figure: Any, found: Json) -> None:
    axes = figure.subplots()
    for environment, rates in found["rates"].items():
        points = sorted((float(rate), one["write_units"]) for rate, one in rates.items())
        axes.plot(*zip(*points, strict=True), marker="o", label=environment)
    axes.axhline(1, color="#999999", linestyle="--", linewidth=1)
    axes.set(xscale="log", xlabel="ballots a second", ylabel="write units a ballot", ylim=(0, None))
    axes.legend(frameon=False)


def _growth(figure: Any, found: Json) -> None:
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, name, label in ((left, "growth", "ballots already counted"), (right, "titles", "titles voted on")):
        points = sorted((max(1, int(n)), one["write_units"], one["read_units"]) for n, one in found[name].items())
        axes.plot([n for n, _, _ in points], [writes for _, writes, _ in points], marker="o", label="write units")
        axes.plot([n for n, _, _ in points], [reads for _, _, reads in points], marker="s", label="read units")
        axes.set(xscale="log", xlabel=label, ylim=(0, None))
        axes.spines[["top", "right"]].set_visible(False)
    left.set_ylabel("units a ballot")
    left.legend(frameon=False)
