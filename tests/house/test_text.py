"""How text is written: docs one sentence a line, Terraform and YAML no wider than code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.house.sources import files, lines

WIDTH = 120
# A sentence's end within a line: a mark, something that closes, a blank, and what begins one.
ENDS = re.compile(r'[.!?][)"”*_`]* +(?=[A-Z“"(`*\[…])')
NO_END = re.compile(r"(?:\be\.g|\bi\.e|\bvs|\bcf)\. ")


def test_docs_have_one_sentence_a_line() -> None:
    found = {
        name: [line for line in _prose(lines(name)) if ENDS.search(NO_END.sub("", line))] for name in files("*.md")
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def _prose(text: list[str]) -> Iterator[str]:
    """Lines of paragraphs and lists; neither code, tables, headings nor quotations."""
    fenced = False
    for line in text:
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.lstrip().startswith(("#", "|", ">", "<", "![")):
            yield re.sub(r"^\s*(?:[-*]|\d+\.) ", "", line)


def test_no_line_is_wider_than_code() -> None:
    wide = []
    for name in files("*.tf", "*.hcl", "*.yml", "*.yaml", "*.mk", "Makefile", ".ci/*"):
        wide += [f"{name}:{number}" for number, line in enumerate(lines(name), 1) if len(line) > WIDTH]
    assert wide == []


# of ours: a module's source, a file of a release, the variable of `make release`
RELEASE = re.compile(r"sluice(?:\.git//\S+\?ref=|/)v([0-9]\S*?\.[0-9]+\.[0-9]+)|\bVERSION=v?(\d+\.\d+\.\d+)")
ANOTHERS = "VERSION=1.11.4"  # Terraform's


def test_an_example_names_no_release_that_there_is_not() -> None:
    """It says vX.Y.Z, the newest tag, or the changelog's newest version."""
    newest = re.search(r"^## (\d\S*)", "\n".join(lines("CHANGELOG.md")), re.MULTILINE)
    known = {newest[1]} if newest else set[str]()
    named = {
        (name, found[1] or found[2])
        for name in files("*.md", "*.tf", "Makefile")
        for found in RELEASE.finditer("\n".join(lines(name)).replace(ANOTHERS, ""))
    }
    assert {(name, version) for name, version in named if version not in known} == set()
