"""The pipelines' lists of mutants: `tools/simulation/<pipeline>/mutants_of_*.py`."""

import importlib
from collections.abc import Iterator
from pathlib import Path

from tools.simulation.mutants.mutant import Mutant

SIMULATION = Path(__file__).parents[1]
PACKAGE = "tools.simulation"


def listed() -> Iterator[tuple[str, Mutant]]:
    """Every mutant, with the package whose histories try it ("tools.simulation.votes")."""
    for file in sorted(SIMULATION.glob("*/mutants_of_*.py")):
        package = f"{PACKAGE}.{file.parent.name}"
        for mutant in importlib.import_module(f"{package}.{file.stem}").MUTANTS:
            yield package, mutant
