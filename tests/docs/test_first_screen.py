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


def test_a_variable_of_no_target_is_refused_and_not_ignored() -> None:
    def said(name: str) -> tuple[int, str]:
        done = subprocess.run(["make", "help-up", f"{name}=x"], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    code, told = said("BALOTS")
    assert (code, "BALOTS=… is of no target" in told, "make try" in told) == (2, True, False)
    assert "`make try DIR=…`" in said("STACK")[1]
    assert {said(name)[0] for name in ("BALLOTS", "AWS_PROFILE", "MAKECMDGOALS", "PYTHON")} == {0}


def test_the_figures_of_the_first_screen_are_those_of_the_recorded_bench() -> None:
    first, recorded = (ROOT / "README.md").read_text(), (ROOT / "docs/votes/performance.md").read_text()

    def row(text: str, begins: str) -> list[float]:
        line = re.findall(rf"^\| {begins}[^|]*\|(.*)\|$", text, re.MULTILINE)[0]
        return [float(found) for found in re.findall(r"[\d.]+", line.replace(",", ""))]

    designs = ("plain", "direct", "idempotent", "sluice")
    wrong = [row(recorded, rf"{one} \| 5,742")[-1] for one in designs]
    assert row(first, "of 5,742 votes") == wrong
    assert row(first, "dollars a million") == [row(recorded, f"{one}, 1 ")[-1] for one in designs]
    plain, idempotent, direct, sluice, *_ = row(recorded, r"write (?=\|)")
    assert row(first, "µs of CPU") == [round(one) for one in (plain, direct, idempotent, sluice)]
