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

from devcloud.runs import BUILD
from tests.faults.mutants import of_counting, of_queues
from tests.faults.mutants.mutant import Stale
from tests.faults.mutants.trial import Trial, attempt

MUTANTS = (*of_counting.MUTANTS, *of_queues.MUTANTS)


def main() -> int:
    """Try them all, or those whose names hold `--only`; 1 when one survives or the list is out of date."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--histories", type=int, default=3_000, help="at most so many a mutant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a part of the names of those to try")
    options = parser.parse_args()
    chosen = [mutant for mutant in MUTANTS if options.only in mutant.name]
    console = Console(width=None if sys.stdout.isatty() else 140)
    began = time.monotonic()
    trials: list[Trial] = []
    out_of_date: list[str] = []
    with Progress(console=console, transient=True) as progress, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        task = progress.add_task("mutants", total=len(chosen))
        for future in as_completed([pool.submit(attempt, mutant, options.histories, options.seed) for mutant in chosen]):
            try:
                trials.append(future.result())
                progress.console.print(f"{trials[-1].mutant.name}: {trials[-1].caught_by or 'survived'}", highlight=False, soft_wrap=True)
            except (Stale, RuntimeError) as error:
                out_of_date.append(str(error))
            progress.advance(task)
    trials.sort(key=lambda trial: chosen.index(trial.mutant))
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
        table.add_row(trial.mutant.name, trial.caught_by or "[red]nothing[/red]", trial.said[:56], f"{trial.seconds:.0f}")
    return table


def _keep(trials: Iterable[Trial]) -> None:
    """The outcome as JSON, for whoever compares two runs."""
    folder = BUILD / "faults"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{"mutant": t.mutant.name, "caught_by": t.caught_by, "said": t.said, "seconds": round(t.seconds, 1)} for t in trials]
    (folder / "mutants.json").write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
