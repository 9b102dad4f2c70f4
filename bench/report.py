"""The result as tables: in the terminal, and as report.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table as RichTable

from bench.dollars import SERVICES
from bench.figures import UNITS

Json = dict[str, Any]


class Table(NamedTuple):
    """A table: its title, what stands above its columns, its rows."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def write(found: Json, folder: Path) -> None:
    """Write report.md into `folder`."""
    lines = [
        "# Bench",
        "",
        f"Python {found['python']}; list prices of {found['prices']}; timed figures hold for this machine and this run only.",
        "",
    ]
    for table in tables(found):
        lines += [f"## {table.title}", "", _row(table.head), _row(["---"] * len(table.head)), *map(_row, table.rows), ""]
        if table.title.startswith("Dollars"):
            lines += ["![costs by service](costs.svg)", ""]
        if table.title.startswith("Growth"):
            lines += ["![units by rate](rates.svg)", "", "![growth](growth.svg)", ""]
    (folder / "report.md").write_text("\n".join(lines))


def show(found: Json) -> None:
    """The tables, in the terminal."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    for table in tables(found):
        shown = RichTable(title=table.title, title_justify="left")
        for place, name in enumerate(table.head):
            shown.add_column(name, justify="right" if place else "left", no_wrap=not place)
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)


def tables(found: Json) -> Iterator[Table]:
    """Every table of the result."""
    chosen = [one for half in ("counted", "timed") for one in found.get(half, {}).get("targets", ())]
    yield Table("Targets", ("figure", "measured", "limit", ""), [_target(one) for one in chosen])
    if "counted" in found:
        yield from _counted(found["counted"])
    if "timed" in found:
        yield from _timed(found["timed"])


def _counted(found: Json) -> Iterator[Table]:
    flows = found["flows"]
    heads = ("design, ballots a request", *SERVICES, "behind the API", "total", "API's share")
    yield Table(
        "Dollars a million ballots", heads, [[name, *(f"{one['costs'][head]:.3f}" for head in heads[1:])] for name, one in flows.items()]
    )
    yield Table("Units a ballot", ("design, ballots a request", *UNITS), [_units(name, one) for name, one in flows.items()])
    yield Table(
        "Sluice's tables, 100,000 ballots that wait", ("ids, epoch", *UNITS), [_units(name, one) for name, one in found["table"].items()]
    )
    rates = [_units(f"{where}, {rate} a second", one) for where, each in found["rates"].items() for rate, one in each.items()]
    yield Table("Units against rate", ("environment, rate", *UNITS), rates)
    titles = [_units(f"{n} titles", one) for n, one in found["titles"].items()]
    yield Table("Titles: 20,000 ballots, one epoch", ("titles", *UNITS), titles)
    grown = [[*_units(f"after {n}", one), str(one["cpu_us"])] for n, one in found["growth"].items()]
    yield Table("Growth: the next 1,000 ballots, an epoch of their own", ("ballots before", *UNITS, "CPU µs"), grown)
    wrong = [[name, str(one["votes"]), str(one["alone"]), str(one["redelivered"])] for name, one in found["miscounts"].items()]
    yield Table("Votes counted wrong, 2,000 ballots at 100 a second", ("design", "votes", "each batch once", "5 % of batches twice"), wrong)
    kinds = [*found["idle"]["prod"]]
    idle = [[name, *(f"{one[kind]:.2f}" for kind in kinds)] for name, one in found["idle"].items()]
    yield Table("Idle, dollars in 30 days", ("environment", *kinds), idle)


def _timed(found: Json) -> Iterator[Table]:
    rows = [[name, f"{number:.1f}", f"{1e6 / number:,.0f}"] for name, number in found["median"].items() if not name.startswith("over")]
    yield Table("CPU a ballot (median of the rounds)", ("function", "µs", "ballots a second a core"), rows)
    over = [[name.removeprefix("over the floor: "), f"{number:.2f}"] for name, number in found["median"].items() if name.startswith("over")]
    for a_request in (1, 10, 100):
        ratio = found["median"][f"answered receive, {a_request} a request"] / found["median"][f"floor receive, {a_request} a request"]
        over.append([f"receive, {a_request} a request", f"{ratio:.2f}"])
    yield Table("Over the floor: parsing the JSON and making the calls, nothing else", ("function", "times"), over)
    heads = [*next(iter(found["cold"].values()))]
    yield Table("Cold start", ("function", *heads), [[name, *(f"{one[head]:,}" for head in heads)] for name, one in found["cold"].items()])


def _units(name: str, one: Json) -> list[str]:
    return [name, *(f"{one[unit]:.4g}" for unit in UNITS)]


def _target(one: Json) -> list[str]:
    sign = "≥" if one["at_least"] else "≤"
    return [one["what"], f"{one['figure']:.3f}", f"{sign} {one['limit']:.3f}", "met" if one["met"] else "NOT MET"]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
