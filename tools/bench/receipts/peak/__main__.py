"""`python -m tools.bench.receipts.peak`: what `make rehearse-peak` calls."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial

from rich.console import Console

from tools.bench.receipts.peak import report
from tools.bench.receipts.peak.curve import Curve
from tools.bench.receipts.peak.rehearse import World
from tools.common import private
from tools.common.commands import CommandParser
from tools.common.console import step_printer
from tools.common.errors import CommandError
from tools.local_cloud import emulator
from tools.local_cloud.exclusive import exclusive_run
from tools.local_cloud.receipts.pipeline import ROLE, database
from tools.local_cloud.runs import Run
from tools.traffic.receipts import deliveries

ROWS_A_MINUTE = 12_000  # a January is as long as this makes it, unless MINUTES says
LEAST_ROWS, LANES = 200, 2
LEAST_A_SECOND = 20  # rows that must get on, whatever else the machine does: with less it is given up
FOLDER = "peak"


def main() -> int:
    """Rehearse; 0 when the lanes delivered every row once, within cap and budget."""
    parser = CommandParser(prog="rehearse-peak", description=__doc__)
    parser.add_variable("ROWS", int, 20_000, about="rows of the January")
    parser.add_variable("MINUTES", float, about="how long its January lasts here")
    parser.add_variable("LANES", int, LANES, about="lanes, each one connection")
    parser.add_switch("YEAR", about="a year in virtual time, away for three weeks of it")
    parser.set_defaults(work=_work)
    return parser.run()


def _work(options: argparse.Namespace) -> int:
    if options.year:
        return _year()
    if options.rows < LEAST_ROWS or not 1 <= options.lanes <= 4:
        raise CommandError(f"ROWS is at least {LEAST_ROWS}, and LANES from 1 to 4")
    seconds = 60 * (options.minutes or options.rows / ROWS_A_MINUTE)
    console, run, curve = Console(), Run.named(FOLDER), Curve(options.rows, max(10.0, seconds))
    with exclusive_run(run):
        say = step_printer(console)
        say("a database with ten connections, and the emulator's queues")
        emulator.start(run)
        premises = database(run)
        bound = 60 + curve.seconds + options.rows / LEAST_A_SECOND
        world = World(run, premises, curve, bound, partial(_progress, console))
        say(f"January in {curve.seconds:.0f} s: {curve.rows:,} rows, {curve.peak:.0f} a second at most; by lanes")
        lanes = world.by_lanes(options.lanes)
        say("the same by functions with a connection each")
        direct = world.by_functions()
    found = {"lanes": report.plain(lanes, ROLE), "direct": report.plain(direct, ROLE)}
    report.show(console, found["lanes"], found["direct"], curve, options.lanes)
    for name, result in ((report.LANES, lanes), (report.DIRECT, direct)):
        console.print(f"\n{name}, over {len(result.seen.seconds_of())} s")
        for line in deliveries.lines(result.seen):
            console.print(line, highlight=False, no_wrap=True, overflow="crop")
    images = report.draw(lanes, direct, options.lanes, run.folder)
    console.print(f"as an image: {', '.join(map(str, images)) or 'matplotlib is not installed'}", soft_wrap=True)
    private.write(run.folder / "found.json", json.dumps(found, indent=2) + "\n")
    wrong = list(report.problems(found["lanes"], options.lanes, options.rows))
    for problem in wrong:
        console.print(f"[red]WRONG[/red]  {problem}", highlight=False, soft_wrap=True)
    console.print(
        f"balance: {options.rows:,} rows − {found['lanes']['rows']:,} in the database = "
        f"{options.rows - found['lanes']['rows']}; connections {found['lanes']['peak_connections']} of "
        f"{options.lanes}; {len(wrong)} problems",
        highlight=False,
        soft_wrap=True,
    )
    return 1 if wrong else 0


def _year() -> int:
    from tools.simulation.receipts.whole_year import whole_year  # needs what tests need

    print(whole_year().line())
    return 0


def _progress(console: Console, line: str) -> None:
    if console.is_terminal:
        console.print(line, end="\r", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
