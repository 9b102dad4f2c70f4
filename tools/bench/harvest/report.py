"""The tables of the harvest's bench: every design, and where ours is not first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.bench import dollars
from tools.bench.report import Table

OURS = "harvest"
TRANSITIONS = 3  # a call, of a distributed map's items

Json = dict[str, Any]
# what is compared: its name, how it is had, whether less is better, and by how much two are level
COLUMNS: dict[str, tuple[str, bool, float]] = {
    "lost": ("lost", True, 0.0),
    "throttled": ("429s", True, 0.0),
    "repeated": ("repeated", True, 0.0),
    "share": ("achieved ÷ permitted", False, 0.005),
    "share_without_gap": ("the same without the kill's gap", False, 0.005),
    "small_seconds": ("small group, s", True, 0.5),
    "dollars": ("dollars", True, 0.0),
}


def paid(units: Mapping[str, float]) -> float:
    """Dollars of what a design used."""
    return sum(dollars.by_service(units).values())


def firsts(counted: Mapping[str, Json]) -> dict[str, list[str]]:
    """By column, who is first, or level with the first."""
    found = {}
    for name, (_, less, level) in COLUMNS.items():
        values = {design: one[name] for design, one in counted.items()}
        best = min(values.values()) if less else max(values.values())
        found[name] = [design for design, value in values.items() if abs(value - best) <= level]
    return found


def tables(result: Json) -> Iterator[Table]:
    """All of them."""
    counted: Mapping[str, Json] = result.get("counted", {}).get("designs", {})
    if not counted:
        return
    first = firsts(counted)
    head = ["design", "calls", "seconds", *(text for text, *_ in COLUMNS.values())]
    rows = [_row(design, one, first) for design, one in counted.items()]
    yield Table("One vendor, one limit, one kill", head, rows)
    yield Table("Ours, by what it is first or level in", ["", "ours", "first", ""], list(_beside(counted, first)))
    yield Table("On paper", ["design", "dollars"], [["Step Functions, distributed map", f"{on_paper(counted):.3f}"]])


def on_paper(counted: Mapping[str, Json]) -> float:
    """Dollars of a distributed map of as many calls."""
    calls: int = counted[OURS]["calls"]
    return TRANSITIONS * calls * dollars.price("state_transitions")


def _row(design: str, one: Json, first: Mapping[str, list[str]]) -> list[str]:
    cells = [design, f"{one['calls']:,}", f"{one['seconds']:.0f}"]
    for name in COLUMNS:
        text = _text(name, one[name])
        cells.append(f"**{text}**" if design in first[name] else text)
    return cells


def _beside(counted: Mapping[str, Json], first: Mapping[str, list[str]]) -> Iterator[list[str]]:
    for name, (text, *_) in COLUMNS.items():
        best = first[name][0]
        is_first = OURS in first[name]
        told = "first or level" if is_first else f"**not**: {best}"
        yield [text, _text(name, counted[OURS][name]), _text(name, counted[best][name]), told]


def _text(name: str, value: float) -> str:
    if name in ("lost", "throttled", "repeated"):
        return f"{value:,}"
    if value == float("inf"):
        return "never"
    return f"{value:.1f}" if name == "small_seconds" else f"{value:.3f}"
