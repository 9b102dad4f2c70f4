"""What `make bench` does, whatever is benched: count, time, compare, write."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench import dollars, report
from tools.bench.report import Table
from tools.common.commands import CommandParser
from tools.common.paths import BUILD

Json = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """A pipeline's part.

    `count` gets whether all is wanted that takes long, `clock` the number of paired rounds; `draw`
    makes the `pictures` of what was counted, in a folder.
    """

    folder: Path
    count: Callable[[bool], Json]
    clock: Callable[[int], Json]
    tables: Callable[[Json], Iterable[Table]]
    draw: Callable[[Json, Path], None]
    pictures: tuple[str, ...]


def main(bench: Bench, description: str | None) -> int:
    """Run the bench; 0 when it ran, whichever targets are met."""
    parser = CommandParser(prog="bench", description=description)
    parser.add_switch("FULL", about="what takes long, too")
    parser.add_variable("ROUNDS", int, 5, about="paired rounds of the timed figures")
    parser.add_argument(
        "--only", choices=("counted", "timed"), help="count or time again, and keep the other half of the last run"
    )
    parser.set_defaults(work=lambda options: _run(bench, options))
    return parser.run()


def _run(bench: Bench, options: argparse.Namespace) -> int:
    """Everything, one after the other."""
    file = bench.folder / "bench.json"
    # the other half stays as it was
    result: Json = json.loads(file.read_text()) if options.only and file.exists() else {}
    result |= {"python": platform.python_version(), "prices": dollars.prices()["read_on"]}
    if options.only != "timed":
        result["counted"] = bench.count(options.full)
    if options.only != "counted":
        result["timed"] = bench.clock(options.rounds)
    bench.folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(result, indent=1) + "\n")
    if "counted" in result:
        bench.draw(result["counted"], bench.folder)
    measured = f"Python {result['python']}; list prices of {result['prices']}"
    introduction = f"{measured}; timed figures hold for this machine and this run only."
    report.write("Bench", introduction, bench.tables(result), bench.folder / "report.md")
    report.show(bench.tables(result))
    print(f"written: {bench.folder.relative_to(BUILD.parent)}/report.md, {', '.join(['bench.json', *bench.pictures])}")
    return 0


def say(text: str) -> None:
    """A line of progress."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
