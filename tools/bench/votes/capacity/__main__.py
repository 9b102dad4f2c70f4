"""`python -m tools.bench.votes.capacity`: what `make capacity` calls.

Writes build/capacity/<environment>-<load>.json and .svg.
"""

from __future__ import annotations

import argparse
import json
import re
import sys

from tools.bench import report as tables
from tools.bench.votes.capacity import by_rate, choice_text, choose, curves, durations, picture, report, settings
from tools.bench.votes.capacity.entrances import ASKS
from tools.bench.votes.capacity.model import Model
from tools.common.commands import CommandParser
from tools.common.errors import CommandError
from tools.common.paths import BUILD
from tools.environment.names import DEPLOYED
from votes.settings import MOST_BALLOTS

FOLDER = BUILD / "capacity"


def main() -> int:
    """Run the model; 0 when it ran, whatever came out."""
    parser = CommandParser(prog="capacity", description=__doc__)
    parser.add_variable("ENV", default="prod", about="whose sizing")
    parser.add_variable(
        "LOAD",
        default="step",
        about="step[:PEAK], daily[:PEAK], steady:RATE, rates, or a CSV (seconds,ballots_per_second)",
    )
    parser.add_variable("A_REQUEST", int, 1, about=f"ballots a request, 1 to {MOST_BALLOTS}")
    parser.add_variable("SLOW", float, 1.0, about="times the assumed latencies of AWS's services")
    parser.add_variable("SET", default="", about="name=number, as many as wanted: instead of a plan's or a quota's")
    parser.add_switch("CHOOSE", about="name the cheapest sizing that takes the load, to paste")
    parser.add_variable("ASK", default="", about="what its entrance gives: token waf domain; default the plan's")
    parser.set_defaults(work=_capacity)
    return parser.run()


def _capacity(options: argparse.Namespace) -> int:
    if options.choose:
        return chosen(options.env, options.load, options.a_request, options.set.split(), options.ask.split())
    return capacity(options.env, options.load, options.a_request, options.set.split(), options.slow)


def capacity(environment: str, load: str, a_request: int, changes: list[str], slow: float = 1.0) -> int:
    """One run: prints, writes, draws."""
    _check(environment, a_request)
    if not slow > 0:
        raise CommandError(f"SLOW={slow}: it is a factor, above 0")
    chosen = settings.planned(environment).changed(changes)
    if load == "rates":
        found = by_rate.table(chosen, a_request, slow)
        FOLDER.mkdir(parents=True, exist_ok=True)
        tables.write(found.title, "By `make capacity LOAD=rates`.", [found], FOLDER / f"{environment}-rates.md")
        tables.show([found])
        return 0
    curve = curves.named(load)
    run = Model(chosen, durations.measured(chosen, a_request, slow), curve).run()
    summary = report.summary(run) | {"changed": changes, "slow": slow}
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-z0-9]+", "-", f"{environment}-{load}-{a_request}{'-changed' if changes else ''}".lower())
    (FOLDER / f"{name}.json").write_text(json.dumps(summary, indent=1) + "\n")
    picture.draw(summary, FOLDER / f"{name}.svg")
    print(report.as_text(summary))
    print(f"written: build/capacity/{name}.json, {name}.svg")
    return 0


def chosen(environment: str, load: str, a_request: int, changes: list[str], ask: list[str]) -> int:
    """The cheapest sizing for a load: prints it."""
    _check(environment, a_request)
    if unknown := set(ask) - set(ASKS):
        raise CommandError(f"ASK={' '.join(sorted(unknown))}: it is of {', '.join(ASKS)}")
    sized = settings.planned(environment).changed(changes)
    asked = frozenset(ask) or settings.asks(environment)
    print(choice_text.as_text(choose.choose(sized, curves.named(load), a_request, asked), asked))
    return 0


def _check(environment: str, a_request: int) -> None:
    if environment not in DEPLOYED:
        raise CommandError(f"ENV={environment} has no sizing for AWS: ENV is one of {', '.join(DEPLOYED)}")
    if not 1 <= a_request <= MOST_BALLOTS:
        raise CommandError(f"A_REQUEST={a_request}: a request has 1 to {MOST_BALLOTS} ballots")


if __name__ == "__main__":
    sys.exit(main())
