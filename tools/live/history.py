"""The last two minutes, in columns, and the times in which something was broken."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

SECONDS, MOST_POINTS = 120.0, 240
DEPTH = ("waiting", "in_flight", "delayed")


@dataclass
class Band:
    """A time in which a fault was on, ms since 1970; it still is where `to` is None."""

    fault: str
    label: str
    since: int
    to: int | None = None

    def plain(self) -> Json:
        """As the page gets it."""
        return {"fault": self.fault, "label": self.label, "from": self.since, "to": self.to}


@dataclass
class History:
    """Snapshots' figures and bands, as far back as SECONDS and MOST_POINTS go."""

    _points: deque[Json] = field(default_factory=lambda: deque(maxlen=MOST_POINTS))
    _bands: list[Band] = field(default_factory=list)

    def add(self, snap: Json) -> None:
        """Take in a snapshot."""
        at = int(snap["at"])
        self._points.append({"at": at, "pipelines": {name: _figures(one) for name, one in snap["pipelines"].items()}})
        while self._points and self._points[0]["at"] < at - SECONDS * 1000:
            self._points.popleft()
        self._see(at, snap["faults"])

    def plain(self) -> Json:
        """As the page gets it, without `instance`."""
        pipelines: Json = {}
        for number, point in enumerate(self._points):
            for name, kinds in point["pipelines"].items():
                for kind, figures in kinds.items():
                    columns = pipelines.setdefault(name, {"depth": {}, "rate": {}, "extra": {}})[kind]
                    for what, value in figures.items():
                        columns.setdefault(what, [None] * len(self._points))[number] = value
        at = [point["at"] for point in self._points]
        return {"at": at, "pipelines": pipelines, "bands": [band.plain() for band in self._bands]}

    def _see(self, at: int, faults: list[Json]) -> None:
        on = {fault["name"]: fault["label"] for fault in faults if fault["on"]}
        for band in self._bands:
            if band.to is None and band.fault not in on:
                band.to = at
        going_on = {band.fault for band in self._bands if band.to is None}
        self._bands += [Band(name, label, at) for name, label in on.items() if name not in going_on]
        self._bands = [band for band in self._bands if band.to is None or band.to >= at - SECONDS * 1000]


def _figures(pipeline: Json) -> Json:
    nodes: Json = pipeline["nodes"]
    return {
        "depth": {name: sum(node[part] for part in DEPTH) for name, node in nodes.items() if "waiting" in node},
        "rate": {name: node["rate"] for name, node in nodes.items() if node.get("rate") is not None},
        "extra": {one["name"]: one["value"] for one in pipeline["extra"]},
    }
