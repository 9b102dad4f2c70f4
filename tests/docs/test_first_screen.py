"""What a newcomer sees first: `make` alone, and the first screen of the README."""

from __future__ import annotations

import re
import subprocess

from tests.support.makefile import TARGETS
from tools.common.paths import ROOT


def test_make_alone_is_five_groups_of_short_lines_and_help_tells_the_variables() -> None:
    def said(*words: str) -> str:
        done = subprocess.run(["make", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout

    listed = said()
    assert [line for line in listed.splitlines() if len(line) > 78] == []
    assert listed.count("\n\n") == 5
    assert set(re.findall(r"^  ([a-z-]+) ", listed, re.MULTILINE)) == set(TARGETS)
    assert "REASON, QUARANTINE" in said("help-redrive")
