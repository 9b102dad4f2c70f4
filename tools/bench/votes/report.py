"""The tables of a result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tools.bench.dollars import SERVICES
from tools.bench.report import Table
from tools.bench.votes.figures import UNITS

Json = dict[str, Any]


def tables(found: Json) -> Iterator[Table]:
    """Every table of the result."""
    chosen = []
    for half in ("counted", "timed"):
        chosen += found.get(half, {}).get("targets", ())
    yield Table("Targets", ("figure", "measured", "limit", ""), [_target(one) for one in chosen])
    if "counted" in found:
        yield from _counted(found["counted"])
    if "timed" in found:
        yield from _timed(found["timed"])


def _counted(found: Json) -> Iterator[Table]:
    flows = found["flows"]
    heads = ("design, ballots a request", *SERVICES, "behind the API", "total", "API's share")
    yield Table(
        "Dollars a million ballots",
        heads,
        [_cells(name, one["costs"], heads[1:], ".3f") for name, one in flows.items()],
        [("costs by service", "costs.svg")],
    )
    yield Table(
        "Units a ballot", ("design, ballots a request", *UNITS), [_units(name, one) for name, one in flows.items()]
    )
    yield Table(
        "Sluice's tables, 100,000 ballots that wait",
        ("ids, epoch", *UNITS),
        [_units(name, one) for name, one in found["table"].items()],
    )
    rates = []
    for environment, by_rate in found["rates"].items():
        rates += [_units(f"{environment}, {rate} a second", one) for rate, one in by_rate.items()]
    yield Table("Units against rate", ("environment, rate", *UNITS), rates)
    titles = [_units(f"{n} titles", one) for n, one in found["titles"].items()]
    yield Table("Titles: 20,000 ballots, one epoch", ("titles", *UNITS), titles)
    grown = [[*_units(f"after {n}", one), str(one["cpu_us"])] for n, one in found["growth"].items()]
    yield Table(
        "Growth: the next 1,000 ballots, an epoch of their own",
        ("ballots before", *UNITS, "CPU µs"),
        grown,
        [("units by rate", "rates.svg"), ("growth", "growth.svg")],
    )
    yield _miscounts(found["miscounts"])
    lines = [_cells(name, one, ["dollars"], ".3f") for name, one in found.get("access_logs", {}).items()]
    yield Table("Access logs, beside the above: a million requests", ("environment", "dollars"), lines)
    kinds = [*found["idle"]["prod"]]
    idle = [_cells(name, one, kinds, ".2f") for name, one in found["idle"].items()]
    yield Table("Idle, dollars in 30 days", ("environment", *kinds), idle)


def _miscounts(found: Json) -> Table:
    return Table(
        "Votes counted wrong, 2,000 ballots at 100 a second",
        ("design", "votes", "each batch once", "5 % of batches twice"),
        [[name, str(one["votes"]), str(one["alone"]), str(one["redelivered"])] for name, one in found.items()],
    )


def _timed(found: Json) -> Iterator[Table]:
    rows = [
        [name, f"{number:.1f}", f"{1e6 / number:,.0f}"]
        for name, number in found["median"].items()
        if not name.startswith("over")
    ]
    yield Table("CPU a ballot (median of the rounds)", ("function", "µs", "ballots a second a core"), rows)
    over = [
        [name.removeprefix("over the floor: "), f"{number:.2f}"]
        for name, number in found["median"].items()
        if name.startswith("over")
    ]
    for a_request in (1, 10, 100):
        ratio = (
            found["median"][f"answered receive, {a_request} a request"]
            / found["median"][f"floor receive, {a_request} a request"]
        )
        over.append([f"receive, {a_request} a request", f"{ratio:.2f}"])
    yield Table("Over the floor: parsing the JSON and making the calls, nothing else", ("function", "times"), over)
    heads = [*next(iter(found["cold"].values()))]
    yield Table(
        "Cold start",
        ("function", *heads),
        [_cells(name, one, heads, ",") for name, one in found["cold"].items()],
    )


def _units(name: str, one: Json) -> list[str]:
    return _cells(name, one, UNITS, ".4g")


def _cells(name: str, one: Json, keys: Sequence[str], form: str) -> list[str]:
    return [name, *(format(one[key], form) for key in keys)]


def _target(one: Json) -> list[str]:
    sign = "≥" if one["at_least"] else "≤"
    return [one["what"], f"{one['figure']:.3f}", f"{sign} {one['limit']:.3f}", "met" if one["met"] else "NOT MET"]
