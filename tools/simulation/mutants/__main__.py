"""`make mutants`: every broken variant must be caught; prints by which check."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tools.common.commands import CommandParser
from tools.common.paths import BUILD
from tools.simulation.mutants.lists import listed
from tools.simulation.mutants.mutant import Stale
from tools.simulation.mutants.trial import Trial, attempt


def main() -> int:
    """Run the command."""
    parser = CommandParser(prog="mutants", description=__doc__)
    parser.add_variable("HISTORIES", int, 3_000, about="at most so many a mutant")
    parser.add_variable("SEED", int, 1)
    parser.add_variable("ONLY", default="", about="a part of the names of those to try")
    parser.add_variable("PIPELINE", default="", about="try the mutants of this one alone")
    parser.set_defaults(work=_mutants)
    return parser.run()


def _mutants(options: argparse.Namespace) -> int:
    """Try those asked for; 1 when one survives or the list is out of date."""
    wanted = options.pipeline or None
    of_pipeline = [(package, one) for package, one in listed() if wanted in (None, package.rsplit(".", 1)[-1])]
    chosen = [(package, mutant) for package, mutant in of_pipeline if options.only in mutant.name]
    console = Console(width=None if sys.stdout.isatty() else 140)
    began = time.monotonic()
    trials: list[Trial] = []
    out_of_date: list[str] = []
    with Progress(console=console, transient=True) as progress, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        task = progress.add_task("mutants", total=len(chosen))
        running = [pool.submit(attempt, *one, options.histories, options.seed) for one in chosen]
        for future in as_completed(running):
            try:
                trials.append(future.result())
                said = f"{trials[-1].mutant.name}: {trials[-1].caught_by or 'survived'}"
                progress.console.print(said, highlight=False, soft_wrap=True)
            except (Stale, RuntimeError) as error:
                out_of_date.append(str(error))
            progress.advance(task)
    order = [mutant for _, mutant in chosen]
    trials.sort(key=lambda trial: order.index(trial.mutant))
    console.print(_table(trials))
    _keep(trials)
    survivors = [trial.mutant.name for trial in trials if trial.caught_by is None]
    caught = len(trials) - len(survivors)
    console.print(f"{caught} of {len(chosen)} mutants caught in {time.monotonic() - began:.0f} s (seed {options.seed})")
    for problem in [*(f"survived: {name}" for name in survivors), *out_of_date]:
        console.print(problem, style="red", highlight=False, soft_wrap=True)
    return 1 if survivors or out_of_date or not chosen else 0


def _table(trials: Iterable[Trial]) -> Table:
    table = Table("mutant", "caught by", "which said", "s")
    for trial in trials:
        table.add_row(
            trial.mutant.name, trial.caught_by or "[red]nothing[/red]", trial.said[:56], f"{trial.seconds:.0f}"
        )
    return table


def _keep(trials: Iterable[Trial]) -> None:
    """The outcome as JSON, for whoever compares two runs."""
    folder = BUILD / "faults"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"mutant": t.mutant.name, "caught_by": t.caught_by, "said": t.said, "seconds": round(t.seconds, 1)}
        for t in trials
    ]
    (folder / "mutants.json").write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
