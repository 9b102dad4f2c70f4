"""The list of mutants fits the code it breaks, and names each variant that the issue of counting
wants caught.
"""

import collections

import pytest

from tools.common.paths import ROOT
from tools.simulation.mutants.lists import listed
from tools.simulation.mutants.mutant import Mutant

MUTANTS = [mutant for _, mutant in listed()]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_text_to_break_is_there_once(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text()
    assert text.count(mutant.old) == 1, f"{mutant.file} has moved on: bring the mutant {mutant.name!r} up to date"
    assert mutant.new not in (mutant.old, None)
    if mutant.file.endswith(".py"):
        compile(text.replace(mutant.old, mutant.new), mutant.file, "exec")


def test_names_differ() -> None:
    assert [name for name, n in collections.Counter(mutant.name for mutant in MUTANTS).items() if n > 1] == []
    assert len(MUTANTS) >= 15
